package org.agr4j.acprop;

import java.util.Map;
import java.util.Objects;
import org.agr4j.internal.Require;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * ACProp, an adaptive optimizer whose denominator is centered and asynchronous: it holds the spread
 * of the gradient about its mean, up to the step before.
 *
 * <p>With m₀ = s₀ = 0, for every element and step t = 1, 2, …
 *
 * <pre>
 *   m ← β₁m + (1−β₁) g
 *   update = η g                                       (t = 1, there is no s yet)
 *          = η g / (√(s/(1−β₂ᵗ⁻¹)) + ε)                (t &gt; 1, s of the step before)
 *   s ← β₂s + (1−β₂) (g − m)² + ε                      (m of this step)
 * </pre>
 *
 * which DL4J subtracts from the parameters. The numerator is g itself, and m serves the centering
 * only: this is what the authors publish as ACProp.
 *
 * <p>In its details this is the authors' PyTorch class as they run it on CIFAR ({@code
 * rectify=False, momentum_update=False, amsgrad=False}), whose formula Optax gives too: the first
 * step is plain gradient descent, m is not bias-corrected, and ε is added to s at every step as
 * well as to the root. Left out are that class's other options: rectification as in RAdam (on by
 * default there, off in their CIFAR runs), and the variant with momentum, in which m/(1−β₁ᵗ) takes
 * the place of g (off by default). Defaults are that class's; its CIFAR runs have ε = 1e-8, which
 * matters: where the first gradient of an element is 0, its second step is up to η g √((1−β₂)/ε),
 * so prefer 1e-8 for networks with ReLU.
 *
 * <p>Weight decay is not part of it. The authors' CIFAR runs add λθ to the gradient, as DL4J's L2
 * does.
 *
 * <p>t is DL4J's iteration plus one, as in ND4J's own updaters; DL4J saves and restores it with the
 * network. Memory: m and s in DL4J's state view, and two arrays of a block's size during its step.
 * All arithmetic is element by element, so it does not matter how DL4J merges tensors. The state is
 * FLOAT or DOUBLE; other types are refused, as {@link org.agr4j.updater.AdamWAgr} refuses them.
 *
 * <p>Source: Zhuang et al., NeurIPS 2021, arXiv 2110.05454; the authors' implementation is
 * juntang-zhuang/ACProp-Optimizer.
 */
public final class ACProp implements IUpdater {
  private static final long serialVersionUID = 1L;

  /** Learning rate η where none is given. */
  public static final double DEFAULT_LEARNING_RATE = 1e-3;

  /** β₁ where none is given. */
  public static final double DEFAULT_BETA1 = 0.9;

  /** β₂ where none is given. */
  public static final double DEFAULT_BETA2 = 0.999;

  /** ε where none is given. */
  public static final double DEFAULT_EPSILON = 1e-16;

  private static final int STATE_ARRAYS = 2;

  private Double learningRate; // null where a schedule gives it
  private ISchedule learningRateSchedule;
  private final double beta1;
  private final double beta2;
  private final double epsilon;

  /** ACProp with the defaults. */
  public ACProp() {
    this(builder());
  }

  /**
   * ACProp with a constant learning rate.
   *
   * @param learningRate η ≥ 0
   */
  public ACProp(double learningRate) {
    this(builder().learningRate(learningRate));
  }

  /**
   * ACProp with a scheduled learning rate.
   *
   * @param learningRateSchedule η(iteration, epoch)
   */
  public ACProp(ISchedule learningRateSchedule) {
    this(builder().learningRateSchedule(learningRateSchedule));
  }

  private ACProp(Builder b) {
    setLrAndSchedule(b.learningRate, b.learningRateSchedule);
    this.beta1 = Require.decayRate("beta1", b.beta1);
    this.beta2 = Require.decayRate("beta2", b.beta2);
    this.epsilon = Require.positive("epsilon", b.epsilon);
  }

  @JsonCreator
  static ACProp fromJson(
      @JsonProperty("learningRate") Double learningRate,
      @JsonProperty("learningRateSchedule") ISchedule learningRateSchedule,
      @JsonProperty("beta1") Double beta1,
      @JsonProperty("beta2") Double beta2,
      @JsonProperty("epsilon") Double epsilon) {
    Builder b = builder().learningRateSchedule(learningRateSchedule);
    b.learningRate = learningRate == null ? b.learningRate : learningRate;
    b.beta1 = beta1 == null ? b.beta1 : beta1;
    b.beta2 = beta2 == null ? b.beta2 : beta2;
    b.epsilon = epsilon == null ? b.epsilon : epsilon;
    return b.build();
  }

