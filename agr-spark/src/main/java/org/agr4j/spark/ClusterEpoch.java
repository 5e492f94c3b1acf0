package org.agr4j.spark;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.agr4j.data.Augmentation;
import org.agr4j.data.BadInputException;
import org.agr4j.data.ImageSplits;
import org.agr4j.train.DivergedException;
import org.agr4j.train.EpochMeter;
import org.agr4j.train.EpochMetrics;
import org.agr4j.train.Pace;
import org.agr4j.train.ProgressReport;
import org.agr4j.train.Scores;
import org.agr4j.train.TrainSettings;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** The epochs of a run, window by window, each watched and counted. */
final class ClusterEpoch implements AutoCloseable {
  private final JavaSparkContext spark;
  private final ClusterSettings settings;
  private final TrainSettings training;
  private final ClusterOptions options;
  private final ImageSplits data;
  private final BatchFolder batches;
  private final Pace pace;
  private final ProgressReport report;
  private final String howToGoOn;
  private final WindowTraining window;
  private final LiveCounts live = new LiveCounts();

  ClusterEpoch(
      JavaSparkContext spark,
      ClusterSettings settings,
      ClusterOptions options,
      ImageSplits data,
      BatchFolder batches,
      Pace pace,
      ProgressReport report,
      String howToGoOn) {
    this.spark = spark;
    this.settings = settings;
    this.training = settings.training();
    this.options = options;
    this.data = data;
    this.batches = batches;
    this.pace = pace;
    this.report = report;
    this.howToGoOn = howToGoOn;
    this.window =
        settings.mode() == ClusterMode.AVERAGING
            ? new ParameterAveraging(spark, settings)
            : new GradientSharing(spark, settings, data.train(), options.networkMask());
    spark.sc().addSparkListener(live);
  }

  /** Where a damaged batch would make the cluster hang: reads all of them. */
  void checkBatches() {
    if (settings.mode() == ClusterMode.SHARING) {
      StepCounters counters = StepCounters.of(spark);
      BatchLoader loader = loader(Augmentation.NONE, 0, 0, counters);
      List<String> paths = batches.trainPaths(batches.order(1));
      watch(() -> BatchCheck.run(spark, paths, loader, settings.workers()), counters, () -> {});
    }
  }

  /**
   * Trains an epoch, or what is left of it.
   *
   * @param graph the network; iteration and epoch count are set to the true ones
   * @param meter where it stands; is moved on
   * @param save is called between windows when a checkpoint is due
   */
  void train(ComputationGraph graph, EpochMeter meter, Consumer<EpochMeter> save) {
    int epoch = meter.epoch() - 1;
    List<Integer> order = batches.order(meter.epoch());
    int done = done(order, meter.images());
    long saved = System.nanoTime();
    while (done < order.size()) {
      List<Integer> next = order.subList(done, Math.min(done + window.batches(), order.size()));
      int iteration = epoch * settings.stepsPerEpoch() + done / settings.workers();
      graph.getConfiguration().setIterationCount(iteration);
      graph.getConfiguration().setEpochCount(epoch);
      trainWindow(graph, next, iteration, meter);
      done += next.size();
      if (done < order.size() && System.nanoTime() - saved >= options.checkpointEvery().toNanos()) {
        save.accept(meter);
        saved = System.nanoTime();
      }
    }
    // DL4J counts on the driver what it was asked for, not what was done.
    graph.getConfiguration().setIterationCount(meter.epoch() * settings.stepsPerEpoch());
    graph.getConfiguration().setEpochCount(meter.epoch());
  }

  /** Batches that some first images of an epoch make up. */
  private int done(List<Integer> order, int images) {
    int count = 0;
    for (int left = images; left > 0; count++) {
      left -= batches.size(order.get(count));
    }
    return count;
  }

  private void trainWindow(
      ComputationGraph graph, List<Integer> numbers, int iteration, EpochMeter meter) {
    int epoch = meter.epoch() - 1;
    int images = numbers.stream().mapToInt(batches::size).sum();
    StepCounters counters = StepCounters.of(spark);
    BatchLoader loader =
        loader(
            training.augment().forImages(data.train()), epoch, training.labelSmoothing(), counters);
    WorkerStep step = new WorkerStep(settings, epoch, iteration, counters);
    long start = System.nanoTime();
    watch(
        () -> window.train(graph, batches.trainPaths(numbers), loader, step),
        counters,
        () -> tell(meter, counters, images, start));
    requireNoFailures(counters);
    long counted = counters.images().value();
    if (counted < images) {
      throw new BadInputException(
          "only %,d of %,d images were trained on, perhaps since a worker was lost; %s"
              .formatted(counted, images, howToGoOn));
    }
    double loss = finite(counters.lossSum().value() / counted, "training loss", meter);
    meter.add(images, loss, (System.nanoTime() - start) / 1e9);
    report.step(pace.after(meter));
  }

  /** How far a window is, by what workers have told of it. */
  private void tell(EpochMeter before, StepCounters counters, int images, long start) {
    long seen = counters.images().value() + live.images();
    if (seen > 0) {
      EpochMeter now =
          new EpochMeter(before.epoch(), before.images(), before.lossSum(), before.trainSeconds());
      double loss = (counters.lossSum().value() + live.lossSum()) / seen;
      now.add((int) Math.min(seen, images), loss, (System.nanoTime() - start) / 1e9);
      report.step(pace.after(now));
    }
  }

  /** Tests the network on the cluster. */
  EpochMetrics test(ComputationGraph graph, EpochMeter meter) {
    long start = System.nanoTime();
    StepCounters counters = StepCounters.of(spark);
    BatchLoader loader = loader(Augmentation.NONE, 0, 0, counters);
    Scores scores = new Scores();
    watch(
        () ->
            scores.add(
                ClusterScores.of(spark, graph, batches.testPaths(), loader, settings.workers())),
        counters,
        () -> {});
    finite(scores.loss(), "test loss", meter);
    return EpochMetrics.of(meter, scores, (System.nanoTime() - start) / 1e9);
  }

  private BatchLoader loader(
      Augmentation augmentation, int epoch, double labelSmoothing, StepCounters counters) {
    return new BatchLoader(
        data.standardization(),
        augmentation,
        training.seed(),
        epoch,
        labelSmoothing,
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
      throw new StalledException(e, howToGoOn);
    } catch (ExecutionException e) {
      requireNoFailures(counters);
      throw ClusterFailure.explain(e.getCause(), howToGoOn);
    }
  }

  private static void requireNoFailures(StepCounters counters) {
    if (!counters.failures().value().isEmpty()) {
      throw new BadInputException(counters.failures().value().get(0));
    }
  }

  private double finite(double loss, String which, EpochMeter meter) {
    if (!Double.isFinite(loss)) {
      throw new DivergedException(
          "training diverged: the %s is %s in epoch %d; lower --learning-rate (now %s)"
              .formatted(which, loss, meter.epoch(), training.learningRate().initial()));
    }
    return loss;
  }

  /** After the last epoch. Not after a failure, where connections may never close. */
  void end() {
    window.close();
  }

  @Override
  public void close() {
    spark.sc().removeSparkListener(live);
  }
}
