package org.agr4j.data.image;

import com.fasterxml.jackson.annotation.JsonValue;
import java.awt.image.BufferedImage;
import java.util.Locale;

/** How an image of any size becomes a square one. */
public enum ImageFit {
  /** The largest square in its middle, so that nothing is distorted. */
  CROP,
  /** All of it, each direction scaled by itself. */
  SQUEEZE;

  /** The name on the command line. */
  @JsonValue
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return label();
  }

  /**
   * Brings an image to a size with {@linkplain Resampling Lanczos's filter}. An image of that size
   * is not touched.
   *
   * @param image of type INT_RGB; not modified
   * @param side width and height of the result
   * @param target receives 3 × side × side bytes: the red plane, the green, the blue, row by row
   * @param at where the first byte goes
   */
  public void fit(BufferedImage image, int side, byte[] target, int at) {
    BufferedImage part = image;
    if (this == CROP && image.getWidth() != image.getHeight()) {
      int square = Math.min(image.getWidth(), image.getHeight());
      part =
          image.getSubimage(
              (image.getWidth() - square) / 2, (image.getHeight() - square) / 2, square, square);
    }
    boolean fits = part.getWidth() == side && part.getHeight() == side;
    planes(fits ? part : Resampling.resize(part, side, side), target, at);
  }

  /**
   * Copies an image to planes of bytes.
   *
   * @param image of type INT_RGB; not modified
   * @param target receives 3 × height × width bytes
   * @param at where the first byte goes
   */
  public static void planes(BufferedImage image, byte[] target, int at) {
    int width = image.getWidth();
    int plane = width * image.getHeight();
    int[] rgb = new int[plane];
    image.getRaster().getDataElements(0, 0, width, image.getHeight(), rgb);
    for (int i = 0; i < plane; i++) {
      target[at + i] = (byte) (rgb[i] >> 16);
      target[at + plane + i] = (byte) (rgb[i] >> 8);
      target[at + 2 * plane + i] = (byte) rgb[i];
    }
  }
}
