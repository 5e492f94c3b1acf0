package org.agr4j.data;

import java.io.Serializable;

/**
 * Labelled images of one size, held as unsigned bytes: a quarter of the memory of floats. CIFAR's
 * 50,000 training images are 154 MB.
 */
public final class ImageSet implements Serializable {
  private static final long serialVersionUID = 1L;

  private final byte[] pixels;
  private final int[] labels;
  private final int channels;
  private final int height;
  private final int width;
  private final int classes;

  /**
   * Images and their classes. The arrays are kept, not copied.
   *
   * @param pixels [images, channels, height, width], row-major
   * @param labels the class of each image, 0 to classes − 1
   * @param channels channels of an image
   * @param height height in pixels
   * @param width width in pixels
   * @param classes number of classes
   * @throws IllegalArgumentException if the sizes disagree
   */
  public ImageSet(byte[] pixels, int[] labels, int channels, int height, int width, int classes) {
    long expected = (long) labels.length * channels * height * width;
    if (pixels.length != expected) {
      throw new IllegalArgumentException(
          "pixels has " + pixels.length + " bytes, expected " + expected);
    }
    this.pixels = pixels;
    this.labels = labels;
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.classes = classes;
  }

  /** Number of images. */
  public int size() {
    return labels.length;
  }

  /** Channels of an image. */
  public int channels() {
    return channels;
  }

  /** Height in pixels. */
  public int height() {
    return height;
  }

  /** Width in pixels. */
  public int width() {
    return width;
  }

  /** Number of classes. */
  public int classes() {
    return classes;
  }

  /** Class of an image. */
  public int label(int image) {
    return labels[image];
  }

  /** Value of a pixel, 0 to 255. */
  public int pixel(int image, int channel, int y, int x) {
    return pixels[((image * channels + channel) * height + y) * width + x] & 0xff;
  }

  /** All pixels, row-major; the array itself, not to be modified. */
  byte[] pixels() {
    return pixels;
  }

  /**
   * Some of the images.
   *
   * @param indices which, in the order wanted; not modified
   */
  ImageSet select(int[] indices) {
    int length = channels * height * width;
    byte[] chosen = new byte[Math.multiplyExact(indices.length, length)];
    int[] their = new int[indices.length];
    for (int i = 0; i < indices.length; i++) {
      System.arraycopy(pixels, indices[i] * length, chosen, i * length, length);
      their[i] = labels[indices[i]];
    }
    return new ImageSet(chosen, their, channels, height, width, classes);
  }

  /**
   * Standardises one image.
   *
   * @param image its index
   * @param standardization mean and deviation of each channel
   * @param target receives channels × height × width values
   * @param at where the first value goes
   */
  void standardize(int image, Standardization standardization, float[] target, int at) {
    int plane = height * width;
    for (int channel = 0; channel < channels; channel++) {
      int from = (image * channels + channel) * plane;
      standardization.apply(channel, pixels, from, target, at + channel * plane, plane);
    }
  }

  /**
   * Standardises one image whose pixels were moved.
   *
   * @param image its index
   * @param source for each pixel of a plane the one it comes from, −1 for black; not modified
   * @param standardization mean and deviation of each channel
   * @param target receives channels × height × width values
   * @param at where the first value goes
   */
  void standardize(
      int image, int[] source, Standardization standardization, float[] target, int at) {
    int plane = height * width;
    for (int channel = 0; channel < channels; channel++) {
      int from = (image * channels + channel) * plane;
      standardization.apply(channel, pixels, from, source, target, at + channel * plane);
    }
  }
}
