package org.agr4j.spark;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.agr4j.benchmark.Machine;
import org.agr4j.cli.CommandRunner;
import org.agr4j.cli.Display;
import org.agr4j.cli.OneRunOptions;
import org.agr4j.cli.ShellCommand;
import org.agr4j.compare.Arm;
import org.agr4j.data.BadInputException;
import org.agr4j.data.ImageSplits;
import org.agr4j.data.ProcessLock;
import org.agr4j.report.Comparison;
import org.agr4j.report.ComparisonReport;
import org.agr4j.train.EpochMetrics;
import org.agr4j.train.RunFolder;
import org.agr4j.train.TrainResult;
import org.agr4j.train.TrainSettings;
import org.agr4j.updater.AgrMode;
import org.apache.spark.api.java.JavaSparkContext;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code agr spark-train}, and the class to give to spark-submit. */
@Command(
    name = "agr spark-train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Train a network on a Spark cluster.",
    description = {
      "%nThe options of @|bold agr train|@, and some for the cluster. Without @|bold --master|@ it "
          + "trains in this process with two workers. The batches are exported once, to a folder "
          + "that every worker must be able to reach (@|bold --batches|@).",
      "%nΨ is not linear: on a cluster it is Ψ of each worker's gradient, in both modes, and not of "
          + "the mean gradient as on one machine with the larger batch. See docs/spark.md.%n"
    },
    footer = {
      "%nExample:%n  agr spark-train --master spark://HOST:7077 --driver-address 10.1.0.5 "
          + "--workers 4 --batches hdfs:///agr/batches --dataset cifar100 --download"
    })
public final class SparkTrain implements Callable<Integer> {
  private static final long LONGEST_END_MILLIS = 20_000;

  @Spec private CommandSpec spec;

  @Mixin private ClusterCommandOptions cluster;

  @Option(
      names = "--mode",
      paramLabel = "NAME",
      defaultValue = "averaging",
      description =
          "averaging: workers train apart, then parameters and optimizer states are averaged; "
              + "sharing: large elements of each update go to all others over UDP (default "
              + "${DEFAULT-VALUE}).")
  private ClusterMode mode;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description =
          "Networks that train at the same time; each has batches of --batch-size. Default N of "
              + "local[N], otherwise 2.")
  private Integer workers;

  @Option(
      names = "--averaging-frequency",
      paramLabel = "N",
      defaultValue = "5",
      description = "averaging: steps of a worker between two averages (default ${DEFAULT-VALUE}).")
  private int averagingFrequency;

  @Mixin private OneRunOptions options;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Folder for the results, new or empty. Default runs/MODEL-DATA-OPTIMIZER-spark-TIME.")
  private Path out;

  @Option(
      names = "--resume",
      paramLabel = "DIR",
      description = "Continue the run in that folder from its last checkpoint.")
  private Path resume;

  /** Runs the command and ends the Java machine with its exit status. */
  public static void main(String[] args) {
    exit(CommandRunner.runInOwnProcess(commandLine(), args));
  }

  /** The command. */
  static CommandLine commandLine() {
    return new CommandLine(new SparkTrain())
        .registerConverter(
            ClusterMode.class,
            name -> {
              for (ClusterMode mode : ClusterMode.values()) {
                if (mode.toString().equalsIgnoreCase(name)) {
                  return mode;
                }
              }
              throw new CommandLine.TypeConversionException(
                  "found '" + name + "', expected averaging, sharing");
            });
  }

  /** Ends also where a lost worker's connections keep others from ending. */
  private static void exit(int status) {
    Thread last =
        new Thread(
            () -> {
              try {
                Thread.sleep(LONGEST_END_MILLIS);
              } catch (InterruptedException e) {
                // then at once
              }
              Runtime.getRuntime().halt(status);
            },
            "end");
    last.setDaemon(true);
    last.start();
    System.exit(status);
  }

  @Override
  public Integer call() {
    PrintWriter lines = spec.commandLine().getOut();
    if (resume != null && out != null) {
      throw new BadInputException("--resume and --out exclude each other");
    }
    RunFolder begun = resume == null ? null : RunFolder.existing(resume);
    ClusterOptions how = cluster.carriedOut();
    DriverAddresses addresses = cluster.addresses();
    TrainSettings training = options.settings();
    ClusterSettings settings =
        new ClusterSettings(
            training,
            mode,
            workers == null ? cluster.defaultWorkers() : workers,
            averagingFrequency);
    if (begun != null && begun.isFinished()) {
      ClusterTrainer.requireSameSettings(begun, settings);
      OneRunOptions.requireSameData(begun, training);
      lines.println("Nothing to do: the run in " + resume + " is finished.");
      return 0;
    }
    OneRunOptions.requireData(training, "spark-train", resume);
    ImageSplits images = OneRunOptions.load(training);
    RunFolder run =
        begun != null
            ? begun
            : RunFolder.create(out == null ? OneRunOptions.folder(training, "spark") : out);
    ProcessLock lock = run.lock();
    JavaSparkContext spark = cluster.connect(settings.workers());
    try {
      lines.println(training.summary(images.train().classes()));
      lines.println(
          "On %s: %d workers, %s; batches of %d for each."
              .formatted(
                  spark.master(),
                  settings.workers(),
                  mode == ClusterMode.SHARING
                      ? "sharing gradients"
                      : "averaging every " + averagingFrequency + " steps",
                  training.batchSize()));
      addresses.warnings(spark.getConf()).forEach(lines::println);
      ClusterTrainer trainer =
          new ClusterTrainer(spark, settings, how, images, run, Display.choose(lines));
      TrainResult result = begun == null ? trainer.train() : trainer.resume();
      Path page = report(settings, result, run, spark.master());
      EpochMetrics last = result.last();
      lines.println(
          "Done: top-1 %.1f%%, top-5 %.1f%% of %,d test images. Results are in %s, the report is %s."
              .formatted(
                  100 * last.top1(), 100 * last.top5(), training.limitTest(), run.path(), page));
      return 0;
    } finally {
      close(spark);
      lock.close();
    }
  }

  private Path report(ClusterSettings settings, TrainResult result, RunFolder run, String where) {
    TrainSettings training = settings.training();
    AgrMode agr = training.optimizer().agrMode();
    Arm arm = new Arm(training.optimizer().choice(), agr == AgrMode.OFF ? null : agr, null);
    ComparisonReport.write(
        new Comparison(
            "%s, width %d, on %s images, on Spark"
                .formatted(training.model(), training.width(), training.dataTitle()),
            List.of(
                "%s, %d workers, %s, averaging frequency %d"
                    .formatted(
                        where, settings.workers(), settings.mode(), settings.averagingFrequency()),
                "%,d training images, %,d test images, %d epochs, batches of %d for each worker"
                    .formatted(
                        training.limitTrain(),
                        training.limitTest(),
                        training.epochs(),
                        training.batchSize()),
                "driver: " + Machine.here()),
            "./agr spark-train --config "
                + ShellCommand.word(run.path().resolve(RunFolder.SETTINGS)),
            training.optimizer().tensors(),
            Map.of(arm, new TreeMap<>(Map.of(training.seed(), result.epochs()))),
            Map.of(),
            Map.of()),
        run);
    return ComparisonReport.page(run);
  }

  /** Waits for a while only: with a worker lost in mid-epoch it may never end. */
  private static void close(JavaSparkContext spark) {
    Thread closing = new Thread(spark::close, "closing Spark");
    closing.setDaemon(true);
    closing.start();
    try {
      closing.join(LONGEST_END_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
