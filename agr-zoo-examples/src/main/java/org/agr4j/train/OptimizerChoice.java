package org.agr4j.train;

import com.fasterxml.jackson.annotation.JsonValue;
import org.agr4j.Agr;
import org.agr4j.acprop.ACProp;
import org.agr4j.data.ImageSet;
import org.agr4j.updater.AgrMode;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.regularization.L2Regularization;

/**
 * An optimizer that can be used by name, and what weight decay λ means with it.
 *
 * <p>AdamW and Adan decay the weights apart from the gradient, as their papers do; biases and batch
 * norm are left out. DL4J's own optimizers and ACProp get λ as L2: λθ is added to the gradient of
 * the weights, as weight decay with them is commonly understood.
 */
public enum OptimizerChoice {
  /** AdamW. */
  ADAMW("adamw", 1e-3),
  /** AdamW(AGR), Ψ in the first moment of the weights. */
  ADAMW_AGR("adamw-agr", 1e-3),
  /** Adan. */
  ADAN("adan", 1e-3),
  /** Adan(AGR), Ψ in the first moment of the weights. */
  ADAN_AGR("adan-agr", 1e-3),
  /** DL4J's Adam. */
  ADAM("adam", 1e-3),
  /** DL4J's SGD with Nesterov momentum 0.9. */
  NESTEROVS("nesterovs", 0.1),
  /** DL4J's RMSProp. */
  RMSPROP("rmsprop", 1e-3),
  /** ACProp, with the ε and the L2 of its authors' CIFAR runs. */
  ACPROP("acprop", 1e-3);

  private static final double NESTEROV_MOMENTUM = 0.9; // new Nesterovs(x) takes x for this
  private static final double ACPROP_CIFAR_EPSILON = 1e-8;

  private final String label;
  private final double defaultLearningRate;

  OptimizerChoice(String label, double defaultLearningRate) {
    this.label = label;
    this.defaultLearningRate = defaultLearningRate;
  }

  /** The name on the command line. */
  @JsonValue
  public String label() {
    return label;
  }

  @Override
  public String toString() {
    return label;
  }

  /** The learning rate where none is given. */
  public double defaultLearningRate() {
    return defaultLearningRate;
  }

  /**
   * A network's configuration with this optimizer.
   *
   * @param settings model, width, seed, learning rate and weight decay
   * @param images shape and number of classes
   */
  ComputationGraphConfiguration configure(TrainSettings settings, ImageSet images) {
    double lr = settings.learningRate();
    double decay = settings.weightDecay();
    return switch (this) {
      case ADAMW -> agr(Agr.adamW(lr), AgrMode.OFF, settings, images);
      case ADAMW_AGR -> agr(Agr.adamW(lr), AgrMode.FIRST_MOMENT, settings, images);
      case ADAN -> agr(Agr.adan(lr), AgrMode.OFF, settings, images);
      case ADAN_AGR -> agr(Agr.adan(lr), AgrMode.FIRST_MOMENT, settings, images);
      case ADAM -> own(new Adam(lr), decay, settings, images);
      case NESTEROVS -> own(new Nesterovs(lr, NESTEROV_MOMENTUM), decay, settings, images);
      case RMSPROP -> own(new RmsProp(lr), decay, settings, images);
      case ACPROP ->
          own(
              ACProp.builder().learningRate(lr).epsilon(ACPROP_CIFAR_EPSILON).build(),
              decay,
              settings,
              images);
    };
  }

  private static ComputationGraphConfiguration agr(
      Agr agr, AgrMode mode, TrainSettings settings, ImageSet images) {
    ComputationGraphConfiguration conf =
        settings.model().conf(images, settings.width(), settings.seed(), new NoOp());
    return agr.mode(mode).weightDecay(settings.weightDecay()).applyTo(conf);
  }

  private static ComputationGraphConfiguration own(
      IUpdater updater, double decay, TrainSettings settings, ImageSet images) {
    return decay == 0
        ? settings.model().conf(images, settings.width(), settings.seed(), updater)
        : settings
            .model()
            .conf(images, settings.width(), settings.seed(), updater, new L2Regularization(decay));
  }
}
