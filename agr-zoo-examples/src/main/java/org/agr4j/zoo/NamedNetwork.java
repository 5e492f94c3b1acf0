package org.agr4j.zoo;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntFunction;

/** The networks of this package by name, cut to fit the side of their images. */
public enum NamedNetwork {
  /** {@link ResNet#resNet18}. */
  RESNET18("resnet18", 32, side -> ResNet.resNet18()),
  /** {@link ResNet#resNet50}. */
  RESNET50("resnet50", 32, side -> ResNet.resNet50()),
  /** {@link ResNet#resNet101}. */
  RESNET101("resnet101", 32, side -> ResNet.resNet101()),
  /** {@link Vgg11}. */
  VGG11("vgg11", 32, side -> Vgg11.builder()),
  /** {@link ConvNeXt#tiny}. */
  CONVNEXT_T("convnext-t", 64, side -> ConvNeXt.tiny()),
  /** {@link Swin#tiny}. */
  SWIN_T("swin-t", 64, side -> Swin.tiny().window(swinWindow(side))),
  /** {@link Swin#small}. */
  SWIN_S("swin-s", 64, side -> Swin.small().window(swinWindow(side))),
  /** {@link TinyVit#of5M}. */
  TINYVIT_5M("tinyvit-5m", 64, side -> TinyVit.of5M().windows(tinyVitWindows(side))),
  /** {@link TinyVit#of11M}. */
  TINYVIT_11M("tinyvit-11m", 64, side -> TinyVit.of11M().windows(tinyVitWindows(side))),
  /** {@link TinyVit#of21M}. */
  TINYVIT_21M("tinyvit-21m", 64, side -> TinyVit.of21M().windows(tinyVitWindows(side)));

  private static final int AS_RELEASED = 224;
  private static final int CIFAR_SIDE = 32;

  private final String label;
  private final int usualSide;
  private final IntFunction<ImageNetworkBuilder> builder;

  NamedNetwork(String label, int usualSide, IntFunction<ImageNetworkBuilder> builder) {
    this.label = label;
    this.usualSide = usualSide;
    this.builder = builder;
  }

  /** Swin's 7 where it cuts all maps into whole windows, 4 elsewhere. */
  private static int swinWindow(int side) {
    return side % AS_RELEASED == 0 ? 7 : 4;
  }

  /** TinyViT's 7, 14, 7 for 224 pixels; elsewhere windows that are not mostly padding. */
  private static int[] tinyVitWindows(int side) {
    if (side % AS_RELEASED == 0) {
      return new int[] {7, 14, 7};
    }
    return new int[] {window(4, side / 8), window(4, side / 16), window(2, side / 32)};
  }

  private static int window(int most, int map) {
    return Math.max(1, Math.min(most, map));
  }

  /** The network of a name, if there is one. */
  public static Optional<NamedNetwork> of(String label) {
    return Arrays.stream(values()).filter(network -> network.label.equals(label)).findFirst();
  }

  /** The name on the command line. */
  public String label() {
    return label;
  }

  /** Height and width of the images where nothing else is said. */
  public int usualSide() {
    return usualSide;
  }

  /** Whether all its layers are DL4J's own. */
  public boolean isOfDl4jLayers() {
    return usualSide == CIFAR_SIDE;
  }

  /**
   * A builder of the network for square RGB images.
   *
   * @param side height and width
   * @throws IllegalArgumentException if the network does not take that side
   */
  public ImageNetworkBuilder builder(int side) {
    return builder.apply(side).inputShape(3, side, side);
  }

  @Override
  public String toString() {
    return label;
  }
}
