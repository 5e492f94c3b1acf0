package org.agr4j.spark;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.agr4j.data.Augmentation;
import org.agr4j.data.ImageSplits;
import org.agr4j.input.BadInputException;
import org.agr4j.optimizer.LearningRateSettings;
import org.agr4j.run.EpochMeter;
import org.agr4j.run.RunFolder;
import org.agr4j.settings.LoopSettings;
import org.agr4j.task.classification.ClassificationTask;
import org.agr4j.task.classification.Scores;
import org.agr4j.train.BatchTransform;
import org.agr4j.train.DivergedException;
import org.agr4j.train.Epochs;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * Epochs on a Spark cluster, window by window, each watched and counted. The batches are exported
 * once; each epoch goes over them in an order of its own and ends with a test on the cluster.
 */
public final class ClusterEpochs implements Epochs {
  private final JavaSparkContext spark;
  private final ClusterSettings settings;
  private final ClusterOptions options;
  private final ClassificationTask task;
  private final ImageSplits data;
  private final String batchFolder;
  private final String howToGoOn;
  private final WindowTraining window;
  private final LiveCounts live = new LiveCounts();
  private BatchFolder batches; // null before prepare

  /**
   * The epochs of a run.
   *
   * @param spark the cluster
   * @param settings what to run
   * @param options how to run it
   * @param task the images
   * @param folder the run's, on this machine
   * @param howToGoOn the end of a message about a cluster that could not go on
   * @throws BadInputException if gradients are to be shared within this process
   */
  public ClusterEpochs(
      JavaSparkContext spark,
      ClusterSettings settings,
      ClusterOptions options,
      ClassificationTask task,
      RunFolder folder,
      String howToGoOn) {
    if (settings.mode() == ClusterMode.SHARING && spark.isLocal()) {
      throw new BadInputException(
          "--mode is sharing with --master "
              + spark.master()
              + ", expected a cluster such as spark://HOST:7077, or --mode averaging");
    }
    this.spark = spark;
    this.settings = settings;
    this.options = options;
    this.task = task;
    this.data = task.images();
    this.batchFolder =
        options.batches() == null
            ? folder.path().resolve("batches").toAbsolutePath().toUri().toString()
            : options.batches();
    this.howToGoOn = howToGoOn;
    this.window =
        settings.mode() == ClusterMode.AVERAGING
            ? new ParameterAveraging(spark, settings)
            : new GradientSharing(spark, settings, task, options.networkMask());
    spark.sc().addSparkListener(live);
  }

  @Override
  public int stepsPerEpoch() {
    return settings.stepsPerEpoch();
  }

  /** Exports the batches; the network is made fast where it is trained, on the workers. */
  @Override
  public String prepare(ComputationGraph graph) {
    batches =
        BatchFolder.export(
            batchFolder, settings.run(), data, spark.hadoopConfiguration(), images -> {});
    checkBatches();
    return "";
  }

  /** Where a damaged batch would make the cluster hang: reads all of them. */
  private void checkBatches() {
    if (settings.mode() == ClusterMode.SHARING) {
      StepCounters counters = StepCounters.of(spark);
      BatchLoader loader = loader(Augmentation.NONE, 0, List.of(), counters);
      List<String> paths = batches.trainPaths(batches.order(1));
      watch(() -> BatchCheck.run(spark, paths, loader, settings.workers()), counters, () -> {});
    }
  }

  @Override
  public void train(ComputationGraph graph, EpochMeter meter, Watch watch) {
    int epoch = meter.epoch() - 1;
    List<Integer> order = batches.order(meter.epoch());
    int done = done(order, meter.examples());
    while (done < order.size()) {
      List<Integer> next = order.subList(done, Math.min(done + window.batches(), order.size()));
      int iteration = epoch * settings.stepsPerEpoch() + done / settings.workers();
      graph.getConfiguration().setIterationCount(iteration);
      graph.getConfiguration().setEpochCount(epoch);
      trainWindow(graph, next, iteration, meter, watch);
      done += next.size();
      watch.standsStill(meter, done == order.size());
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
      ComputationGraph graph, List<Integer> numbers, int iteration, EpochMeter meter, Watch watch) {
    int epoch = meter.epoch() - 1;
    int images = numbers.stream().mapToInt(batches::size).sum();
    StepCounters counters = StepCounters.of(spark);
    BatchLoader loader = loader(task.augmentation(), epoch, task.transforms(), counters);
    WorkerStep step = new WorkerStep(settings, epoch, iteration, counters);
    long start = System.nanoTime();
    watch(
        () -> window.train(graph, batches.trainPaths(numbers), loader, step),
        counters,
        () -> tell(watch, meter, counters, images, start));
    requireNoFailures(counters);
    long counted = counters.images().value();
    if (counted < images) {
      throw new BadInputException(
          "only %,d of %,d images were trained on, perhaps since a worker was lost; %s"
              .formatted(counted, images, howToGoOn));
    }
    double loss = finite(counters.lossSum().value() / counted, "training loss", meter);
    meter.add(images, loss, (System.nanoTime() - start) / 1e9);
    watch.progress(meter);
  }

  /** How far a window is, by what workers have told of it. */
  private void tell(Watch watch, EpochMeter before, StepCounters counters, int images, long start) {
    long seen = counters.images().value() + live.images();
    if (seen > 0) {
      EpochMeter now =
          new EpochMeter(
              before.epoch(), before.examples(), before.lossSum(), before.trainSeconds());
      double loss = (counters.lossSum().value() + live.lossSum()) / seen;
      now.add((int) Math.min(seen, images), loss, (System.nanoTime() - start) / 1e9);
      watch.progress(now);
    }
  }

  @Override
  public Map<String, Double> measure(ComputationGraph graph) {
    StepCounters counters = StepCounters.of(spark);
    BatchLoader loader = loader(Augmentation.NONE, 0, List.of(), counters);
    Scores scores = new Scores();
    watch(
        () ->
            scores.add(
                ClusterScores.of(spark, graph, batches.testPaths(), loader, settings.workers())),
        counters,
        () -> {});
    return ClassificationTask.measured(scores);
  }

  private BatchLoader loader(
      Augmentation augmentation,
      int epoch,
      List<BatchTransform> transforms,
      StepCounters counters) {
    return new BatchLoader(
        data.standardization(),
        augmentation,
        settings.run().get(LoopSettings.SEED),
        epoch,
        transforms,
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
              .formatted(
                  which,
                  loss,
                  meter.epoch(),
                  settings.run().get(LearningRateSettings.LEARNING_RATE)));
    }
    return loss;
  }

  /** Not after a failure, where connections may never close. */
  @Override
  public void end() {
    window.close();
  }

  @Override
  public void close() {
    spark.sc().removeSparkListener(live);
  }
}
