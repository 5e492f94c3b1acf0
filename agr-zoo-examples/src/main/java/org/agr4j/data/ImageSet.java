package org.agr4j.data;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * Labelled images of one size, as unsigned bytes: a quarter of the memory of floats. CIFAR's 50,000
 * training images are 154 MB. Images that do not fit in memory are decoded whenever they are asked
 * for.
 */
public final class ImageSet implements Serializable {
  private static final long serialVersionUID = 1L;

  private final PixelSource pixels;
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
    this.pixels = PixelSource.inOneArray(pixels, channels * height * width);
    this.labels = labels;
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.classes = classes;
  }

  /**
   * Square RGB images, wherever their pixels are.
   *
   * @param pixels of as many images as there are labels
   * @param labels the class of each image, 0 to classes − 1; kept, not copied
   * @param side height and width in pixels
   * @param classes number of classes
   */
  ImageSet(PixelSource pixels, int[] labels, int side, int classes) {
    this.pixels = pixels;
    this.labels = labels;
    this.channels = 3;
    this.height = side;
    this.width = side;
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
    int at = pixels.offset(image) + (channel * height + y) * width + x;
    return pixels.array(image)[at] & 0xff;
  }

  /** Gives sizes, classes of the images and pixels, in their order, to a digest. */
  public void update(MessageDigest digest) {
    ByteBuffer numbers = ByteBuffer.allocate(Integer.BYTES * (5 + labels.length));
    numbers.putInt(labels.length).putInt(channels).putInt(height).putInt(width).putInt(classes);
    for (int label : labels) {
      numbers.putInt(label);
    }
    digest.update(numbers.array());
    for (int image = 0; image < size(); image++) {
      byte[] array = pixels.array(image);
      digest.update(array, pixels.offset(image), channels * height * width);
    }
  }

  /** Gives size and pixels of the first images to a digest, whatever their classes. */
  public void updatePixels(MessageDigest digest, int count) {
    ByteBuffer numbers = ByteBuffer.allocate(Integer.BYTES * 4);
    digest.update(numbers.putInt(count).putInt(channels).putInt(height).putInt(width).array());
    for (int image = 0; image < count; image++) {
      byte[] array = pixels.array(image);
      digest.update(array, pixels.offset(image), channels * height * width);
    }
  }

  /** Writes all pixels, image by image, row-major. */
  void writePixels(OutputStream out) throws IOException {
    for (int image = 0; image < size(); image++) {
      byte[] array = pixels.array(image);
      out.write(array, pixels.offset(image), channels * height * width);
    }
  }

  /**
   * Selects some of the images.
   *
   * @param indices which, in the order wanted; not modified
   */
  ImageSet select(int[] indices) {
    int length = channels * height * width;
    byte[] chosen = new byte[Math.multiplyExact(indices.length, length)];
    int[] their = new int[indices.length];
    for (int i = 0; i < indices.length; i++) {
      byte[] array = pixels.array(indices[i]);
      System.arraycopy(array, pixels.offset(indices[i]), chosen, i * length, length);
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
    byte[] array = pixels.array(image);
    int first = pixels.offset(image);
    for (int channel = 0; channel < channels; channel++) {
      int from = first + channel * plane;
      standardization.apply(channel, array, from, target, at + channel * plane, plane);
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
    byte[] array = pixels.array(image);
    int first = pixels.offset(image);
    for (int channel = 0; channel < channels; channel++) {
      int from = first + channel * plane;
      standardization.apply(channel, array, from, source, target, at + channel * plane);
    }
  }

  /**
   * Copies one image with its pixels moved.
   *
   * @param image its index
   * @param source for each pixel of a plane the one it comes from, −1 for black; not modified
   * @param target receives channels × height × width bytes
   */
  void move(int image, int[] source, byte[] target) {
    byte[] array = pixels.array(image);
    for (int channel = 0; channel < channels; channel++) {
      int from = pixels.offset(image) + channel * source.length;
      int to = channel * source.length;
      for (int i = 0; i < source.length; i++) {
        target[to + i] = source[i] < 0 ? 0 : array[from + source[i]];
      }
    }
  }
}
