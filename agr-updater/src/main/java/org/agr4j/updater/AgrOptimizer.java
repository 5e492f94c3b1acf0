package org.agr4j.updater;

import java.util.Map;
import java.util.Objects;
import org.agr4j.internal.NumberLimits;
import org.agr4j.internal.Require;
import org.agr4j.internal.kernel.BlockState;
import org.agr4j.internal.kernel.Optimizer;
import org.agr4j.internal.kernel.StepNumbers;
import org.agr4j.internal.layout.BlockRecording;
import org.agr4j.internal.layout.TensorBoundaries;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * What the configurations of {@link AdamWAgr} and {@link AdanAgr} share: learning rate, β₁, β₂, ε,
 * and where and how strongly Ψ acts.
 *
 * <p>A configuration is a value, compared by content, which is how DL4J decides what to merge. Only
 * {@link #setLrAndSchedule} changes one, as DL4J requires.
 */
public abstract class AgrOptimizer implements IUpdater {
  private static final long serialVersionUID = 1L;

  /** The default of the learning rate η. */
  public static final double DEFAULT_LEARNING_RATE = 1e-3;

  /** The default of ε, which keeps the denominator above 0. */
  public static final double DEFAULT_EPSILON = 1e-8;

  /** The default of where Ψ acts: in the first moment, as in the paper. */
  public static final AgrMode DEFAULT_AGR_MODE = AgrMode.FIRST_MOMENT;

  /** The default of what an updater does on a NaN: it throws. */
  public static final NonFinite DEFAULT_NON_FINITE = NonFinite.FAIL;

  private Double learningRate; // null where a schedule gives it
  private ISchedule learningRateSchedule;
  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private final AgrMode agrMode;
  private final ISchedule agrStrength; // null: 1
  private final NonFinite nonFinite;

  AgrOptimizer(Builder<?> b) {
    setLrAndSchedule(b.learningRate, b.learningRateSchedule);
    this.beta1 = Require.decayRate("beta1", b.beta1);
    this.beta2 = Require.decayRate("beta2", b.beta2);
    this.epsilon = Require.positive("epsilon", b.epsilon);
    this.agrMode = Objects.requireNonNull(b.agrMode, "agrMode is null");
    this.agrStrength = b.agrStrength;
    if (agrStrength != null) {
      Require.inUnitInterval("agrStrength", agrStrength.valueAt(0, 0));
    }
    this.nonFinite = Objects.requireNonNull(b.nonFinite, "nonFinite is null");
  }

  /** Which formula the steps of this configuration follow. */
  abstract Optimizer formula();

  /** β₃, where the formula has one. */
  double beta3() {
    return 0;
  }

  /** The step count at which tensors forget their moments and start again, or 0 for never. */
  int restartEvery() {
    return 0;
  }

  abstract AgrGradientUpdater<?> newUpdater();

  /** This configuration as the numbers of one step. */
  final StepNumbers numbers(double learningRate, double strength) {
    return new StepNumbers(
        learningRate,
        beta1,
        beta2,
        beta3(),
        epsilon,
        strength,
        agrMode == AgrMode.ALL_MOMENTS,
        restartEvery(),
        nonFinite == NonFinite.FAIL,
        nonFinite == NonFinite.SKIP);
  }

  /**
   * Refuses a type that cannot hold this optimizer's state.
   *
   * @throws IllegalArgumentException for every type but FLOAT and DOUBLE, and for these where β or
   *     ε is lost in them; says what to do
   */
  final void requireStateOf(DataType type) {
    NumberLimits limits = NumberLimits.of(type);
    limits.requireHoldsStateOf(getClass().getSimpleName());
    limits.requireBeta("beta1", beta1);
    limits.requireBeta("beta2", beta2);
    limits.requireBeta("beta3", beta3());
    double second = formula() == Optimizer.ADAN ? beta3() : beta2;
    limits.requireEpsilon(epsilon, limits.smallestEpsilon(second));
  }

  /**
   * Length of the state of a tensor: the moments, and two counters (steps made, steps skipped).
   *
   * @param numParams number of elements of the tensor
   * @return number of state elements
   * @throws IllegalArgumentException if a network's updater asks and the state is too long for it
   */
  @Override
  public long stateSize(long numParams) {
    long stateLength = stateLength(numParams);
    BlockRecording.record(this, numParams, stateLength);
    return stateLength;
  }

  long stateLength(long numParams) {
    return numParams == 0 ? 0 : formula().moments() * numParams + BlockState.COUNTERS;
  }

  /**
   * Creates the updater of a block of tensors (called by DL4J's network updater), or of one tensor.
   *
   * @param viewArray state, used in place, of FLOAT or DOUBLE; its length is the sum of the
   *     tensors' {@link #stateSize}
   * @param initializeViewArray whether to set the state to zero
   * @return the updater
   * @throws IllegalArgumentException if the state is of another type, or of one in which β or ε of
   *     this configuration is lost; says what to do
   * @throws IllegalStateException if the tensors of the block and the length of its state disagree
   */
  @Override
  public GradientUpdater<?> instantiate(INDArray viewArray, boolean initializeViewArray) {
    AgrGradientUpdater<?> updater = newUpdater();
    if (BlockRecording.isBlockBeingBuilt()) {
      updater.useBlockState(
          viewArray,
          BlockRecording.claim(this, viewArray.length(), this::stateLength),
          initializeViewArray);
    } else {
      updater.useTensorState(viewArray, initializeViewArray);
    }
    return updater;
  }

  /**
   * Creates the updater of a block whose tensors the caller knows, outside of DL4J's networks.
   *
   * @param viewArray state, used in place, of FLOAT or DOUBLE; its length is the sum of the
   *     tensors' {@link #stateSize}
   * @param lengths number of elements of each tensor of the block, in order
   * @param initializeViewArray whether to set the state to zero
   * @return the updater
   * @throws IllegalArgumentException if the state is not as long as the tensors need, or of a type
   *     that cannot hold it
   */
  public AgrGradientUpdater<?> instantiate(
      INDArray viewArray, long[] lengths, boolean initializeViewArray) {
    AgrGradientUpdater<?> updater = newUpdater();
    updater.useBlockState(viewArray, TensorBoundaries.ofLengths(lengths), initializeViewArray);
    return updater;
  }

  /**
   * Creates the updater of one tensor from named state arrays, as SameDiff restores it.
   *
   * @param updaterState the arrays, used in place; names as in {@link GradientUpdater#getState}
   * @param initializeStateArrays whether to set the state to zero
   * @return the updater
   */
  @Override
  public GradientUpdater<?> instantiate(
      Map<String, INDArray> updaterState, boolean initializeStateArrays) {
    AgrGradientUpdater<?> updater = newUpdater();
    updater.setState(updaterState, initializeStateArrays);
    return updater;
  }

  @Override
  public double getLearningRate(int iteration, int epoch) {
    return learningRateSchedule != null
        ? learningRateSchedule.valueAt(iteration, epoch)
        : learningRate;
  }

  @Override
  public boolean hasLearningRate() {
    return true;
  }

  /**
   * Replaces learning rate and schedule.
   *
   * @param lr learning rate; ignored, and may be NaN, where a schedule is given
   * @param lrSchedule schedule, or null
   * @throws IllegalArgumentException if there is no schedule and the rate is not a number ≥ 0
   */
  @Override
  public final void setLrAndSchedule(double lr, ISchedule lrSchedule) {
    this.learningRate = lrSchedule == null ? Require.nonNegative("learningRate", lr) : null;
    this.learningRateSchedule = lrSchedule;
  }

  /** The learning rate's schedule, or null where it is constant. */
  public ISchedule getLearningRateSchedule() {
    return learningRateSchedule;
  }

  /** β₁, decay rate of the first moment. */
  public double getBeta1() {
    return beta1;
  }

  /** β₂: decay rate of AdamW's second moment, of Adan's mean gradient difference. */
  public double getBeta2() {
    return beta2;
  }

  /** ε, added outside the square root and after bias correction. */
  public double getEpsilon() {
    return epsilon;
  }

  /** Says in which moments Ψ acts. */
  public AgrMode getAgrMode() {
    return agrMode;
  }

  /** Schedule of the strength s of Ψ, or null where it is 1. */
  public ISchedule getAgrStrength() {
    return agrStrength;
  }

  /**
   * Strength s of Ψ, in g − s·α·g; 0 in {@link AgrMode#OFF}.
   *
   * @param iteration DL4J's iteration
   * @param epoch DL4J's epoch
   * @return s in [0, 1]
   * @throws IllegalArgumentException if the schedule leaves [0, 1]
   */
  public double getAgrStrength(int iteration, int epoch) {
    if (agrMode == AgrMode.OFF) {
      return 0;
    }
    return agrStrength == null
        ? 1
        : Require.inUnitInterval("agrStrength", agrStrength.valueAt(iteration, epoch));
  }

  /** Says what an updater does on a gradient that is not finite. */
  public NonFinite getNonFinite() {
    return nonFinite;
  }

  /** A builder with this configuration's values. */
  public abstract Builder<?> toBuilder();

  @Override
  public AgrOptimizer clone() {
    try {
      return (AgrOptimizer) super.clone(); // every other field is immutable
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public boolean equals(Object other) {
    if (other == null || getClass() != other.getClass()) {
      return false;
    }
    AgrOptimizer o = (AgrOptimizer) other;
    return Objects.equals(learningRate, o.learningRate)
        && Objects.equals(learningRateSchedule, o.learningRateSchedule)
        && beta1 == o.beta1
        && beta2 == o.beta2
        && epsilon == o.epsilon
        && agrMode == o.agrMode
        && Objects.equals(agrStrength, o.agrStrength)
        && nonFinite == o.nonFinite;
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        learningRate, learningRateSchedule, beta1, beta2, epsilon, agrMode, agrStrength, nonFinite);
  }

  @Override
  public String toString() {
    return getClass().getSimpleName()
        + "(learningRate="
        + (learningRateSchedule != null ? learningRateSchedule : learningRate)
        + ", beta1="
        + beta1
        + ", beta2="
        + beta2
        + ", epsilon="
        + epsilon
        + ", agrMode="
        + agrMode
        + ", agrStrength="
        + (agrStrength != null ? agrStrength : 1)
        + ", nonFinite="
        + nonFinite
        + ")";
  }

  /**
   * Sets what {@link AdamWAgr} and {@link AdanAgr} share.
   *
   * @param <B> the builder itself
   */
  public abstract static class Builder<B extends Builder<B>> {
    private double learningRate = DEFAULT_LEARNING_RATE;
    private ISchedule learningRateSchedule;
    private double beta1;
    private double beta2;
    private double epsilon = DEFAULT_EPSILON;
    private AgrMode agrMode = DEFAULT_AGR_MODE;
    private ISchedule agrStrength;
    private NonFinite nonFinite = DEFAULT_NON_FINITE;

    Builder(double beta1, double beta2) {
      this.beta1 = beta1;
      this.beta2 = beta2;
    }

    abstract B self();

    /**
     * Builds the configuration.
     *
     * @throws IllegalArgumentException if a number is out of range; names it and the value
     */
    public abstract AgrOptimizer build();

    B copy(AgrOptimizer o) {
      learningRate = o.learningRate == null ? DEFAULT_LEARNING_RATE : o.learningRate;
      learningRateSchedule = o.learningRateSchedule;
      beta1 = o.beta1;
      beta2 = o.beta2;
      epsilon = o.epsilon;
      agrMode = o.agrMode;
      agrStrength = o.agrStrength;
      nonFinite = o.nonFinite;
      return self();
    }

    /** Sets what JSON gave; null is the default. */
    B fromJson(
        Double learningRate,
        ISchedule learningRateSchedule,
        Double beta1,
        Double beta2,
        Double epsilon,
        AgrMode agrMode,
        ISchedule agrStrength,
        NonFinite nonFinite) {
      this.learningRate = learningRate == null ? this.learningRate : learningRate;
      this.learningRateSchedule = learningRateSchedule;
      this.beta1 = beta1 == null ? this.beta1 : beta1;
      this.beta2 = beta2 == null ? this.beta2 : beta2;
      this.epsilon = epsilon == null ? this.epsilon : epsilon;
      this.agrMode = agrMode == null ? this.agrMode : agrMode;
      this.agrStrength = agrStrength;
      this.nonFinite = nonFinite == null ? this.nonFinite : nonFinite;
      return self();
    }

    /** Sets the learning rate η ≥ 0, where no schedule is given. */
    public B learningRate(double learningRate) {
      this.learningRate = learningRate;
      return self();
    }

    /** Sets the learning rate by a schedule, which takes precedence. */
    public B learningRateSchedule(ISchedule learningRateSchedule) {
      this.learningRateSchedule = learningRateSchedule;
      return self();
    }

    /** Sets β₁ in [0, 1). */
    public B beta1(double beta1) {
      this.beta1 = beta1;
      return self();
    }

    /** Sets β₂ in [0, 1). */
    public B beta2(double beta2) {
      this.beta2 = beta2;
      return self();
    }

    /** Sets ε &gt; 0. */
    public B epsilon(double epsilon) {
      this.epsilon = epsilon;
      return self();
    }

    /** Sets where Ψ acts. */
    public B agrMode(AgrMode agrMode) {
      this.agrMode = agrMode;
      return self();
    }

    /**
     * Sets the strength s(iteration, epoch) in [0, 1] of Ψ: g − s·α·g. A {@code MapSchedule} that
     * falls to 0 at epoch 250 is the paper's ablation (Table 7). Null is 1.
     */
    public B agrStrength(ISchedule agrStrength) {
      this.agrStrength = agrStrength;
      return self();
    }

    /** Sets what happens on a gradient that is not finite. */
    public B nonFinite(NonFinite nonFinite) {
      this.nonFinite = nonFinite;
      return self();
    }
  }
}
