package org.agr4j.zoo;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The networks of this package by name, with patch and windows that fit the side of the images, or
 * with those of {@link NetworkOptions}.
 */
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
  CONVNEXT_T("convnext-t", 96, 1, new Published(0.1, true, 0), convNeXt(ConvNeXt::tiny)),
  /** {@link Swin#tiny}. */
  SWIN_T("swin-t", 96, 3, new Published(0.2, true, 1), swin(Swin::tiny)),
  /** {@link Swin#small}. */
  SWIN_S("swin-s", 96, 3, new Published(0.3, true, 1), swin(Swin::small)),
  /** {@link TinyVit#of5M}. */
  TINYVIT_5M("tinyvit-5m", 64, 2, new Published(0.0, false, 3), tinyVit(TinyVit::of5M)),
  /** {@link TinyVit#of11M}. */
  TINYVIT_11M("tinyvit-11m", 64, 2, new Published(0.1, false, 3), tinyVit(TinyVit::of11M)),
  /** {@link TinyVit#of21M}. */
  TINYVIT_21M("tinyvit-21m", 96, 3, new Published(0.2, false, 3), tinyVit(TinyVit::of21M));

  /**
   * Which options a network has.
   *
   * @param dropPath its published drop path, or null if it has none
   * @param patches whether the side of its patches can be chosen
   * @param windows how many windows it is told, 0 if it has none
   */
  private record Published(Double dropPath, boolean patches, int windows) {}

  /** Makes a builder for images of a side, as the options say. */
  private interface Factory {
    ImageNetworkBuilder builder(int side, NetworkOptions options);
  }

  private static final int CIFAR_SIDE = 32;
  private static final int TINY_IMAGENET_SIDE = 64;
  private static final int NARROW = 8;

  private final String label;
  private final boolean ofDl4jLayers;
  private final int width;
  private final int widthDivisor;
  private final Published published;
  private final Factory factory;

  NamedNetwork(String label, Supplier<ImageNetworkBuilder> builder) {
    this(label, true, 64, 1, new Published(null, false, 0), (side, options) -> builder.get());
  }

  NamedNetwork(String label, int width, int widthDivisor, Published published, Factory factory) {
    this(label, false, width, widthDivisor, published, factory);
  }

  NamedNetwork(
      String label,
      boolean ofDl4jLayers,
      int width,
      int widthDivisor,
      Published published,
      Factory factory) {
    this.label = label;
    this.ofDl4jLayers = ofDl4jLayers;
    this.width = width;
    this.widthDivisor = widthDivisor;
    this.published = published;
    this.factory = factory;
  }

  private static Factory convNeXt(Supplier<ConvNeXt> network) {
    return (side, options) -> {
      ConvNeXt convNeXt = network.get();
      if (options.patch() != null) {
        convNeXt.patch(options.patch());
      }
      return options.dropPath() == null ? convNeXt : convNeXt.dropPath(options.dropPath());
    };
  }

  /** Images below 64 pixels get patches of 2, so that they have as many as those of 64. */
  private static Factory swin(Supplier<Swin> network) {
    return (side, options) -> {
      int fitting = side < TINY_IMAGENET_SIDE ? 2 : 4;
      int patch = options.patch() == null ? fitting : options.patch();
      Swin swin = network.get().patch(patch);
      swin.window(
          options.windows().isEmpty() ? Swin.fittingWindow(side, patch) : options.windows().get(0));
      return options.dropPath() == null ? swin : swin.dropPath(options.dropPath());
    };
  }

  private static Factory tinyVit(Supplier<TinyVit> network) {
    return (side, options) -> {
      TinyVit tinyVit = network.get();
      tinyVit.windows(
          options.windows().isEmpty() ? TinyVit.fittingWindows(side) : options.windowArray());
      return options.dropPath() == null ? tinyVit : tinyVit.dropPath(options.dropPath());
    };
  }

  /** The network of a name, if there is one. */
  public static Optional<NamedNetwork> of(String label) {
    return Arrays.stream(values()).filter(network -> network.label.equals(label)).findFirst();
  }

  /** The names of the networks of which something holds. */
  public static List<String> labels(Predicate<NamedNetwork> holds) {
    return Arrays.stream(values()).filter(holds).map(NamedNetwork::label).toList();
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

  /** Drop path of the last block, as published; null for a network without drop path. */
  public Double dropPath() {
    return published.dropPath();
  }

  /** Whether the side of its patches can be chosen. */
  public boolean hasPatches() {
    return published.patches();
  }

  /** How many windows it is told; 0 if it has none. */
  public int windows() {
    return published.windows();
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
    return builder(channels, height, imageWidth, NetworkOptions.NONE);
  }

  /**
   * A builder of the network for images of a shape, with options.
   *
   * @param channels of an image
   * @param height in pixels, by which patch and windows are chosen where they are not given
   * @param imageWidth in pixels
   * @param options drop path, patch and windows; the network has those that are given
   * @throws IllegalArgumentException if the network has no such option, or does not take that shape
   */
  public ImageNetworkBuilder builder(
      int channels, int height, int imageWidth, NetworkOptions options) {
    require(options.dropPath() == null || dropPath() != null, "drop path");
    require(options.patch() == null || hasPatches(), "patch to choose");
    require(
        options.windows().isEmpty() || options.windows().size() == windows(),
        options.windows().size() + " windows, but " + windows());
    return factory.builder(height, options).inputShape(channels, height, imageWidth);
  }

  private void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException(label + " has no " + what);
    }
  }

  @Override
  public String toString() {
    return label;
  }
}
