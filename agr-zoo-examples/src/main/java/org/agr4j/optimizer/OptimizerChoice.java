package org.agr4j.optimizer;

import java.util.Map;
import org.agr4j.Agr;
import org.agr4j.OptimizerPlan;
import org.agr4j.acprop.ACProp;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/**
 * An optimizer that can be used by name, and what weight decay λ means with it.
 *
 * <p>AdamW and Adan decay the weights apart from the gradient, as their papers do; biases and batch
 * norm are left out. DL4J's own optimizers and ACProp get λ as L2: λθ is added to the gradient of
 * the weights, as weight decay with them is commonly understood.
 */
public enum OptimizerChoice {
  /** AdamW. */
  ADAMW("adamw", "AdamW", 1e-3),
  /** AdamW(AGR), Ψ in the first moment of the weights. */
  ADAMW_AGR("adamw-agr", "AdamW(AGR)", 1e-3),
  /** Adan. */
  ADAN("adan", "Adan", 1e-3),
  /** Adan(AGR), Ψ in the first moment of the weights. */
  ADAN_AGR("adan-agr", "Adan(AGR)", 1e-3),
  /** AdamW with Ψ's shrinkage at the wrong elements, the control of AdamW(AGR). */
  ADAMW_PLACEBO("adamw-placebo", "AdamW(placebo)", 1e-3),
  /** Adan with Ψ's shrinkage at the wrong elements, the control of Adan(AGR). */
  ADAN_PLACEBO("adan-placebo", "Adan(placebo)", 1e-3),
  /** DL4J's Adam. */
  ADAM("adam", "Adam", 1e-3),
  /** DL4J's SGD with Nesterov momentum 0.9. */
  NESTEROVS("nesterovs", "SGD, Nesterov", 0.1),
  /** DL4J's RMSProp. */
  RMSPROP("rmsprop", "RMSProp", 1e-3),
  /** ACProp, with the ε and the L2 of its authors' CIFAR runs. */
  ACPROP("acprop", "ACProp", 1e-3);

  private static final double NESTEROV_MOMENTUM = 0.9;
  private static final double ACPROP_CIFAR_EPSILON = 1e-8;
  // One for all runs: their gradients differ by the runs' own seeds already.
  private static final long PLACEBO_SEED = 20261125;

  private final String label;
  private final String title;
  private final double defaultLearningRate;

  OptimizerChoice(String label, String title, double defaultLearningRate) {
    this.label = label;
    this.title = title;
    this.defaultLearningRate = defaultLearningRate;
  }

  /** The name on the command line. */
  public String label() {
    return label;
  }

  @Override
  public String toString() {
    return label;
  }

  /** The name in prose and figures. */
  public String title() {
    return title;
  }

  /** The learning rate where none is given. */
  public double defaultLearningRate() {
    return defaultLearningRate;
  }

  /** Whether Ψ is part of it. */
  public boolean isAgr() {
    return this == ADAMW_AGR || this == ADAN_AGR;
  }

  /** Whether it is the control of an AGR optimizer, with the shrinkage at the wrong elements. */
  public boolean isPlacebo() {
    return this == ADAMW_PLACEBO || this == ADAN_PLACEBO;
  }

  /** Whether it shrinks gradients, rightly or as a placebo, so that mode and last epoch apply. */
  public boolean shrinks() {
    return isAgr() || isPlacebo();
  }

  /** The same optimizer without AGR or placebo; itself if it has neither. */
  public OptimizerChoice plain() {
    return switch (this) {
      case ADAMW_AGR, ADAMW_PLACEBO -> ADAMW;
      case ADAN_AGR, ADAN_PLACEBO -> ADAN;
      default -> this;
    };
  }

  /** The control of an AGR optimizer; itself for all others. */
  public OptimizerChoice placebo() {
    return switch (this) {
      case ADAMW_AGR -> ADAMW_PLACEBO;
      case ADAN_AGR -> ADAN_PLACEBO;
      default -> this;
    };
  }

  /**
   * What this optimizer does to each kind of tensor.
   *
   * @param settings weight decay, what Ψ does and to which tensors
   * @param lr the learning rate
   * @param epochs epochs of the run
   */
  public OptimizerPlan plan(OptimizerSettings settings, ISchedule lr, int epochs) {
    return switch (this) {
      case ADAMW, ADAMW_AGR -> agr(Agr.adamW(lr), settings, epochs);
      case ADAN, ADAN_AGR -> agr(Agr.adan(lr), settings, epochs);
      case ADAMW_PLACEBO -> new PlaceboPlan(agr(Agr.adamW(lr), settings, epochs), PLACEBO_SEED);
      case ADAN_PLACEBO -> new PlaceboPlan(agr(Agr.adan(lr), settings, epochs), PLACEBO_SEED);
      case ADAM -> new L2Plan(new Adam(lr), settings.weightDecay());
      case NESTEROVS -> new L2Plan(new Nesterovs(lr, NESTEROV_MOMENTUM), settings.weightDecay());
      case RMSPROP -> new L2Plan(new RmsProp(lr), settings.weightDecay());
      case ACPROP ->
          new L2Plan(
              ACProp.builder().learningRateSchedule(lr).epsilon(ACPROP_CIFAR_EPSILON).build(),
              settings.weightDecay());
    };
  }

  private static OptimizerPlan agr(Agr agr, OptimizerSettings settings, int epochs) {
    Agr whole = agr.mode(settings.agrMode()).weightDecay(settings.weightDecay());
    if (settings.choice().shrinks() && settings.agrUntil() < epochs) {
      whole = whole.strength(onUntil(settings.agrUntil()));
    }
    return settings.tensors() == TensorChoice.ALL ? whole.everyTensor() : whole;
  }

  /** 1 in the first epochs, then 0; DL4J counts epochs from 0. */
  private static ISchedule onUntil(int epoch) {
    return epoch == 0
        ? new FixedSchedule(0)
        : new MapSchedule(ScheduleType.EPOCH, Map.of(0, 1.0, epoch, 0.0));
  }
}
