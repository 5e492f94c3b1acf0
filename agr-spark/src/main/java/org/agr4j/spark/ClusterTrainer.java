package org.agr4j.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.agr4j.cli.ShellCommand;
import org.agr4j.data.BadInputException;
import org.agr4j.data.ImageSplits;
import org.agr4j.train.Checkpoints;
import org.agr4j.train.DataDigest;
import org.agr4j.train.DivergedException;
import org.agr4j.train.EnvironmentFile;
import org.agr4j.train.EpochMeter;
import org.agr4j.train.EpochMetrics;
import org.agr4j.train.MetricsFile;
import org.agr4j.train.Pace;
import org.agr4j.train.ProgressReport;
import org.agr4j.train.RunFolder;
import org.agr4j.train.SettingsFile;
import org.agr4j.train.TrainResult;
import org.agr4j.train.TrainSettings;
import org.agr4j.train.TrainingState;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * Trains a network on a Spark cluster: the batches are exported once, each epoch goes over them in
 * an order of its own and ends with a test on the cluster. Metrics, checkpoints and the model are
 * those of {@link org.agr4j.train.Trainer}, in a folder on the driver.
 *
 * <pre>{@code
 * ClusterTrainer trainer = new ClusterTrainer(spark, settings, options, data, folder, SILENT);
 * TrainResult result = trainer.train();
 * }</pre>
 */
public final class ClusterTrainer {
  private final JavaSparkContext spark;
  private final ClusterSettings settings;
  private final TrainSettings training;
  private final ClusterOptions options;
  private final ImageSplits data;
  private final RunFolder folder;
  private final ProgressReport report;
  private final Checkpoints checkpoints;

  /**
   * For a run.
   *
   * @param spark the cluster
   * @param settings what to run
   * @param options how to run it
   * @param data images
   * @param folder where results go, on this machine
   * @param report is told how it goes
   */
  public ClusterTrainer(
      JavaSparkContext spark,
      ClusterSettings settings,
      ClusterOptions options,
      ImageSplits data,
      RunFolder folder,
      ProgressReport report) {
    if (settings.mode() == ClusterMode.SHARING && spark.isLocal()) {
      throw new BadInputException(
          "--mode is sharing with --master "
              + spark.master()
              + ", expected a cluster such as spark://HOST:7077, or --mode averaging");
    }
    this.spark = spark;
    this.settings = settings;
    this.training = settings.training();
    this.options = options;
    this.data = data;
    this.folder = folder;
    this.report = report;
    this.checkpoints = new Checkpoints(folder, options.keepCheckpoints());
  }

  /**
   * Trains from random weights and saves.
   *
   * @return metrics and network
   * @throws DivergedException if the loss becomes infinite or NaN
   * @throws StalledException if the cluster does nothing for too long
   * @throws BadInputException if a file cannot be read or written, or the cluster fails
   */
  public TrainResult train() {
    EnvironmentFile.write(folder, configuration());
    DataDigest.of(data).write(folder);
    folder.write(RunFolder.SETTINGS, settings.yaml());
    return start();
  }

  /**
   * Continues a run from its newest readable checkpoint, or from the start if it has none.
   *
   * @return metrics and network of the whole run
   * @throws BadInputException as {@link #train}, or if the run was begun with other settings
   */
  public TrainResult resume() {
    requireSameSettings(folder, settings);
    DataDigest.require(folder, training, data);
    folder.removeParts();
    Optional<Checkpoints.Restored> restored = checkpoints.newest(settings.yaml(), report);
    if (restored.isEmpty()) {
      return start();
    }
    TrainingState state = restored.get().state();
    report.note("Resuming in epoch %d after %,d images.".formatted(state.epoch(), state.images()));
    return run(restored.get().graph(), state.meter(), new ArrayList<>(state.epochs()));
  }

  /** As {@link org.agr4j.train.Trainer#requireSameSettings}. */
  static void requireSameSettings(RunFolder folder, ClusterSettings settings) {
    SettingsFile.requireSame(
        folder.path().resolve(RunFolder.SETTINGS),
        folder.read(RunFolder.SETTINGS),
        settings.yaml());
  }

  private TrainResult start() {
    ComputationGraph graph = new ComputationGraph(configuration());
    graph.init();
    return run(graph, new EpochMeter(1), new ArrayList<>());
  }

  private ComputationGraphConfiguration configuration() {
    return training
        .optimizer()
        .choice()
        .configure(training, data.train(), settings.stepsPerEpoch());
  }

  private TrainResult run(ComputationGraph graph, EpochMeter begun, List<EpochMetrics> epochs) {
    BatchFolder batches =
        BatchFolder.export(
            options.batches() == null
                ? folder.path().resolve("batches").toAbsolutePath().toUri().toString()
                : options.batches(),
            training,
            data,
            spark.hadoopConfiguration(),
            images -> {});
    try (ClusterEpoch epoch =
        new ClusterEpoch(
            spark,
            settings,
            options,
            data,
            batches,
            new Pace(training, begun),
            report,
            "go on from the last checkpoint with --resume " + ShellCommand.word(folder.path()))) {
      epoch.checkBatches();
      EpochMeter meter = begun;
      while (meter.epoch() <= training.epochs()) {
        epoch.train(graph, meter, now -> save(graph, now, epochs));
        EpochMetrics metrics = epoch.test(graph, meter);
        epochs.add(metrics);
        meter = new EpochMeter(meter.epoch() + 1);
        MetricsFile.write(folder, epochs);
        save(graph, meter, epochs);
        report.epochEnd(metrics);
      }
      epoch.end();
    }
    TrainResult result = TrainResult.save(training, epochs, graph, folder);
    checkpoints.removeAll();
    return result;
  }

  private void save(ComputationGraph graph, EpochMeter meter, List<EpochMetrics> epochs) {
    checkpoints.save(TrainingState.at(settings.yaml(), meter, epochs), graph);
  }
}
