package org.agr4j.updater;

import java.util.Objects;
import org.agr4j.internal.Require;
import org.agr4j.internal.kernel.Optimizer;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Adan, adaptive Nesterov momentum, with Adaptive Gradient Regularization.
 *
 * <p>For a tensor with gradient g, Ψ(g) = g − s·g·|g|/‖g‖₁, and at its step t = 1, 2, …, with
 * PyTorch's β (the papers' β is 1 − ours) and g − g₋₁ = 0 at t = 1
 *
 * <pre>
 *   m ← β₁m + (1−β₁) Ψ(g)
 *   d ← β₂d + (1−β₂)(g − g₋₁)
 *   n ← β₃n + (1−β₃)(g + β₂(g − g₋₁))²    (g is Ψ(g) everywhere in {@link AgrMode#ALL_MOMENTS})
 *   update = η (m/(1−β₁ᵗ) + β₂d/(1−β₂ᵗ)) / (√n/√(1−β₃ᵗ) + ε)
 * </pre>
 *
 * which DL4J subtracts from the parameters. Weight decay is not part of the updater, since DL4J
 * shows it no parameters: add {@link org.agr4j.regularization.ProximalWeightDecay} (Adan's own) or
 * {@link org.agr4j.regularization.DecoupledWeightDecay}, or let {@link org.agr4j.Agr} set up both.
 *
 * <p>Tensors, the step count and their precision are as in {@link AdamWAgr}. Memory: m, d, n and
 * the last gradient, and two counters for each tensor, in DL4J's state view.
 *
 * <p>Source: arXiv 2407.16944, Algorithm 2; Adan: arXiv 2208.06677, Algorithm 1.
 */
public final class AdanAgr extends AgrOptimizer {
  private static final long serialVersionUID = 1L;

  /** The default of β₁, the decay rate of the first moment. */
  public static final double DEFAULT_BETA1 = 0.98;

  /** The default of β₂, the decay rate of the mean gradient difference. */
  public static final double DEFAULT_BETA2 = 0.92;

  /** The default of β₃, the decay rate of the second moment. */
  public static final double DEFAULT_BETA3 = 0.99;

  /** The default of the steps between restarts: 0, which is never. */
  public static final int DEFAULT_RESTART_EVERY = 0;

  private final double beta3;
  private final int restartEvery;

  /** Creates Adan(AGR) with the defaults. */
  public AdanAgr() {
    this(builder());
  }

  /**
   * Creates Adan(AGR) with a constant learning rate.
   *
   * @param learningRate η ≥ 0
   */
  public AdanAgr(double learningRate) {
    this(builder().learningRate(learningRate));
  }

  /**
   * Creates Adan(AGR) with a scheduled learning rate.
   *
   * @param learningRateSchedule η(iteration, epoch)
   */
  public AdanAgr(ISchedule learningRateSchedule) {
    this(builder().learningRateSchedule(learningRateSchedule));
  }

  private AdanAgr(Builder builder) {
    super(builder);
    this.beta3 = Require.decayRate("beta3", builder.beta3);
    if (builder.restartEvery < 0) {
      throw new IllegalArgumentException(
          "restartEvery = "
              + builder.restartEvery
              + ", expected a number of steps, or 0 for never");
    }
    this.restartEvery = builder.restartEvery;
  }

  @JsonCreator
  static AdanAgr fromJson(
      @JsonProperty("learningRate") Double learningRate,
      @JsonProperty("learningRateSchedule") ISchedule learningRateSchedule,
      @JsonProperty("beta1") Double beta1,
      @JsonProperty("beta2") Double beta2,
      @JsonProperty("beta3") Double beta3,
      @JsonProperty("epsilon") Double epsilon,
      @JsonProperty("agrMode") AgrMode agrMode,
      @JsonProperty("agrStrength") ISchedule agrStrength,
      @JsonProperty("nonFinite") NonFinite nonFinite,
      @JsonProperty("restartEvery") Integer restartEvery) {
    return builder()
        .fromJson(
            learningRate,
            learningRateSchedule,
            beta1,
            beta2,
            epsilon,
            agrMode,
            agrStrength,
            nonFinite)
        .beta3(beta3 == null ? DEFAULT_BETA3 : beta3)
        .restartEvery(restartEvery == null ? DEFAULT_RESTART_EVERY : restartEvery)
        .build();
  }

  /** A builder with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public Builder toBuilder() {
    return new Builder().copy(this).beta3(beta3).restartEvery(restartEvery);
  }

  /**
   * This configuration with another mode.
   *
   * @param agrMode where Ψ acts
   * @return a copy
   */
  public AdanAgr withMode(AgrMode agrMode) {
    return toBuilder().agrMode(agrMode).build();
  }

  /** β₃, decay rate of the second moment. */
  public double getBeta3() {
    return beta3;
  }

  /** Steps after which the state is forgotten and t starts again, or 0 for never. */
  public int getRestartEvery() {
    return restartEvery;
  }

  @Override
  Optimizer formula() {
    return Optimizer.ADAN;
  }

  @Override
  double beta3() {
    return beta3;
  }

  @Override
  int restartEvery() {
    return restartEvery;
  }

  @Override
  AdanAgrUpdater newUpdater() {
    return new AdanAgrUpdater(this);
  }

  @Override
  public AdanAgr clone() {
    return (AdanAgr) super.clone();
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && beta3 == ((AdanAgr) other).beta3
        && restartEvery == ((AdanAgr) other).restartEvery;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), beta3, restartEvery);
  }

  @Override
  public String toString() {
    String shared = super.toString();
    return shared.substring(0, shared.length() - 1)
        + ", beta3="
        + beta3
        + ", restartEvery="
        + restartEvery
        + ")";
  }

  /** Builds an {@link AdanAgr}. */
  public static final class Builder extends AgrOptimizer.Builder<Builder> {
    private double beta3 = DEFAULT_BETA3;
    private int restartEvery = DEFAULT_RESTART_EVERY;

    private Builder() {
      super(DEFAULT_BETA1, DEFAULT_BETA2);
    }

    @Override
    Builder self() {
      return this;
    }

    /** Sets β₃ in [0, 1). */
    public Builder beta3(double beta3) {
      this.beta3 = beta3;
      return this;
    }

    /**
     * Sets after how many steps m, d, n and the last gradient are forgotten and t starts again; 0
     * is never.
     */
    public Builder restartEvery(int steps) {
      this.restartEvery = steps;
      return this;
    }

    @Override
    public AdanAgr build() {
      return new AdanAgr(this);
    }
  }
}
