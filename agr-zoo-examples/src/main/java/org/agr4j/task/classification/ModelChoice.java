package org.agr4j.task.classification;

import java.util.Arrays;
import java.util.function.Supplier;
import org.agr4j.data.ImageSet;
import org.agr4j.input.BadInputException;
import org.agr4j.zoo.ImageNetworkBuilder;
import org.agr4j.zoo.ResNet;
import org.agr4j.zoo.Vgg11;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.learning.config.NoOp;

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

  /** The network of a name. */
  static ModelChoice of(String label) {
    return Arrays.stream(values())
        .filter(model -> model.label.equals(label))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no network " + label));
  }

  /** The name on the command line. */
  public String label() {
    return label;
  }

  @Override
  public String toString() {
    return label;
  }

  /**
   * The network for images of that shape, which an optimizer's plan is still to be applied to.
   *
   * @param images shape and number of classes
   * @param width channels of the first stage
   * @param seed what determines the initial weights
   */
  public ComputationGraphConfiguration conf(ImageSet images, int width, long seed) {
    try {
      return builder
          .get()
          .inputShape(images.channels(), images.height(), images.width())
          .numClasses(images.classes())
          .width(width)
          .seed(seed)
          .updater(new NoOp())
          .build()
          .conf();
    } catch (IllegalArgumentException e) {
      throw new BadInputException("--model " + label + " does not fit: " + e.getMessage(), e);
    }
  }
}