  /** A builder with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public long stateSize(long numParams) {
    return STATE_ARRAYS * numParams;
  }

  /**
   * Creates the updater of a block of tensors.
   *
   * @param viewArray state, used in place: m of the block, then s
   * @param initializeViewArray whether to set the state to zero
   * @return the updater
   */
  @Override
  public ACPropUpdater instantiate(INDArray viewArray, boolean initializeViewArray) {
    ACPropUpdater updater = new ACPropUpdater(this);
    long[] shape = {viewArray.length() / STATE_ARRAYS};
    updater.setStateViewArray(viewArray, shape, viewArray.ordering(), initializeViewArray);
    return updater;
  }

  /**
   * Creates the updater of one tensor from named state arrays, as SameDiff restores it.
   *
   * @param updaterState m and s, used in place; names as in {@link ACPropUpdater#getState}
   * @param initializeStateArrays whether to set them to zero
   * @return the updater
   */
  @Override
  public ACPropUpdater instantiate(
      Map<String, INDArray> updaterState, boolean initializeStateArrays) {
    ACPropUpdater updater = new ACPropUpdater(this);
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
  public void setLrAndSchedule(double lr, ISchedule lrSchedule) {
    this.learningRate = lrSchedule == null ? Require.nonNegative("learningRate", lr) : null;
    this.learningRateSchedule = lrSchedule;
  }

  /** The learning rate's schedule, or null where it is constant. */
  public ISchedule getLearningRateSchedule() {
    return learningRateSchedule;
  }

  /** β₁, decay rate of the mean gradient. */
  public double getBeta1() {
    return beta1;
  }

  /** β₂, decay rate of the centered second moment. */
  public double getBeta2() {
    return beta2;
  }

  /** ε, added to s at each step and to its root. */
  public double getEpsilon() {
    return epsilon;
  }

  @Override
  public ACProp clone() {
    try {
      return (ACProp) super.clone(); // every other field is immutable
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ACProp o
        && Objects.equals(learningRate, o.learningRate)
        && Objects.equals(learningRateSchedule, o.learningRateSchedule)
        && beta1 == o.beta1
        && beta2 == o.beta2
        && epsilon == o.epsilon;
  }

  @Override
  public int hashCode() {
    return Objects.hash(learningRate, learningRateSchedule, beta1, beta2, epsilon);
  }

  @Override
  public String toString() {
    return "ACProp(learningRate="
        + (learningRateSchedule != null ? learningRateSchedule : learningRate)
        + ", beta1="
        + beta1
        + ", beta2="
        + beta2
        + ", epsilon="
        + epsilon
        + ")";
  }

  /** Builds an {@link ACProp}. */
  public static final class Builder {
    private double learningRate = DEFAULT_LEARNING_RATE;
    private ISchedule learningRateSchedule;
    private double beta1 = DEFAULT_BETA1;
    private double beta2 = DEFAULT_BETA2;
    private double epsilon = DEFAULT_EPSILON;

    private Builder() {}

    /** Sets the learning rate η ≥ 0, where no schedule is given. */
    public Builder learningRate(double learningRate) {
      this.learningRate = learningRate;
      return this;
    }

    /** Sets the learning rate by a schedule, which takes precedence. */
    public Builder learningRateSchedule(ISchedule learningRateSchedule) {
      this.learningRateSchedule = learningRateSchedule;
      return this;
    }

    /** Sets β₁ in [0, 1). */
    public Builder beta1(double beta1) {
      this.beta1 = beta1;
      return this;
    }

    /** Sets β₂ in [0, 1). */
    public Builder beta2(double beta2) {
      this.beta2 = beta2;
      return this;
    }

    /** Sets ε &gt; 0. */
    public Builder epsilon(double epsilon) {
      this.epsilon = epsilon;
      return this;
    }

    /**
     * Builds the configuration.
     *
     * @throws IllegalArgumentException if a number is out of range; names it and the value
     */
    public ACProp build() {
      return new ACProp(this);
    }
  }
}
