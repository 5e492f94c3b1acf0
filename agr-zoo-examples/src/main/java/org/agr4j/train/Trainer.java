package org.agr4j.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.agr4j.data.ImageIterator;
import org.agr4j.data.ImageSplits;
import org.agr4j.layers.cpu.FastCpuLayers;
import org.agr4j.stats.AgrStatsListener;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Trains a network: each epoch goes over the training images once, in an order of its own, and ends
 * with a test.
 *
 * <pre>{@code
 * ImageSplits data = DatasetChoice.CIFAR100.read(archive, 5000, 1000);
 * TrainResult result =
 *     Trainer.train(settings, data, RunFolder.create(folder), RunOptions.DEFAULT, SILENT);
 * System.out.println(result.last().top1());
 * }</pre>
 *
 * <p>A run that was interrupted, however, continues from its last checkpoint with {@link #resume},
 * to the same bits as if it had not been.
 */
public final class Trainer {
  private final TrainSettings settings;
  private final ImageSplits data;
  private final RunFolder folder;
  private final RunOptions options;
  private final ProgressReport report;
  private final Checkpoints checkpoints;

  private Trainer(
      TrainSettings settings,
      ImageSplits data,
      RunFolder folder,
      RunOptions options,
      ProgressReport report) {
    if (settings.limitTrain() != data.train().size()
        || settings.limitTest() != data.test().size()) {
      throw new IllegalArgumentException(
          "data has %d training and %d test images, expected %d and %d"
              .formatted(
                  data.train().size(),
                  data.test().size(),
                  settings.limitTrain(),
                  settings.limitTest()));
    }
    this.settings = settings;
    this.data = data;
    this.folder = folder;
    this.options = options;
    this.report = report;
    this.checkpoints = new Checkpoints(folder, options.keepCheckpoints());
  }

  /**
   * Trains from random weights and saves: settings and machine first, checkpoints on the way,
   * metrics after each epoch, the network at the end.
   *
   * @param settings what to run; the limits are the numbers of images in {@code data}
   * @param data images
   * @param folder where results go
   * @param options how to run it
   * @param report is told how it goes
   * @return metrics and network
   * @throws DivergedException if the loss becomes infinite or NaN
   * @throws org.agr4j.data.BadInputException if a result cannot be written
   */
  public static TrainResult train(
      TrainSettings settings,
      ImageSplits data,
      RunFolder folder,
      RunOptions options,
      ProgressReport report) {
    Trainer trainer = new Trainer(settings, data, folder, options, report);
    ComputationGraphConfiguration conf = trainer.configuration();
    EnvironmentFile.write(folder, conf);
    DataDigest.of(data).write(folder);
    folder.write(RunFolder.SETTINGS, SettingsFile.of(settings));
    return trainer.start(conf);
  }

  /**
   * Continues a run from its newest readable checkpoint, or from the start if it has none.
   *
   * @param settings what the run was begun with
   * @param data images
   * @param folder the run
   * @param options how to run it; they need not be those it was begun with
   * @param report is told how it goes, and of unreadable checkpoints
   * @return metrics and network of the whole run
   * @throws DivergedException if the loss becomes infinite or NaN
   * @throws org.agr4j.data.BadInputException if the run was begun with other settings, no
   *     checkpoint can be read, or a result cannot be written
   */
  public static TrainResult resume(
      TrainSettings settings,
      ImageSplits data,
      RunFolder folder,
      RunOptions options,
      ProgressReport report) {
    Trainer trainer = new Trainer(settings, data, folder, options, report);
    requireSame(folder, settings, data);
    folder.removeParts();
    Optional<Checkpoints.Restored> restored =
        trainer.checkpoints.newest(SettingsFile.of(settings), report);
    if (restored.isEmpty()) {
      return trainer.start(trainer.configuration());
    }
    TrainingState state = restored.get().state();
    report.note("Resuming in epoch %d after %,d images.".formatted(state.epoch(), state.images()));
    return trainer.run(
        restored.get().graph(),
        state.meter(),
        new ArrayList<>(state.epochs()),
        restored.get().statistics());
  }

  /**
   * Makes sure that a folder holds a run of these settings and images, finished or not. Where the
   * images lie now is noted in the run's settings.
   *
   * @param folder the run
   * @param settings what it should have been begun with
   * @param data its images
   * @throws org.agr4j.data.BadInputException if it was begun with others
   */
  public static void requireSame(RunFolder folder, TrainSettings settings, ImageSplits data) {
    requireSameSettings(folder, settings);
    DataDigest.require(folder, settings, data);
  }

  /**
   * Makes sure that a folder holds a run of these settings, wherever its images lie.
   *
   * @param folder the run
   * @param settings what it should have been begun with
   * @throws org.agr4j.data.BadInputException if it was begun with others
   */
  public static void requireSameSettings(RunFolder folder, TrainSettings settings) {
    SettingsFile.requireSame(
        folder.path().resolve(RunFolder.SETTINGS),
        folder.read(RunFolder.SETTINGS),
        SettingsFile.of(settings));
  }

  private ComputationGraphConfiguration configuration() {
    return settings.optimizer().choice().configure(settings, data.train());
  }

  private TrainResult start(ComputationGraphConfiguration conf) {
    ComputationGraph graph = new ComputationGraph(conf);
    graph.init();
    return run(graph, new EpochMeter(1), new ArrayList<>(), null);
  }

  private TrainResult run(
      ComputationGraph graph,
      EpochMeter begun,
      List<EpochMetrics> epochs,
      AgrStatsListener statisticsSoFar) {
    report.layers(FastCpuLayers.install(graph));
    List<TrainingListener> listeners = new ArrayList<>(options.listeners());
    if (settings.gradientClipping() > 0) {
      listeners.add(new GradientClipping(settings.gradientClipping()));
    }
    AgrStatsListener statistics = statisticsSoFar;
    if (statistics == null && (options.statistics() || StatisticsFile.isBegun(folder))) {
      StatisticsFile.begin(folder); // so that whoever resumes this run goes on with them
      if (begun.images() > 0) {
        report.note("Statistics of epoch %d are of its rest only.".formatted(begun.epoch()));
      }
      statistics = new AgrStatsListener();
    }
    if (statistics != null) {
      listeners.add(statistics);
    }
    graph.setListeners(listeners);
    ImageIterator test =
        ImageIterator.inOrder(data.test(), data.standardization(), settings.batchSize());
    try (ImageIterator train =
        ImageIterator.augmented(
            data.train(),
            data.standardization(),
            settings.batchSize(),
            settings.seed(),
            settings.augment().forImages(data.train()),
            options.workers())) {
      if (settings.labelSmoothing() > 0) {
        train.setPreProcessor(new LabelSmoothing(settings.labelSmoothing()));
      }
      Pace pace = new Pace(settings, begun);
      EpochMeter meter = begun;
      while (meter.epoch() <= settings.epochs()) {
        trainEpoch(graph, train, meter, epochs, pace, statistics);
        if (statistics != null) {
          StatisticsFile.add(folder, statistics.endedEpoch());
        }
        EpochMetrics metrics = measure(graph, test, meter);
        epochs.add(metrics);
        meter = new EpochMeter(meter.epoch() + 1);
        MetricsFile.write(folder, epochs);
        save(graph, meter, epochs, statistics);
        report.epochEnd(metrics);
      }
    }
    graph.setListeners();
    TrainResult result = TrainResult.save(settings, epochs, graph, folder);
    checkpoints.removeAll();
    return result;
  }

  /** As DL4J's fit of an iterator, but able to begin and to save in the middle. */
  private void trainEpoch(
      ComputationGraph graph,
      ImageIterator train,
      EpochMeter meter,
      List<EpochMetrics> before,
      Pace pace,
      AgrStatsListener statistics) {
    train.skipTo(meter.epoch() - 1, meter.images());
    if (meter.images() == 0) {
      graph.getListeners().forEach(listener -> listener.onEpochStart(graph));
    }
    long saved = System.nanoTime();
    while (train.hasNext()) {
      long start = System.nanoTime();
      DataSet batch = train.next();
      // Dropout draws from it. A function of the position, so that a resumed run draws the same.
      Nd4j.getRandom().setSeed(randomSeed(meter));
      // DL4J's score includes L2; without it the losses of all optimizers are of one kind.
      double penalty = graph.calcRegularizationScore(true);
      graph.fit(batch);
      double loss = finite(graph.score() - penalty, meter);
      meter.add(batch.numExamples(), loss, (System.nanoTime() - start) / 1e9);
      report.step(pace.after(meter));
      long millis = (System.nanoTime() - saved) / 1_000_000;
      if (train.hasNext() && millis >= options.checkpointEvery().toMillis()) {
        save(graph, meter, before, statistics);
        saved = System.nanoTime();
      }
    }
    graph.getListeners().forEach(listener -> listener.onEpochEnd(graph));
    graph.incrementEpochCount();
  }

  private long randomSeed(EpochMeter meter) {
    return (settings.seed() * 1_000_003L + meter.epoch()) * 1_000_003L + meter.images();
  }

  private double finite(double loss, EpochMeter meter) {
    if (!Double.isFinite(loss)) {
      throw new DivergedException(
          "training diverged: the loss is %s in step %d of epoch %d; lower --learning-rate (now %s)"
              .formatted(
                  loss,
                  meter.images() / settings.batchSize() + 1,
                  meter.epoch(),
                  settings.learningRate().initial()));
    }
    return loss;
  }

  private void save(
      ComputationGraph graph,
      EpochMeter meter,
      List<EpochMetrics> epochs,
      AgrStatsListener statistics) {
    checkpoints.save(TrainingState.at(SettingsFile.of(settings), meter, epochs), graph, statistics);
  }

  private static EpochMetrics measure(
      ComputationGraph graph, ImageIterator test, EpochMeter meter) {
    long start = System.nanoTime();
    Scores scores = Scores.of(graph, test);
    if (!Double.isFinite(scores.loss())) {
      throw new DivergedException(
          "training diverged: the test loss is %s after epoch %d; lower --learning-rate"
              .formatted(scores.loss(), meter.epoch()));
    }
    return EpochMetrics.of(meter, scores, (System.nanoTime() - start) / 1e9);
  }
}
