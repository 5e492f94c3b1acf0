package org.agr4j.data.augment;

/**
 * Operations that go from a plainer image d towards the image x and beyond, as Pillow's
 * ImageEnhance: d + factor · (x − d), rounded towards 0, from 0 to 255. Factor 1 is the image, 0
 * the plainer one. All change the image in place.
 *
 * <pre>
 *   brightness   d is black
 *   contrast     d is the mean brightness of the image
 *   colour       d is the brightness of the pixel
 *   sharpness    d is the image smoothed by 1 1 1 / 1 5 1 / 1 1 1 over 13, its border as it is
 * </pre>
 */
final class Enhancement {
  private static final int WHITE = 255;

  private Enhancement() {}

  static void brightness(ImagePlanes image, double factor) {
    float f = (float) factor;
    ToneTables.map(image, value -> blend(0, value, f));
  }

  static void contrast(ImagePlanes image, double factor) {
    long sum = 0;
    for (int i = 0; i < image.plane(); i++) {
      sum += image.gray(i);
    }
    int mean = (int) ((double) sum / image.plane() + 0.5);
    float f = (float) factor;
    ToneTables.map(image, value -> blend(mean, value, f));
  }

  static void color(ImagePlanes image, double factor) {
    byte[] pixels = image.pixels();
    float f = (float) factor;
    for (int i = 0; i < image.plane(); i++) {
      int gray = image.gray(i);
      for (int at = i; at < pixels.length; at += image.plane()) {
        pixels[at] = (byte) blend(gray, pixels[at] & 0xff, f);
      }
    }
  }

  static void sharpness(ImagePlanes image, double factor) {
    byte[] from = image.pixels();
    byte[] to = image.spare();
    System.arraycopy(from, 0, to, 0, from.length);
    int width = image.width();
    float f = (float) factor;
    for (int channel = 0; channel < image.channels(); channel++) {
      for (int y = 1; y < image.height() - 1; y++) {
        int row = channel * image.plane() + y * width;
        for (int at = row + 1; at < row + width - 1; at++) {
          int sum = 4 * (from[at] & 0xff);
          for (int above = at - width; above <= at + width; above += width) {
            sum += (from[above - 1] & 0xff) + (from[above] & 0xff) + (from[above + 1] & 0xff);
          }
          to[at] = (byte) blend((2 * sum + 13) / 26, from[at] & 0xff, f);
        }
      }
    }
    image.swap();
  }

  private static int blend(int plain, int value, float factor) {
    return Math.max(0, Math.min(WHITE, (int) (plain + factor * (value - plain))));
  }
}
