package org.agr4j.train;

import java.util.Map;
import org.agr4j.optimizer.LearningRateSettings;
import org.agr4j.run.EpochMeter;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Settings;
import org.agr4j.updater.DirectGraphUpdater;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Epochs on this machine: as DL4J's fit of an iterator, but able to begin in the middle. */
public final class LocalEpochs implements Epochs {
  private final Settings settings;
  private final Task task;
  private final PreparedBatches batches;

  /**
   * The epochs of a run.
   *
   * @param settings batch size, seed
   * @param task batches and measures
   * @param workers threads that share the making of a batch, beside one that makes it ahead; 0 for
   *     neither
   */
  public LocalEpochs(Settings settings, Task task, int workers) {
    this.settings = settings;
    this.task = task;
    this.batches = new PreparedBatches(task.batches(workers), task.transforms(), workers > 0);
  }

  @Override
  public int stepsPerEpoch() {
    return task.stepsPerEpoch();
  }

  @Override
  public String prepare(ComputationGraph graph) {
    DirectGraphUpdater.install(graph);
    return task.prepare(graph);
  }

  @Override
  public void prepareToMeasure(ComputationGraph graph) {
    task.prepare(graph);
  }

  @Override
  public void train(ComputationGraph graph, EpochMeter meter, Watch watch) {
    batches.enter(position(meter));
    if (meter.examples() == 0) {
      graph.getListeners().forEach(listener -> listener.onEpochStart(graph));
    }
    while (batches.hasNext()) {
      long start = System.nanoTime();
      MultiDataSet batch = batches.next();
      int examples = (int) batch.getFeatures(0).size(0);
      // Dropout draws from it. A function of the position, so that a resumed run draws the same.
      Nd4j.getRandom().setSeed(position(meter).seedOfStep());
      // DL4J's score includes L2; without it the losses of all optimizers are of one kind.
      double penalty = graph.calcRegularizationScore(true);
      graph.fit(batch);
      double loss = finite(graph.score() - penalty, meter);
      meter.add(examples, loss, (System.nanoTime() - start) / 1e9);
      watch.progress(meter);
      watch.standsStill(meter, !batches.hasNext());
    }
    graph.getListeners().forEach(listener -> listener.onEpochEnd(graph));
    graph.incrementEpochCount();
  }

  private Position position(EpochMeter meter) {
    return new Position(settings.get(LoopSettings.SEED), meter.epoch(), meter.examples());
  }

  private double finite(double loss, EpochMeter meter) {
    if (!Double.isFinite(loss)) {
      throw new DivergedException(
          "training diverged: the loss is %s in step %d of epoch %d; lower --learning-rate (now %s)"
              .formatted(
                  loss,
                  meter.examples() / settings.get(LoopSettings.BATCH_SIZE) + 1,
                  meter.epoch(),
                  settings.get(LearningRateSettings.LEARNING_RATE)));
    }
    return loss;
  }

  @Override
  public Map<String, Double> measure(ComputationGraph graph) {
    return task.measure(graph);
  }

  @Override
  public void close() {
    batches.close();
  }
}
