package org.agr4j.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.agr4j.data.Augmentation;
import org.agr4j.data.BadInputException;
import org.agr4j.data.ImageSplits;
import org.agr4j.train.Checkpoints;
import org.agr4j.train.DivergedException;
import org.agr4j.train.EnvironmentFile;
import org.agr4j.train.EpochMeter;
import org.agr4j.train.EpochMetrics;
import org.agr4j.train.MetricsFile;
import org.agr4j.train.Pace;
import org.agr4j.train.ProgressReport;
import org.agr4j.train.RunFolder;
import org.agr4j.train.Scores;
import org.agr4j.train.SettingsFile;
import org.agr4j.train.TrainResult;
import org.agr4j.train.TrainSettings;
import org.agr4j.train.TrainingState;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;

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
  private final LiveCounts live = new LiveCounts();

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
    SettingsFile.requireSame(
        folder.path().resolve(RunFolder.SETTINGS),
        folder.read(RunFolder.SETTINGS),
        settings.yaml());
    folder.removeParts();
    Optional<Checkpoints.Restored> restored = checkpoints.newest(settings.yaml(), report);
    if (restored.isEmpty()) {
      return start();
    }
    TrainingState state = restored.get().state();
    report.note("Resuming in epoch %d after %,d images.".formatted(state.epoch(), state.images()));
    return run(restored.get().graph(), state.meter(), new ArrayList<>(state.epochs()));
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
    spark.sc().addSparkListener(live);
    if (settings.mode() == ClusterMode.SHARING) {
      StepCounters counters = StepCounters.of(spark);
      BatchLoader loader = loader(Augmentation.NONE, 0, counters);
      watch(
          () ->
              BatchCheck.run(
                  spark, batches.trainPaths(batches.order(1)), loader, settings.workers()),
          counters,
          () -> {});
    }
    WindowTraining window =
        settings.mode() == ClusterMode.AVERAGING
            ? new ParameterAveraging(spark, settings)
            : new GradientSharing(spark, settings, data.train(), options.networkMask());
    Pace pace = new Pace(training, begun);
    EpochMeter meter = begun;
    while (meter.epoch() <= training.epochs()) {
      trainEpoch(graph, batches, window, meter, epochs, pace);
      EpochMetrics metrics = measure(graph, batches, meter);
      epochs.add(metrics);
      meter = new EpochMeter(meter.epoch() + 1);
      MetricsFile.write(folder, epochs);
      save(graph, meter, epochs);
      report.epochEnd(metrics);
    }
    window.close();
    spark.sc().removeSparkListener(live);
    TrainResult result =
        new TrainResult(
            training,
            List.copyOf(epochs),
            graph,
            folder.write(RunFolder.MODEL, out -> ModelSerializer.writeModel(graph, out, true)),
            folder.path().resolve(RunFolder.METRICS));
    checkpoints.removeAll();
    return result;
  }

  private void trainEpoch(
      ComputationGraph graph,
      BatchFolder batches,
      WindowTraining window,
      EpochMeter meter,
      List<EpochMetrics> before,
      Pace pace) {
    int epoch = meter.epoch() - 1;
    List<Integer> order = batches.order(meter.epoch());
    int done = done(order, batches, meter.images());
    long saved = System.nanoTime();
    while (done < order.size()) {
      List<Integer> next = order.subList(done, Math.min(done + window.batches(), order.size()));
      int iteration = epoch * settings.stepsPerEpoch() + done / settings.workers();
      graph.getConfiguration().setIterationCount(iteration);
      graph.getConfiguration().setEpochCount(epoch);
      trainWindow(graph, batches, next, window, epoch, iteration, meter, pace);
      done += next.size();
      if (done < order.size() && System.nanoTime() - saved >= options.checkpointEvery().toNanos()) {
        save(graph, meter, before);
        saved = System.nanoTime();
      }
    }
    // DL4J counts on the driver what it was asked for, not what was done.
    graph.getConfiguration().setIterationCount(meter.epoch() * settings.stepsPerEpoch());
    graph.getConfiguration().setEpochCount(meter.epoch());
  }

  /** Batches that some first images of an epoch make up. */
  private static int done(List<Integer> order, BatchFolder batches, int images) {
    int count = 0;
    for (int left = images; left > 0; count++) {
      left -= batches.size(order.get(count));
    }
    return count;
  }

  private void trainWindow(
      ComputationGraph graph,
      BatchFolder batches,
      List<Integer> numbers,
      WindowTraining window,
      int epoch,
      int iteration,
      EpochMeter meter,
      Pace pace) {
    StepCounters counters = StepCounters.of(spark);
    BatchLoader loader = loader(training.augment().forImages(data.train()), epoch, counters);
    WorkerStep step = new WorkerStep(settings, epoch, iteration, counters);
    long start = System.nanoTime();
    watch(
        () -> window.train(graph, batches.trainPaths(numbers), loader, step),
        counters,
        () -> {
          long images = counters.images().value() + live.images();
          if (images > 0) {
            EpochMeter soFar =
                new EpochMeter(
                    meter.epoch(), meter.images(), meter.lossSum(), meter.trainSeconds());
            double loss = (counters.lossSum().value() + live.lossSum()) / images;
            int expected = numbers.stream().mapToInt(batches::size).sum();
            soFar.add((int) Math.min(images, expected), loss, (System.nanoTime() - start) / 1e9);
            report.step(pace.after(soFar));
          }
        });
    int images = numbers.stream().mapToInt(batches::size).sum();
    long counted = counters.images().value();
    requireNoFailures(counters);
    if (counted < images) {
      throw new BadInputException(
          "only %,d of %,d images were trained on, perhaps since a worker was lost; %s"
              .formatted(counted, images, howToGoOn()));
    }
    double loss = finite(counters.lossSum().value() / counted, "training loss", meter.epoch());
    meter.add(images, loss, (System.nanoTime() - start) / 1e9);
    report.step(pace.after(meter));
  }

  private String howToGoOn() {
    return "go on from the last checkpoint with --resume " + folder.path();
  }

  private static void requireNoFailures(StepCounters counters) {
    if (!counters.failures().value().isEmpty()) {
      throw new BadInputException(counters.failures().value().get(0));
    }
  }

  private BatchLoader loader(Augmentation augmentation, int epoch, StepCounters counters) {
    return new BatchLoader(
        data.standardization(),
        augmentation,
        training.seed(),
        epoch,
        training.labelSmoothing(),
        counters.failures());
  }

  private void watch(Runnable work, StepCounters counters, Runnable meanwhile) {
    Watchdog watchdog =
        new Watchdog(
            options.stallTimeout(),
            () -> counters.images().value() + live.images() + live.tasksEnded());
    try {
      watchdog.await(work, meanwhile);
    } catch (StalledException e) {
      spark.sc().cancelAllJobs();
      throw new StalledException(e, howToGoOn());
    } catch (ExecutionException e) {
      requireNoFailures(counters);
      throw ClusterFailure.explain(e.getCause(), howToGoOn());
    }
  }

  private double finite(double loss, String which, int epoch) {
    if (!Double.isFinite(loss)) {
      throw new DivergedException(
          "training diverged: the %s is %s in epoch %d; lower --learning-rate (now %s)"
              .formatted(which, loss, epoch, training.learningRate().initial()));
    }
    return loss;
  }

  private void save(ComputationGraph graph, EpochMeter meter, List<EpochMetrics> epochs) {
    checkpoints.save(
        new TrainingState(
            settings.yaml(),
            meter.epoch(),
            meter.images(),
            meter.lossSum(),
            meter.trainSeconds(),
            List.copyOf(epochs)),
        graph);
  }

  private EpochMetrics measure(ComputationGraph graph, BatchFolder batches, EpochMeter meter) {
    long start = System.nanoTime();
    StepCounters counters = StepCounters.of(spark);
    BatchLoader loader =
        new BatchLoader(
            data.standardization(), Augmentation.NONE, training.seed(), 0, 0, counters.failures());
    Scores[] scores = new Scores[1];
    watch(
        () ->
            scores[0] =
                ClusterScores.of(spark, graph, batches.testPaths(), loader, settings.workers()),
        counters,
        () -> {});
    return new EpochMetrics(
        meter.epoch(),
        meter.trainLoss(),
        finite(scores[0].loss(), "test loss", meter.epoch()),
        scores[0].top1(),
        scores[0].top5(),
        meter.imagesPerSecond(),
        meter.trainSeconds(),
        (System.nanoTime() - start) / 1e9);
  }
}
