package org.agr4j.train;

import java.time.Duration;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;

/** Sums up the loss of an epoch as it is trained and reports progress. */
final class StepListener extends BaseTrainingListener {
  private final TrainSettings settings;
  private final ProgressReport report;
  private final long runStart = System.nanoTime();
  private int epoch;
  private int images;
  private double lossSum;
  private long epochStart;
  private double trainSeconds;

  StepListener(TrainSettings settings, ProgressReport report) {
    this.settings = settings;
    this.report = report;
  }

  @Override
  public void onEpochStart(Model model) {
    epoch++;
    images = 0;
    lossSum = 0;
    epochStart = System.nanoTime();
  }

  @Override
  public void iterationDone(Model model, int iteration, int dl4jEpoch) {
    int batch = Math.min(settings.batchSize(), settings.limitTrain() - images);
    // DL4J's score includes L2; without it the losses of all optimizers are of one kind.
    double loss = model.score() - ((ComputationGraph) model).calcRegularizationScore(true);
    if (!Double.isFinite(loss)) {
      throw new DivergedException(
          "training diverged: the loss is %s in step %d of epoch %d; lower --learning-rate (now %s)"
              .formatted(loss, images / settings.batchSize() + 1, epoch, settings.learningRate()));
    }
    images += batch;
    lossSum += loss * batch;
    trainSeconds = seconds(epochStart);
    report.step(
        new Progress(
            epoch,
            settings.epochs(),
            images,
            settings.limitTrain(),
            trainLoss(),
            imagesPerSecond(),
            timeLeft()));
  }

  private Duration timeLeft() {
    double epochsDone = epoch - 1 + (double) images / settings.limitTrain();
    double left = seconds(runStart) * (settings.epochs() / epochsDone - 1);
    return Duration.ofMillis(Math.round(1000 * left));
  }

  /** Mean loss of the epoch so far. */
  double trainLoss() {
    return lossSum / images;
  }

  /** Speed of the epoch so far. */
  double imagesPerSecond() {
    return images / trainSeconds;
  }

  /** Duration of the epoch so far. */
  double trainSeconds() {
    return trainSeconds;
  }

  static double seconds(long startNanos) {
    return (System.nanoTime() - startNanos) / 1e9;
  }
}
