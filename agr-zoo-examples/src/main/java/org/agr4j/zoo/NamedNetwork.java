package org.agr4j.zoo;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** The networks of this package by name, with patch and windows that fit the side of the images. */
public enum NamedNetwork {
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
  /** {@link Swin#tiny}. */
  SWIN_T("swin-t", 96, 3, side -> fitting(Swin.tiny(), side)),
  /** {@link Swin#small}. */
  SWIN_S("swin-s", 96, 3, side -> fitting(Swin.small(), side)),
  /** {@link TinyVit#of5M}. */
  TINYVIT_5M("tinyvit-5m", 64, 2, side -> TinyVit.of5M().windows(TinyVit.fittingWindows(side))),
  /** {@link TinyVit#of11M}. */
  TINYVIT_11M("tinyvit-11m", 64, 2, side -> TinyVit.of11M().windows(TinyVit.fittingWindows(side))),
  /** {@link TinyVit#of21M}. */
  TINYVIT_21M("tinyvit-21m", 96, 3, side -> TinyVit.of21M().windows(TinyVit.fittingWindows(side)));

  private static final int CIFAR_SIDE = 32;
  private static final int TINY_IMAGENET_SIDE = 64;
  private static final int NARROW = 8;

  private final String label;
  private final boolean ofDl4jLayers;
  private final int width;
  private final int widthDivisor;
  private final IntFunction<ImageNetworkBuilder> builder;

  NamedNetwork(String label, Supplier<ImageNetworkBuilder> builder) {
    this(label, true, 64, 1, side -> builder.get());
  }

  NamedNetwork(
      String label, int width, int widthDivisor, IntFunction<ImageNetworkBuilder> builder) {
    this(label, false, width, widthDivisor, builder);
  }

  NamedNetwork(
      String label,
      boolean ofDl4jLayers,
      int width,
      int widthDivisor,
      IntFunction<ImageNetworkBuilder> builder) {
    this.label = label;
    this.ofDl4jLayers = ofDl4jLayers;
    this.width = width;
    this.widthDivisor = widthDivisor;
    this.builder = builder;
  }

  /** Images below 64 pixels get patches of 2, so that they have as many as those of 64. */
  private static Swin fitting(Swin swin, int side) {
    int patch = side < TINY_IMAGENET_SIDE ? 2 : 4;
    return swin.patch(patch).window(Swin.fittingWindow(side, patch));
  }

  /** The network of a name, if there is one. */
  public static Optional<NamedNetwork> of(String label) {
    return Arrays.stream(values()).filter(network -> network.label.equals(label)).findFirst();
  }

  /** The name on the command line. */
  public String label() {
    return label;
  }

  /** Height and width of the images, in pixels, where nothing else is said. */
  public int usualSide() {
    return ofDl4jLayers ? CIFAR_SIDE : TINY_IMAGENET_SIDE;
  }

  /** Whether all its layers are DL4J's own. */
  public boolean isOfDl4jLayers() {
    return ofDl4jLayers;
  }

  /** Channels of the first stage, as published. */
  public int width() {
    return width;
  }

  /** What a width has to be a multiple of: narrower networks keep the number of heads. */
  public int widthDivisor() {
    return widthDivisor;
  }

  /** Channels of the first stage for a run of seconds: about 8, and what the heads divide. */
  public int narrowWidth() {
    return (NARROW + widthDivisor - 1) / widthDivisor * widthDivisor;
  }

  /**
   * A builder of the network for images of a shape.
   *
   * @param channels of an image
   * @param height in pixels, by which patch and windows are chosen
   * @param imageWidth in pixels
   * @throws IllegalArgumentException if the network does not take that shape
   */
  public ImageNetworkBuilder builder(int channels, int height, int imageWidth) {
    return builder.apply(height).inputShape(channels, height, imageWidth);
  }

  @Override
  public String toString() {
    return label;
  }
}
