package org.agr4j.task.classification;

import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.agr4j.data.ImageSet;
import org.agr4j.input.BadInputException;
import org.agr4j.zoo.ConvNeXt;
import org.agr4j.zoo.ImageNetworkBuilder;
import org.agr4j.zoo.ResNet;
import org.agr4j.zoo.Swin;
import org.agr4j.zoo.TinyVit;
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
  VGG11("vgg11", Vgg11::builder),
  /** {@link ConvNeXt#tiny}. */
  CONVNEXT_T("convnext-t", 96, 1, side -> ConvNeXt.tiny()),
  /** {@link Swin#tiny}, with the window that fits the images. */
  SWIN_T("swin-t", 96, 3, side -> fitting(Swin.tiny(), side)),
  /** {@link Swin#small}, with the window that fits the images. */
  SWIN_S("swin-s", 96, 3, side -> fitting(Swin.small(), side)),
  /** {@link TinyVit#of5M}, with the windows that fit the images. */
  TINYVIT_5M("tinyvit-5m", 64, 2, side -> TinyVit.of5M().windows(TinyVit.fittingWindows(side))),
  /** {@link TinyVit#of11M}, with the windows that fit the images. */
  TINYVIT_11M("tinyvit-11m", 64, 2, side -> TinyVit.of11M().windows(TinyVit.fittingWindows(side))),
  /** {@link TinyVit#of21M}, with the windows that fit the images. */
  TINYVIT_21M("tinyvit-21m", 96, 3, side -> TinyVit.of21M().windows(TinyVit.fittingWindows(side)));

  private static final int NARROW = 8;
  private static final int SMALL_SIDE = 64;

  private final String label;
  private final int width;
  private final int widthDivisor;
  private final IntFunction<ImageNetworkBuilder> builder;

  ModelChoice(String label, Supplier<ImageNetworkBuilder> builder) {
    this(label, 64, 1, side -> builder.get());
  }

  ModelChoice(String label, int width, int widthDivisor, IntFunction<ImageNetworkBuilder> builder) {
    this.label = label;
    this.width = width;
    this.widthDivisor = widthDivisor;
    this.builder = builder;
  }

  /** Images below 64 pixels get patches of 2, so that they have as many as those of 64. */
  private static Swin fitting(Swin swin, int side) {
    int patch = side < SMALL_SIDE ? 2 : 4;
    return swin.patch(patch).window(Swin.fittingWindow(side, patch));
  }

  /** Channels of the first stage, as published. */
  int width() {
    return width;
  }

  /** Channels of the first stage for a run of seconds: about 8, and what the heads divide. */
  int narrowWidth() {
    return (NARROW + widthDivisor - 1) / widthDivisor * widthDivisor;
  }

  /**
   * Refuses a width that the heads do not divide; narrower networks keep the number of heads.
   *
   * @throws BadInputException in one line
   */
  void requireWidth(int channels) {
    if (channels % widthDivisor != 0) {
      throw new BadInputException(
          "--width is %d with --model %s, expected a multiple of %d, which its heads divide"
              .formatted(channels, label, widthDivisor));
    }
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
          .apply(images.height())
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
