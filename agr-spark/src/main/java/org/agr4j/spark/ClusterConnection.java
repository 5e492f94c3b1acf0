package org.agr4j.spark;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.agr4j.input.BadInputException;
import org.agr4j.launch.LaunchSettings;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;

/** Opens a connection to a cluster with what DL4J needs there. */
final class ClusterConnection {
  /** Trains in this process, with two workers. */
  static final String LOCAL = "local[2]";

  private static final int CONNECT_MILLIS = 5_000;

  /**
   * For Aeron, which otherwise takes a publication for dead that waits behind a long step; and for
   * ND4J, whose arrays live outside the Java heap.
   */
  private static final Map<String, String> PROPERTIES =
      Map.of(
          "aeron.publication.unblock.timeout", "60000000000",
          "org.bytedeco.javacpp.maxbytes", "0",
          "org.bytedeco.javacpp.maxphysicalbytes", "0");

  /**
   * For executors alone: numbers in messages are the same in any language of their machine, and
   * Java says nothing of JavaCPP's native libraries.
   */
  private static final String EXECUTOR_OPTIONS =
      "-Duser.language=en -Duser.country=US -Duser.script= -Duser.variant= -Duser.extensions="
          + " --enable-native-access=ALL-UNNAMED";

  private ClusterConnection() {}

  /**
   * Connects to a cluster. What spark-submit or {@code given} sets is left as it is.
   *
   * @param master Spark's master; null for spark-submit's, or {@link #LOCAL} if there is none
   * @param workers how many tasks will train at the same time
   * @param coresPerWorker processors of each
   * @param addresses on which this process listens
   * @param given settings of Spark
   * @throws BadInputException if the master cannot be reached, executors of other machines would
   *     have no address of this one, or Spark does not start
   */
  static JavaSparkContext open(
      String master,
      int workers,
      int coresPerWorker,
      DriverAddresses addresses,
      Map<String, String> given) {
    SparkConf conf = new PageAddressConf(addresses.page());
    given.forEach(conf::set);
    if (master != null) {
      conf.setMaster(master);
    }
    conf.setIfMissing("spark.master", LOCAL);
    conf.setIfMissing("spark.app.name", "agr spark-train");
    InetAddress towardsMaster = requireReachable(conf.get("spark.master"));
    addresses.set(conf, towardsMaster);
    if (!conf.get("spark.master").startsWith("local")) {
      conf.setIfMissing("spark.executor.cores", String.valueOf(coresPerWorker));
      conf.setIfMissing("spark.task.cpus", String.valueOf(coresPerWorker));
      conf.setIfMissing("spark.cores.max", String.valueOf(workers * coresPerWorker));
      conf.setIfMissing("spark.executorEnv.OMP_NUM_THREADS", String.valueOf(coresPerWorker));
      // Gradient sharing starts with whom it finds.
      conf.setIfMissing("spark.scheduler.minRegisteredResourcesRatio", "1.0");
    }
    conf.setIfMissing("spark.executor.memory", "2g");
    conf.setIfMissing("spark.executor.heartbeatInterval", "2s");
    conf.setIfMissing("spark.kryo.registrator", "org.nd4j.kryo.Nd4jRegistrator");
    LaunchSettings.environment()
        .forEach((name, value) -> conf.setIfMissing("spark.executorEnv." + name, value));
    StringBuilder java = new StringBuilder(EXECUTOR_OPTIONS);
    PROPERTIES.forEach((name, value) -> java.append(" -D").append(name).append('=').append(value));
    java.append(' ').append(conf.get("spark.executor.extraJavaOptions", ""));
    conf.set("spark.executor.extraJavaOptions", java.toString().strip());
    PROPERTIES.forEach(System::setProperty);
    addThisJar(conf);
    requireLocalFolder(conf);
    try {
      return new JavaSparkContext(conf);
    } catch (Exception e) {
      // Scala throws checked exceptions without saying so.
      if (e instanceof SparkException
          || e instanceof IllegalArgumentException
          || e instanceof IllegalStateException
          || e instanceof NullPointerException) {
        throw new BadInputException(
            "Spark does not start with --master %s: %s"
                .formatted(conf.get("spark.master"), e.getMessage()),
            e);
      }
      throw e;
    }
  }

  /** Spark would end this process without a word of its own where it can write to no folder. */
  private static void requireLocalFolder(SparkConf conf) {
    List<String> folders =
        List.of(
            Objects.requireNonNullElse(
                    System.getenv("SPARK_LOCAL_DIRS"),
                    conf.get("spark.local.dir", System.getProperty("java.io.tmpdir")))
                .split(","));
    for (String folder : folders) {
      try {
        Files.createDirectories(Path.of(folder));
        Files.delete(Files.createTempFile(Path.of(folder), "agr", ".part"));
        return;
      } catch (IOException | InvalidPathException e) {
        // one of them is enough
      }
    }
    throw new BadInputException(
        "Spark cannot write to %s; name a folder with --conf spark.local.dir=DIR"
            .formatted(String.join(" or ", folders)));
  }

  /** The jar of everything but Spark, where this runs from one. */
  private static void addThisJar(SparkConf conf) {
    try {
      Path here =
          Path.of(
              ClusterConnection.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (here.toString().endsWith(".jar")) {
        conf.setIfMissing("spark.jars", here.toString());
      }
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the place of a class is always a URI", e);
    }
  }

  /**
   * The address of this machine that leads to a standalone master; null with masters of other
   * kinds. Spark itself would try for a minute, and then stop without saying so to its caller.
   */
  private static InetAddress requireReachable(String master) {
    if (!master.startsWith("spark://")) {
      return null;
    }
    String last = null;
    for (String address : master.substring("spark://".length()).split(",")) {
      int colon = address.lastIndexOf(':');
      try (Socket socket = new Socket()) {
        if (colon < 1) {
          throw new IOException("it has no port");
        }
        int port = Integer.parseInt(address.substring(colon + 1));
        socket.connect(new InetSocketAddress(address.substring(0, colon), port), CONNECT_MILLIS);
        return socket.getLocalAddress();
      } catch (IOException | IllegalArgumentException e) {
        last = e.getMessage();
      }
    }
    throw new BadInputException(
        "--master %s cannot be reached (%s), expected a running Spark master"
            .formatted(master, last));
  }
}
