package org.agr4j.data.image;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;

/**
 * Red, green and blue, 8 bits each, from whatever an image stores.
 *
 * <p>The values are the file's: grey g becomes (g, g, g), an index its colour, b bits are scaled by
 * 255 / (2ᵇ − 1) and rounded. {@code BufferedImage.getRGB} would convert grey values from linear to
 * sRGB and brighten them. What is transparent is laid on white, as a page shows it.
 */
final class RgbPixels {
  private static final int WHITE = 255;
  private static final int MOST_BITS = 16;

  private RgbPixels() {}

  /**
   * Converts an image.
   *
   * @param image as it was decoded; not modified
   * @return an image of type INT_RGB
   * @throws IOException if it has another number of colour channels, or other numbers than whole
   *     ones of up to 16 bits
   */
  static BufferedImage of(BufferedImage image) throws IOException {
    Raster raster = image.getRaster();
    ColorModel colours = image.getColorModel();
    int width = raster.getWidth();
    int height = raster.getHeight();
    int[] rgb = new int[Math.multiplyExact(width, height)];
    if (colours instanceof IndexColorModel palette) {
      int[] indices = raster.getSamples(0, 0, width, height, 0, (int[]) null);
      for (int i = 0; i < rgb.length; i++) {
        int argb = palette.getRGB(indices[i]);
        int alpha = argb >>> 24;
        rgb[i] =
            onWhite(argb >> 16 & 0xff, alpha) << 16
                | onWhite(argb >> 8 & 0xff, alpha) << 8
                | onWhite(argb & 0xff, alpha);
      }
    } else {
      fill(rgb, raster, colours.hasAlpha());
    }
    BufferedImage converted = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    converted.getRaster().setDataElements(0, 0, width, height, rgb);
    return converted;
  }

  private static void fill(int[] rgb, Raster raster, boolean hasAlpha) throws IOException {
    int bands = raster.getNumBands();
    int channels = hasAlpha ? bands - 1 : bands;
    int type = raster.getSampleModel().getDataType();
    if (channels != 1 && channels != 3) {
      throw new IOException("it has " + channels + " colour channels, expected 3 or 1");
    }
    if (type == DataBuffer.TYPE_FLOAT || type == DataBuffer.TYPE_DOUBLE) {
      throw new IOException("its values are no whole numbers");
    }
    int[] alpha = hasAlpha ? band(raster, bands - 1) : null;
    int[] values = null;
    for (int channel = 0; channel < 3; channel++) {
      values = channel < channels ? band(raster, channel) : values;
      for (int i = 0; i < rgb.length; i++) {
        int value = alpha == null ? values[i] : onWhite(values[i], alpha[i]);
        rgb[i] |= value << 16 - 8 * channel;
      }
    }
  }

  /** A band's values as 0 to 255. */
  private static int[] band(Raster raster, int band) throws IOException {
    int bits = raster.getSampleModel().getSampleSize(band);
    if (bits > MOST_BITS) {
      throw new IOException("its values have " + bits + " bits, expected up to " + MOST_BITS);
    }
    int[] values =
        raster.getSamples(0, 0, raster.getWidth(), raster.getHeight(), band, (int[]) null);
    int most = (1 << bits) - 1;
    if (most != 255) {
      for (int i = 0; i < values.length; i++) {
        values[i] = (values[i] * 255 + most / 2) / most;
      }
    }
    return values;
  }

  private static int onWhite(int value, int alpha) {
    return (value * alpha + WHITE * (255 - alpha) + 127) / 255;
  }
}
