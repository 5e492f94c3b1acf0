package org.agr4j.placebo;

import java.util.Map;
import java.util.Objects;
import org.agr4j.updater.AgrGradientUpdater;
import org.agr4j.updater.AgrMode;
import org.agr4j.updater.AgrOptimizer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The control of an AGR optimizer: the same steps with Ψ's shrinkage at the wrong elements.
 *
 * <p>Two runs that differ by any tiny disturbance drift apart by a point or two, so that AGR
 * against the plain optimizer compares a formula with nothing, and a disturbance with none. The
 * placebo disturbs each tensor's gradient by as much as Ψ does (the same norm, the same factors, in
 * the same moments), but deals the factors to random elements. AGR has an effect of its own only
 * where it differs from this; what this differs by from the plain optimizer is chance.
 *
 * <p>In {@link AgrMode#ALL_MOMENTS} the change is added to g. In {@link AgrMode#FIRST_MOMENT} it is
 * added to the first moment before the plain step, times (1−β₁)/β₁, which is the same as a first
 * moment that sees g plus the change: β₁(m + (1−β₁)/β₁ δ) + (1−β₁)g = β₁m + (1−β₁)(g + δ).
 *
 * <p>A block whose gradient holds a NaN or an infinity is left to the optimizer, without a placebo
 * in that step; where Adan restarts, the first moment's part of that step is forgotten with it.
 *
 * <p>State and its memory are the optimizer's own, so that a network can go on with AGR or without.
 * A step costs a shuffle of every tensor on top, and three arrays of DOUBLE of the longest tensor's
 * length. A value, as DL4J requires.
 */
public final class Placebo implements IUpdater {
  private static final long serialVersionUID = 1L;

  @JsonProperty private final AgrOptimizer optimizer;
  @JsonProperty private final long seed;
  private final transient AgrOptimizer plain;

  /**
   * Creates the control of an optimizer.
   *
   * @param optimizer the optimizer whose Ψ is misplaced; its mode and strength are the placebo's
   * @param seed determines the permutations, with the iteration and the tensor
   * @throws IllegalArgumentException if Ψ acts in the first moment and β₁ is 0, where there is none
   */
  @JsonCreator
  public Placebo(
      @JsonProperty("optimizer") AgrOptimizer optimizer, @JsonProperty("seed") long seed) {
    this.optimizer = optimizer.clone();
    this.seed = seed;
    this.plain = plain(optimizer);
    if (optimizer.getAgrMode() == AgrMode.FIRST_MOMENT && optimizer.getBeta1() == 0) {
      throw new IllegalArgumentException(
          "beta1 is 0, expected > 0 for a placebo in the first moment");
    }
  }

  private static AgrOptimizer plain(AgrOptimizer optimizer) {
    return optimizer.toBuilder().agrMode(AgrMode.OFF).build();
  }

  /** The optimizer whose Ψ is misplaced. */
  AgrOptimizer optimizer() {
    return optimizer;
  }

  /** What determines the permutations of a step. */
  long seed() {
    return seed;
  }

  @Override
  public long stateSize(long numParams) {
    return plain.stateSize(numParams);
  }

  @Override
  public GradientUpdater<?> instantiate(INDArray viewArray, boolean initializeViewArray) {
    return new PlaceboUpdater(
        this, (AgrGradientUpdater<?>) plain.instantiate(viewArray, initializeViewArray));
  }

  @Override
  public GradientUpdater<?> instantiate(
      Map<String, INDArray> updaterState, boolean initializeStateArrays) {
    return new PlaceboUpdater(
        this, (AgrGradientUpdater<?>) plain.instantiate(updaterState, initializeStateArrays));
  }

  @Override
  public double getLearningRate(int iteration, int epoch) {
    return plain.getLearningRate(iteration, epoch);
  }

  @Override
  public boolean hasLearningRate() {
    return true;
  }

  @Override
  public void setLrAndSchedule(double lr, ISchedule lrSchedule) {
    optimizer.setLrAndSchedule(lr, lrSchedule);
    plain.setLrAndSchedule(lr, lrSchedule);
  }

  @Override
  public Placebo clone() {
    return new Placebo(optimizer, seed);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Placebo p && seed == p.seed && optimizer.equals(p.optimizer);
  }

  @Override
  public int hashCode() {
    return Objects.hash(Placebo.class, optimizer, seed);
  }

  @Override
  public String toString() {
    return "Placebo(" + optimizer + ", seed=" + seed + ")";
  }
}
