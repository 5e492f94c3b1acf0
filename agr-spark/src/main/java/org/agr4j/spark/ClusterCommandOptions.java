package org.agr4j.spark;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agr4j.cli.UiAddressOption;
import org.agr4j.input.BadInputException;
import org.agr4j.settings.Numbers;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that say on which cluster and how a run is carried out. */
final class ClusterCommandOptions {
  private static final Pattern LOCAL = Pattern.compile("local\\[(\\d+)(?:,\\d+)?]");
  private static final int DEFAULT_WORKERS = 2;
  private static final int MOST_CORES = 1024;
  private static final long SECONDS_OF_A_YEAR = 31_536_000;

  @Option(
      names = "--master",
      paramLabel = "URL",
      description =
          "spark://HOST:PORT, local[N], yarn, …; default spark-submit's, or "
              + ClusterConnection.LOCAL
              + ".")
  private String master;

  @Option(
      names = "--cores-per-worker",
      paramLabel = "N",
      defaultValue = "1",
      description = "Processors of each worker (default ${DEFAULT-VALUE}).")
  private int coresPerWorker;

  @Option(
      names = "--batches",
      paramLabel = "URI",
      description =
          "Where the batches are exported to, or were: a folder every worker can reach. Default a "
              + "folder in the run's, which is enough on one machine.")
  private String batches;

  @Mixin private UiAddressOption uiAddress;

  @Option(
      names = "--driver-address",
      paramLabel = "ADDRESS",
      description =
          "Address of this machine at which executors reach it; needed where they are on others. "
              + "Default 127.0.0.1, which only this machine reaches.")
  private String driverAddress;

  @Option(
      names = "--network-mask",
      paramLabel = "MASK",
      description =
          "sharing: addresses through which workers talk, for example 10.1.0.0/16. Default the "
              + "driver's, /24.")
  private String networkMask;

  @Option(
      names = "--stall-timeout",
      paramLabel = "SECONDS",
      defaultValue = "300",
      description =
          "End with a checkpoint to resume from if nothing was trained for so long (default "
              + "${DEFAULT-VALUE}).")
  private long stallSeconds;

  @Option(
      names = "--conf",
      paramLabel = "KEY=VALUE",
      description = "A setting of Spark; may be repeated.")
  private Map<String, String> conf = new LinkedHashMap<>();

  @Option(
      names = "--checkpoint-every",
      paramLabel = "MINUTES",
      defaultValue = "5",
      description =
          "averaging: save a checkpoint this often within an epoch; both: at its end (default "
              + "${DEFAULT-VALUE}).")
  private double checkpointMinutes;

  @Option(
      names = "--keep-checkpoints",
      paramLabel = "N",
      defaultValue = "2",
      description = "How many checkpoints are kept (default ${DEFAULT-VALUE}).")
  private int keepCheckpoints;

  /**
   * The options of the cluster, checked.
   *
   * @throws org.agr4j.input.BadInputException if a number is out of range
   */
  ClusterOptions carriedOut() {
    Numbers.between("--cores-per-worker", coresPerWorker, 1, MOST_CORES);
    Numbers.nonNegative("--checkpoint-every", checkpointMinutes);
    Numbers.between("--stall-timeout", stallSeconds, 1, SECONDS_OF_A_YEAR);
    return new ClusterOptions(
        batches,
        Duration.ofMillis(Math.round(60_000 * checkpointMinutes)),
        keepCheckpoints,
        Duration.ofSeconds(stallSeconds),
        networkMask);
  }

  /** As many workers as a local master has threads. */
  int defaultWorkers() {
    Matcher local =
        LOCAL.matcher(
            master != null ? master : new SparkConf().get("spark.master", ClusterConnection.LOCAL));
    if (!local.matches()) {
      return DEFAULT_WORKERS;
    }
    try {
      return Integer.parseInt(local.group(1));
    } catch (NumberFormatException e) {
      throw new BadInputException(
          "--master is local[" + local.group(1) + "], expected a number of threads", e);
    }
  }

  /** Connects to the cluster. */
  JavaSparkContext connect(int workers) {
    return ClusterConnection.open(master, workers, coresPerWorker, addresses(), conf);
  }

  /** Where this process listens. */
  DriverAddresses addresses() {
    return new DriverAddresses(
        uiAddress.address(),
        driverAddress == null
            ? null
            : UiAddressOption.ofThisMachine("--driver-address", driverAddress));
  }
}
