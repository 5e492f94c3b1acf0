package org.agr4j.spark;

import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A Spark standalone cluster on this machine's loopback interface: a master and workers of one
 * core, each a process of its own, with Spark's libraries alone on their class path.
 */
final class StandaloneCluster implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 120;

  private final Path folder;
  private final int port;
  private final Process master;
  private final List<Process> workers = new ArrayList<>();

  StandaloneCluster(Path folder, int count) throws IOException {
    this.folder = folder;
    // Where executors look for Spark's libraries, as in an installation.
    Path jars = Files.createDirectories(folder.resolve("home/jars"));
    for (String jar : classPath().split(File.pathSeparator)) {
      Files.createSymbolicLink(jars.resolve(Path.of(jar).getFileName()), Path.of(jar));
    }
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    master =
        start(
            "master",
            "org.apache.spark.deploy.master.Master",
            List.of("--host", "127.0.0.1", "--port", String.valueOf(port), "--webui-port", "0"));
    await("the master", this::answers);
    for (int i = 0; i < count; i++) {
      startWorker();
    }
  }

  String url() {
    return "spark://127.0.0.1:" + port;
  }

  void startWorker() throws IOException {
    int number = workers.size() + 1;
    String name = "worker" + number;
    workers.add(
        start(
            name,
            "org.apache.spark.deploy.worker.Worker",
            List.of(
                "--host",
                "127.0.0.1",
                "--cores",
                "1",
                "--memory",
                "3g",
                "--webui-port",
                "0",
                "--work-dir",
                folder.resolve(name).toString(),
                url())));
    await(name, () -> log(name).contains("Successfully registered with master"));
  }

  private boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private Process start(String name, String mainClass, List<String> args) throws IOException {
    List<String> command = java();
    command.add("-Xmx256m");
    command.addAll(List.of("-cp", classPath(), mainClass));
    command.addAll(args);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("SPARK_HOME", folder.resolve("home").toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.12");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder.redirectErrorStream(true).redirectOutput(folder.resolve(name + ".log").toFile());
    return builder.start();
  }

  /** The Java of this test, opened as Spark wants it. */
  static List<String> java() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + Path.of("java-options").toAbsolutePath());
    return command;
  }

  /** Spark's libraries. */
  static String classPath() {
    try {
      return Files.readString(Path.of("spark-libraries/target/spark.classpath")).strip();
    } catch (IOException e) {
      throw new IllegalStateException("agr-spark/spark-libraries is not built", e);
    }
  }

  /** What the process of that name wrote so far. */
  private String log(String name) {
    try {
      return Files.readString(folder.resolve(name + ".log"));
    } catch (IOException e) {
      return "";
    }
  }

  /** Master, workers and executors that run now. */
  Stream<ProcessHandle> processes() {
    return Stream.concat(
        Stream.of(master.toHandle()),
        Stream.concat(workers.stream().map(Process::toHandle), executors().stream()));
  }

  /** Executors that run now. */
  List<ProcessHandle> executors() {
    return workers.stream()
        .flatMap(worker -> worker.toHandle().descendants())
        .filter(ProcessHandle::isAlive)
        .toList();
  }

  /** What executors, dead ones too, wrote so far. */
  List<String> executorLogs() {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.endsWith("stderr")).map(StandaloneCluster::read).toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }

  /** kill -9 to a worker and, as if its machine were gone, its executors; another takes over. */
  void loseWorker() throws IOException {
    Process lost = workers.get(workers.size() - 1);
    lost.toHandle().descendants().forEach(ProcessHandle::destroyForcibly);
    lost.destroyForcibly();
  }

  static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError(what + " did not come in " + PATIENCE_SECONDS + " s");
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** The jar that goes to the cluster. */
  static File jar() {
    return new File("target/agr-spark-cluster.jar").getAbsoluteFile();
  }

  @Override
  public void close() {
    for (Process process : workers) {
      process.toHandle().descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    master.destroyForcibly();
  }
}
