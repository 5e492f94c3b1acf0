package org.agr4j.report;

import java.util.List;
import java.util.OptionalDouble;
import org.agr4j.run.EpochRecord;
import org.agr4j.train.Measure;
import org.apache.commons.math3.stat.regression.SimpleRegression;

/**
 * How a run got to where it ended: how fast its training loss fell, and how steadily what is
 * compared went. What the paper on AGR calls faster and smoother, as two numbers of a run.
 */
final class TrainingCourse {
  /** Epochs until a training loss. */
  static final Measure EPOCHS =
      new Measure("epochs_until_loss", "epochs until a loss", "Speed", "epochs", true);

  private static final int FEWEST_ON_A_LINE = 4;

  private TrainingCourse() {}

  /**
   * The epoch in which the training loss first is at or below a loss, linear between the means of
   * two epochs: 2.5 is halfway between those of epochs 2 and 3. Empty if the run never gets there.
   *
   * @param epochs a run
   * @param loss where to
   */
  static OptionalDouble epochsUntil(List<EpochRecord> epochs, double loss) {
    double before = Double.NaN;
    for (int i = 0; i < epochs.size(); i++) {
      double now = epochs.get(i).get(EpochRecord.TRAIN_LOSS);
      if (now <= loss) {
        return OptionalDouble.of(i == 0 ? 1 : i + (before - loss) / (before - now));
      }
      before = now;
    }
    return OptionalDouble.empty();
  }

  /**
   * How far a measure strays from a straight line through the last half of the epochs: the standard
   * deviation of the residuals, √(Σr²/(n − 2)), as the measure is shown. Empty with fewer than four
   * epochs in that half.
   *
   * @param epochs a run
   * @param measure what is looked at
   */
  static OptionalDouble unsteadiness(List<EpochRecord> epochs, Measure measure) {
    List<EpochRecord> half =
        epochs.subList(epochs.size() / 2, epochs.size()).stream()
            .filter(epoch -> epoch.has(measure.key()))
            .toList();
    if (half.size() < FEWEST_ON_A_LINE) {
      return OptionalDouble.empty();
    }
    SimpleRegression line = new SimpleRegression();
    half.forEach(epoch -> line.addData(epoch.epoch(), measure.of(epoch)));
    // A line through equal values has residuals of rounding, which may come out below 0.
    return OptionalDouble.of(Math.sqrt(Math.max(0, line.getMeanSquareError())));
  }

  /** Unsteadiness of a measure, as something to compare. */
  static Measure unsteadiness(Measure of) {
    return new Measure(of.key() + "_unsteadiness", of.title(), of.caption(), of.unit(), true);
  }
}
