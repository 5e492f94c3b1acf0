package org.agr4j.updater;

import org.agr4j.internal.kernel.Optimizer;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * AdamW with Adaptive Gradient Regularization.
 *
 * <p>For a tensor with gradient g, Ψ(g) = g − s·g·|g|/‖g‖₁, and at its step t = 1, 2, …
 *
 * <pre>
 *   m ← β₁m + (1−β₁) Ψ(g)
 *   v ← β₂v + (1−β₂) g²                  (Ψ(g)² in {@link AgrMode#ALL_MOMENTS})
 *   update = η (m/(1−β₁ᵗ)) / (√(v/(1−β₂ᵗ)) + ε)
 * </pre>
 *
 * which DL4J subtracts from the parameters. Weight decay is not part of the updater, since DL4J
 * shows it no parameters: add {@link org.agr4j.regularization.DecoupledWeightDecay}, or let {@link
 * org.agr4j.Agr} set up both:
 *
 * <pre>{@code
 * new NeuralNetConfiguration.Builder()
 *     .updater(new AdamWAgr(1e-3))
 *     .regularization(List.of(new DecoupledWeightDecay(1e-2)))
 * }</pre>
 *
 * <p>Ψ is applied to every tensor this configuration is given, each with its own ‖g‖₁ however DL4J
 * merges them; it is the identity on an all-zero gradient and on a one-element tensor. Use {@code
 * .biasUpdater(...)} or {@link org.agr4j.Agr} to leave biases out.
 *
 * <p>Memory: two moments, and two counters for each tensor, in DL4J's state view. The step count t
 * is kept there and does not depend on DL4J's iteration. It is exact up to 2²⁴ steps in FLOAT and
 * 2⁵³ in DOUBLE.
 *
 * <p>A network of this optimizer is FLOAT or DOUBLE. The state has the network's type, and FLOAT16
 * and BFLOAT16 cannot hold it: {@link #instantiate} refuses them, and β or ε that the type would
 * lose. Measured with exact arithmetic and only m, v and t rounded to the type after each step,
 * over 2000 steps of Gaussian gradients that fall hundredfold, the last 200 updates are off by 2.7%
 * of their norm in FLOAT16 for gradients of 1, by 23,000 times their norm for gradients of 0.001,
 * whose squares vanish, and by 73% in BFLOAT16 for either, in which a mean with β₂ = 0.999 stands
 * still; in FLOAT by 5e-7 ({@code DataTypeTest}). In FLOAT, squares of gradients beyond 1.8e19 are
 * infinite, and such an element's updates are 0 from then on.
 *
 * <p>Source: arXiv 2407.16944, Algorithm 1; decoupled decay: arXiv 1711.05101.
 */
public final class AdamWAgr extends AgrOptimizer {
  private static final long serialVersionUID = 1L;

  /** The default of β₁, the decay rate of the first moment. */
  public static final double DEFAULT_BETA1 = 0.9;

  /** The default of β₂, the decay rate of the second moment. */
  public static final double DEFAULT_BETA2 = 0.999;

  /** Creates AdamW(AGR) with the defaults. */
  public AdamWAgr() {
    this(builder());
  }

  /**
   * Creates AdamW(AGR) with a constant learning rate.
   *
   * @param learningRate η ≥ 0
   */
  public AdamWAgr(double learningRate) {
    this(builder().learningRate(learningRate));
  }

  /**
   * Creates AdamW(AGR) with a scheduled learning rate.
   *
   * @param learningRateSchedule η(iteration, epoch)
   */
  public AdamWAgr(ISchedule learningRateSchedule) {
    this(builder().learningRateSchedule(learningRateSchedule));
  }

  private AdamWAgr(Builder builder) {
    super(builder);
  }

  @JsonCreator
  static AdamWAgr fromJson(
      @JsonProperty("learningRate") Double learningRate,
      @JsonProperty("learningRateSchedule") ISchedule learningRateSchedule,
      @JsonProperty("beta1") Double beta1,
      @JsonProperty("beta2") Double beta2,
      @JsonProperty("epsilon") Double epsilon,
      @JsonProperty("agrMode") AgrMode agrMode,
      @JsonProperty("agrStrength") ISchedule agrStrength,
      @JsonProperty("nonFinite") NonFinite nonFinite) {
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
        .build();
  }

  /** A builder with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public Builder toBuilder() {
    return new Builder().copy(this);
  }

  /**
   * This configuration with another mode.
   *
   * @param agrMode where Ψ acts
   * @return a copy
   */
  public AdamWAgr withMode(AgrMode agrMode) {
    return toBuilder().agrMode(agrMode).build();
  }

  @Override
  Optimizer formula() {
    return Optimizer.ADAMW;
  }

  @Override
  AdamWAgrUpdater newUpdater() {
    return new AdamWAgrUpdater(this);
  }

  @Override
  public AdamWAgr clone() {
    return (AdamWAgr) super.clone();
  }

  /** Builds an {@link AdamWAgr}. */
  public static final class Builder extends AgrOptimizer.Builder<Builder> {
    private Builder() {
      super(DEFAULT_BETA1, DEFAULT_BETA2);
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    public AdamWAgr build() {
      return new AdamWAgr(this);
    }
  }
}
