package org.agr4j.train;

import com.fasterxml.jackson.annotation.JsonValue;
import org.agr4j.data.ImageSet;
import org.agr4j.zoo.ResNet18;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;

/** A network that can be trained by name. */
public enum ModelChoice {
  /** {@link ResNet18}. */
  RESNET18("resnet18") {
    @Override
    ComputationGraphConfiguration conf(
        ImageSet images, int width, long seed, IUpdater updater, Regularization... decay) {
      return ResNet18.builder()
          .inputShape(images.channels(), images.height(), images.width())
          .numClasses(images.classes())
          .width(width)
          .seed(seed)
          .updater(updater)
          .regularization(decay)
          .build()
          .conf();
    }
  };

  private final String label;

  ModelChoice(String label) {
    this.label = label;
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

  /**
   * The network for images of that shape.
   *
   * @param images shape and number of classes
   * @param width channels of the first stage
   * @param seed what determines the initial weights
   * @param updater optimizer of every layer
   * @param decay decay of the weights
   */
  abstract ComputationGraphConfiguration conf(
      ImageSet images, int width, long seed, IUpdater updater, Regularization... decay);
}
