package org.agr4j.spark;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.agr4j.cli.CommandRunner;
import org.agr4j.cli.Display;
import org.agr4j.cli.PresetOptions;
import org.agr4j.cli.RunFolders;
import org.agr4j.cli.SettingOptions;
import org.agr4j.compare.Arm;
import org.agr4j.input.BadInputException;
import org.agr4j.launch.ShellCommand;
import org.agr4j.optimizer.OptimizerSettings;
import org.agr4j.report.Comparison;
import org.agr4j.report.ComparisonReport;
import org.agr4j.run.Machine;
import org.agr4j.run.ProcessLock;
import org.agr4j.run.RunFolder;
import org.agr4j.settings.Facts;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Settings;
import org.agr4j.task.classification.ClassificationTask;
import org.agr4j.train.Task;
import org.agr4j.train.TrainResult;
import org.agr4j.train.Trainer;
import org.agr4j.updater.AgrMode;
import org.apache.spark.api.java.JavaSparkContext;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code agr spark-train}, and the class to give to spark-submit. */
@Command(
    name = "agr spark-train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    modelTransformer = SparkTrain.WithSettings.class,
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

  @Mixin private PresetOptions presets;

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

  /** Makes the command {@code agr spark-train}. */
  static CommandLine commandLine() {
    return new CommandLine(new SparkTrain());
  }

  /** Settings are options of this command, those of the cluster too. */
  static final class WithSettings implements IModelTransformer {
    @Override
    public CommandSpec transform(CommandSpec spec) {
      SettingOptions.addTo(
          spec,
          Set.of(),
          List.of(
              ClusterSettings.MODE, ClusterSettings.WORKERS, ClusterSettings.AVERAGING_FREQUENCY));
      return spec;
    }
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
    RunFolder begun = RunFolders.begun(resume, out);
    ClusterOptions how = cluster.carriedOut();
    DriverAddresses addresses = cluster.addresses();
    SettingOptions options = new SettingOptions(spec);
    Integer workers = options.value(ClusterSettings.WORKERS);
    ClusterSettings settings =
        new ClusterSettings(
            options.settings(Map.of()),
            options.value(ClusterSettings.MODE),
            workers == null ? cluster.defaultWorkers() : workers,
            options.value(ClusterSettings.AVERAGING_FREQUENCY));
    if (begun != null && begun.isFinished()) {
      options.requireSame(begun, settings.run());
      lines.println("Nothing to do: the run in " + resume + " is finished.");
      return 0;
    }
    options.requireData(settings.run(), resume);
    ClassificationTask task = classification(options.open(settings.run(), null), settings);
    RunFolder run = begun == null ? RunFolders.create(out, settings.run(), task, "spark") : begun;
    ProcessLock lock = run.lock();
    JavaSparkContext spark = cluster.connect(settings.workers());
    try {
      lines.println(task.summary());
      lines.println(
          "On %s: %d workers, %s; batches of %d for each."
              .formatted(
                  spark.master(),
                  settings.workers(),
                  settings.mode() == ClusterMode.SHARING
                      ? "sharing gradients"
                      : "averaging every " + settings.averagingFrequency() + " steps",
                  settings.batchSize()));
      addresses.warnings(spark.getConf()).forEach(lines::println);
      TrainResult result = train(spark, settings, how, task, run, begun != null, lines);
      Path page = report(settings, task, result, run, spark.master());
      lines.println(
          "Done: %s. Results are in %s, the report is %s."
              .formatted(task.result(result.last()), run.path(), page));
      return 0;
    } finally {
      close(spark);
      lock.close();
    }
  }

  private static ClassificationTask classification(Task task, ClusterSettings settings) {
    if (task instanceof ClassificationTask images) {
      return images;
    }
    throw new BadInputException(
        "--model is %s, which is not trained on clusters yet, expected an image classifier"
            .formatted(settings.run().get(LoopSettings.MODEL)));
  }

  private static TrainResult train(
      JavaSparkContext spark,
      ClusterSettings settings,
      ClusterOptions how,
      ClassificationTask task,
      RunFolder run,
      boolean isBegun,
      PrintWriter lines) {
    String howToGoOn =
        "go on from the last checkpoint with --resume " + ShellCommand.word(run.path());
    try (ClusterEpochs epochs = new ClusterEpochs(spark, settings, how, task, run, howToGoOn)) {
      Trainer trainer =
          new Trainer(settings.run(), task, run, how.runOptions(), Display.choose(lines), epochs);
      return isBegun ? trainer.resume() : trainer.train();
    }
  }

  private static Path report(
      ClusterSettings settings,
      ClassificationTask task,
      TrainResult result,
      RunFolder run,
      String where) {
    Settings all = settings.run();
    AgrMode agr = all.get(OptimizerSettings.AGR_MODE);
    Arm arm = new Arm(all.get(OptimizerSettings.OPTIMIZER), agr == AgrMode.OFF ? null : agr, null);
    List<String> facts = new ArrayList<>();
    facts.add(
        "%s, %d workers, %s, averaging frequency %d"
            .formatted(where, settings.workers(), settings.mode(), settings.averagingFrequency()));
    facts.addAll(Facts.of(Map.of(arm.title(), all)));
    facts.add("driver: " + Machine.here());
    ComparisonReport.write(
        new Comparison(
            task.title() + ", on Spark",
            facts,
            "./agr spark-train --config "
                + ShellCommand.word(run.path().resolve(RunFolder.SETTINGS)),
            all.get(OptimizerSettings.TENSORS),
            task.measures(),
            Map.of(arm, new TreeMap<>(Map.of(all.get(LoopSettings.SEED), result.epochs()))),
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
