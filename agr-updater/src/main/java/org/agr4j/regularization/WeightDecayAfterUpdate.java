package org.agr4j.regularization;

import java.util.Objects;
import org.agr4j.internal.NumberLimits;
import org.agr4j.internal.Require;
import org.agr4j.internal.layout.SkippedUpdates;
import org.agr4j.internal.parallel.SharedGradientsRound;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Weight decay that acts on the update, after the updater, and adds nothing to the score.
 *
 * <p>It is an {@link L2Regularization} by type only, so that DL4J merges it as one. When DL4J
 * 1.0.0-M2.1 builds a network ({@code LayerValidation.configureBaseLayer}) it adds the network's
 * regularizations to each layer a second time, unless they are of type L1 or L2 and the layer has
 * such a one; any other would act twice.
 *
 * <p>For the same reason DL4J takes it for L2 elsewhere: a layer with an L2 of its own does not get
 * the network's decay, and {@code .l2(…)} on a builder or a FineTuneConfiguration replaces it. Give
 * all in one {@code .regularization(List.of(…))}, or call {@link org.agr4j.Agr} at the end.
 *
 * <p>A value: immutable, compared by kind and coefficient. Needs no memory, but for FLOAT16 and
 * BFLOAT16, which are computed in FLOAT and rounded once: ηλ of 1e-8, which is 0 in FLOAT16, still
 * acts where the sum with the update can show it.
 */
public abstract class WeightDecayAfterUpdate extends L2Regularization {
  private static final long serialVersionUID = 1L;

  WeightDecayAfterUpdate(double coefficient) {
    this(new FixedSchedule(Require.nonNegative("weightDecay", coefficient)));
  }

  WeightDecayAfterUpdate(ISchedule coefficient) {
    super(Objects.requireNonNull(coefficient, "the schedule of weightDecay is null"));
    Require.nonNegative("weightDecay", coefficient.valueAt(0, 0));
  }

  /**
   * Adds the decay of a parameter to its update, in place.
   *
   * @param scale η·λ, at least 0
   */
  abstract void decay(INDArray parameter, INDArray update, double scale);

  /**
   * Returns the coefficient λ at a point of training.
   *
   * @param iteration DL4J's iteration
   * @param epoch DL4J's epoch
   * @throws IllegalArgumentException if the schedule gives a negative number or NaN
   */
  public double getCoefficient(int iteration, int epoch) {
    return Require.nonNegative("weightDecay", l2.valueAt(iteration, epoch));
  }

  @Override
  public ApplyStep applyStep() {
    return ApplyStep.POST_UPDATER;
  }

  /**
   * Adds the decay to a tensor's update, unless the updater skipped it for its gradient was not
   * finite.
   *
   * @param param θ, not modified
   * @param gradView the update, of θ's shape, modified
   * @param lr learning rate η
   * @param iteration DL4J's iteration
   * @param epoch DL4J's epoch
   */
  @Override
  public void apply(INDArray param, INDArray gradView, double lr, int iteration, int epoch) {
    try {
      double scale = lr * getCoefficient(iteration, epoch);
      if (scale != 0 && !SkippedUpdates.contains(gradView)) {
        INDArray update = NumberLimits.widened("update", gradView);
        decay(NumberLimits.widened("parameter", param), update, scale);
        if (update != gradView) {
          gradView.assign(update);
        }
      }
    } catch (RuntimeException e) {
      SharedGradientsRound.fail(e);
      throw e;
    }
  }

  /** Returns 0, since this decay is no part of the loss. */
  @Override
  public double score(INDArray param, int iteration, int epoch) {
    return 0;
  }

  @Override
  public abstract WeightDecayAfterUpdate clone();

  ISchedule cloneOfCoefficient() {
    return l2.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other != null
        && getClass() == other.getClass()
        && l2.equals(((WeightDecayAfterUpdate) other).l2);
  }

  @Override
  public int hashCode() {
    return Objects.hash(getClass(), l2);
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "(" + l2 + ")";
  }
}
