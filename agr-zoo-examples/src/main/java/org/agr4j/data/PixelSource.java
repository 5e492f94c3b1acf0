package org.agr4j.data;

import java.io.Serializable;

/** Where the pixels of a set's images are: unsigned bytes [channels, height, width], row-major. */
interface PixelSource extends Serializable {
  /** An array that holds an image's bytes; not to be modified. */
  byte[] array(int image);

  /** Where they begin in it. */
  int offset(int image);

  /**
   * Pixels of images one after another in one array.
   *
   * @param pixels kept, not copied
   * @param length bytes of an image
   */
  static PixelSource inOneArray(byte[] pixels, int length) {
    return new OneArray(pixels, length);
  }

  /**
   * Pixels in an array for each image, which together may have more than 2³¹ bytes.
   *
   * @param pixels kept, not copied
   */
  static PixelSource inArrays(byte[][] pixels) {
    return new Arrays(pixels);
  }

  /** Pixels of all images in one array. */
  record OneArray(byte[] pixels, int length) implements PixelSource {
    @Override
    public byte[] array(int image) {
      return pixels;
    }

    @Override
    public int offset(int image) {
      return image * length;
    }
  }

  /** Pixels in an array for each image. */
  record Arrays(byte[][] pixels) implements PixelSource {
    @Override
    public byte[] array(int image) {
      return pixels[image];
    }

    @Override
    public int offset(int image) {
      return 0;
    }
  }
}
