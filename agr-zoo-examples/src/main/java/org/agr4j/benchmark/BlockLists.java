package org.agr4j.benchmark;

import java.util.ArrayList;
import java.util.List;

/**
 * Lengths of the tensors of known networks (torchvision's layouts, 1000 classes unless said), in
 * the order of their layers: what an updater meets as one block.
 */
public final class BlockLists {
  private BlockLists() {}

  /** ResNet-18: 62 tensors, 11,689,512 elements. */
  public static long[] resNet18() {
    Tensors t = new Tensors().convolution(3, 64, 7);
    int[] widths = {64, 128, 256, 512};
    int in = 64;
    for (int stage = 0; stage < 4; stage++) {
      int width = widths[stage];
      for (int block = 0; block < 2; block++) {
        t.convolution(in, width, 3).convolution(width, width, 3);
        if (in != width) {
          t.convolution(in, width, 1);
        }
        in = width;
      }
    }
    return t.dense(512, 1000).lengths();
  }

  /** ResNet-50: 161 tensors, 25,557,032 elements. */
  public static long[] resNet50() {
    Tensors t = new Tensors().convolution(3, 64, 7);
    int[] blocks = {3, 4, 6, 3};
    int in = 64;
    for (int stage = 0; stage < 4; stage++) {
      int width = 64 << stage;
      for (int block = 0; block < blocks[stage]; block++) {
        t.convolution(in, width, 1).convolution(width, width, 3).convolution(width, 4 * width, 1);
        if (block == 0) {
          t.convolution(in, 4 * width, 1);
        }
        in = 4 * width;
      }
    }
    return t.dense(2048, 1000).lengths();
  }

  /**
   * VGG-11 with batch norm for 32×32 images and 10 classes: one dense layer; 9,231,114 elements.
   */
  public static long[] vgg11() {
    Tensors t = new Tensors();
    int in = 3;
    for (int width : new int[] {64, 128, 256, 256, 512, 512, 512, 512}) {
      t.convolution(in, width, 3).bias(width);
      in = width;
    }
    return t.dense(512, 10).lengths();
  }

  private static final class Tensors {
    private final List<Long> lengths = new ArrayList<>();

    /** A convolution without bias, and its batch norm. */
    Tensors convolution(long in, long out, long side) {
      lengths.add(in * out * side * side);
      lengths.add(out);
      lengths.add(out);
      return this;
    }

    Tensors bias(long out) {
      lengths.add(out);
      return this;
    }

    Tensors dense(long in, long out) {
      lengths.add(in * out);
      lengths.add(out);
      return this;
    }

    long[] lengths() {
      return lengths.stream().mapToLong(n -> n).toArray();
    }
  }
}
