package org.agr4j.train;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.function.Supplier;
import org.agr4j.data.BadInputException;
import org.agr4j.data.ImageSet;
import org.agr4j.zoo.ImageNetworkBuilder;
import org.agr4j.zoo.ResNet;
import org.agr4j.zoo.Vgg11;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;

/** A network that can be trained by name. */
public enum ModelChoice {
  /** {@link ResNet#resNet18}. */
  RESNET18("resnet18", ResNet::resNet18),
  /** {@link ResNet#resNet50}. */
  RESNET50("resnet50", ResNet::resNet50),
  /** {@link ResNet#resNet101}. */
  RESNET101("resnet101", ResNet::resNet101),
  /** {@link Vgg11}. */
  VGG11("vgg11", Vgg11::builder);

  private final String label;
  private final Supplier<ImageNetworkBuilder> builder;

  ModelChoice(String label, Supplier<ImageNetworkBuilder> builder) {
    this.label = label;
    this.builder = builder;
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
  public ComputationGraphConfiguration conf(
      ImageSet images, int width, long seed, IUpdater updater, Regularization... decay) {
    try {
      return builder
          .get()
          .inputShape(images.channels(), images.height(), images.width())
          .numClasses(images.classes())
          .width(width)
          .seed(seed)
          .updater(updater)
          .regularization(decay)
          .build()
          .conf();
    } catch (IllegalArgumentException e) {
      throw new BadInputException("--model " + label + " does not fit: " + e.getMessage(), e);
    }
  }
}
