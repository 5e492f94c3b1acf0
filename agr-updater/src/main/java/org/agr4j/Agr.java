package org.agr4j;

import java.util.Objects;
import java.util.function.Function;
import org.agr4j.regularization.DecoupledWeightDecay;
import org.agr4j.regularization.ProximalWeightDecay;
import org.agr4j.regularization.WeightDecayAfterUpdate;
import org.agr4j.updater.AdamWAgr;
import org.agr4j.updater.AdanAgr;
import org.agr4j.updater.AgrMode;
import org.agr4j.updater.AgrOptimizer;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Switches a whole network to an AGR optimizer with weight decay, in one call:
 *
 * <pre>{@code
 * MultiLayerConfiguration conf = ...;              // built, or loaded from JSON
 * Agr.adamW(1e-3).weightDecay(5e-4).applyTo(conf);
 * MultiLayerNetwork net = new MultiLayerNetwork(conf);
 * net.init();
 * }</pre>
 *
 * <p>As the paper's text has it (arXiv 2407.16944, section 5.1), weights get Ψ and decay, and
 * biases and batch normalization's γ and β get the same optimizer with {@link AgrMode#OFF} and no
 * decay. {@link #everyTensor()} gives Ψ and decay to all, as the released code does, except that
 * DL4J 1.0.0-M2.1 decays no batch normalization.
 *
 * <p>What is a weight and what a bias is the layer's word ({@link TensorRole}): the gain of a layer
 * normalization inside a dense or recurrent layer and PReLU's α count as weights; the visible bias
 * of an AutoEncoder is neither, so it gets Ψ with the weights and never decay. {@link
 * OptimizerPlan} says which layers and vertices are reached.
 *
 * <p>An {@code Agr} is a value: it copies the optimizer it is given, and each method but {@code
 * applyTo} returns another.
 */
public final class Agr implements OptimizerPlan {
  /** λ of AdamW where none is given. */
  public static final double DEFAULT_ADAMW_WEIGHT_DECAY = 1e-2;

  private final AgrOptimizer optimizer;
  private final Function<ISchedule, WeightDecayAfterUpdate> decay;
  private final ISchedule weightDecay;
  private final boolean everyTensor;

  private Agr(
      AgrOptimizer optimizer,
      Function<ISchedule, WeightDecayAfterUpdate> decay,
      ISchedule weightDecay,
      boolean everyTensor) {
    this.optimizer = optimizer;
    this.decay = decay;
    this.weightDecay = weightDecay;
    this.everyTensor = everyTensor;
    decay.apply(weightDecay); // refuses what is out of range here, not in applyTo
  }

  /** AdamW(AGR) with learning rate η and λ = 1e-2. */
  public static Agr adamW(double learningRate) {
    return adamW(new AdamWAgr(learningRate));
  }

  /** AdamW(AGR) with a scheduled learning rate and λ = 1e-2. */
  public static Agr adamW(ISchedule learningRateSchedule) {
    return adamW(new AdamWAgr(learningRateSchedule));
  }

  /** AdamW(AGR) as configured, with λ = 1e-2. */
  public static Agr adamW(AdamWAgr optimizer) {
    ISchedule weightDecay = new FixedSchedule(DEFAULT_ADAMW_WEIGHT_DECAY);
    return new Agr(optimizer.clone(), DecoupledWeightDecay::new, weightDecay, false);
  }

  /** Adan(AGR) with learning rate η and no decay. */
  public static Agr adan(double learningRate) {
    return adan(new AdanAgr(learningRate));
  }

  /** Adan(AGR) with a scheduled learning rate and no decay. */
  public static Agr adan(ISchedule learningRateSchedule) {
    return adan(new AdanAgr(learningRateSchedule));
  }

  /** Adan(AGR) as configured, with no decay. */
  public static Agr adan(AdanAgr optimizer) {
    return new Agr(optimizer.clone(), ProximalWeightDecay::new, new FixedSchedule(0), false);
  }

  /** Sets the decay λ ≥ 0: decoupled for AdamW, proximal for Adan. */
  public Agr weightDecay(double weightDecay) {
    return weightDecay(new FixedSchedule(weightDecay));
  }

  /** Sets a scheduled decay λ(iteration, epoch) ≥ 0. */
  public Agr weightDecay(ISchedule weightDecay) {
    return new Agr(
        optimizer, decay, Objects.requireNonNull(weightDecay, "weightDecay is null"), everyTensor);
  }

  /** Makes the decay decoupled, where it is Adan's proximal one otherwise. */
  public Agr decoupled() {
    return new Agr(optimizer, DecoupledWeightDecay::new, weightDecay, everyTensor);
  }

  /** Sets where Ψ acts. */
  public Agr mode(AgrMode mode) {
    return new Agr(optimizer.toBuilder().agrMode(mode).build(), decay, weightDecay, everyTensor);
  }

  /** Sets the strength s(iteration, epoch) in [0, 1] of Ψ. */
  public Agr strength(ISchedule strength) {
    return new Agr(
        optimizer.toBuilder().agrStrength(strength).build(), decay, weightDecay, everyTensor);
  }

  /** Gives Ψ and decay to every tensor, biases too, as the authors' released code does. */
  public Agr everyTensor() {
    return new Agr(optimizer, decay, weightDecay, true);
  }

  @Override
  public IUpdater updater(TensorRole role) {
    return role == TensorRole.WEIGHT || everyTensor
        ? optimizer.clone()
        : optimizer.toBuilder().agrMode(AgrMode.OFF).build();
  }

  @Override
  public Regularization decay(TensorRole role) {
    boolean none = weightDecay.equals(new FixedSchedule(0));
    return none || role != TensorRole.WEIGHT && !everyTensor
        ? null
        : decay.apply(weightDecay.clone());
  }
}
