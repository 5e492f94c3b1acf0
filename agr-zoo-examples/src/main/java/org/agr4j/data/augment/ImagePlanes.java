package org.agr4j.data.augment;

/**
 * An image that operations change in place: unsigned bytes [channels, height, width], row-major,
 * with a second array of that size for operations that need the image as it was.
 *
 * <p>One for each thread, used for one image after the other.
 */
public final class ImagePlanes {
  private static final int RGB = 3;

  private final int channels;
  private final int height;
  private final int width;
  private byte[] pixels;
  private byte[] spare;

  /** A black image. */
  public ImagePlanes(int channels, int height, int width) {
    this.channels = channels;
    this.height = height;
    this.width = width;
    pixels = new byte[channels * height * width];
    spare = new byte[pixels.length];
  }

  /** The pixels, to be read and written; another array after each operation. */
  public byte[] pixels() {
    return pixels;
  }

  /** Number of channels. */
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

  /** Pixels of one channel. */
  int plane() {
    return height * width;
  }

  /** Makes the spare array, which has been filled, the image. */
  void swap() {
    byte[] before = pixels;
    pixels = spare;
    spare = before;
  }

  byte[] spare() {
    return spare;
  }

  /**
   * Brightness of a pixel as Pillow has it, ITU-R 601-2 in 16 bits: (19595 R + 38470 G + 7471 B +
   * 2¹⁵) / 2¹⁶ rounded down; of an image that is not RGB the first channel.
   */
  int gray(int pixel) {
    if (channels != RGB) {
      return pixels[pixel] & 0xff;
    }
    int plane = plane();
    return (19595 * (pixels[pixel] & 0xff)
            + 38470 * (pixels[plane + pixel] & 0xff)
            + 7471 * (pixels[2 * plane + pixel] & 0xff)
            + 0x8000)
        >> 16;
  }
}
