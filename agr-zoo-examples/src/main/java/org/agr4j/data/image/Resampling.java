package org.agr4j.data.image;

import java.awt.image.BufferedImage;

/**
 * Brings an image to another size with Lanczos's filter over three lobes, as Pillow does: along
 * rows first, then along columns,
 *
 * <pre>
 *   out(i) = Σₓ w(x) in(x) / Σₓ w(x),   w(x) = L((x + ½ − (i + ½) r) / max(r, 1)),   r = in/out size
 *   L(t) = sinc(t) sinc(t/3) for |t| &lt; 3, else 0
 * </pre>
 *
 * <p>Where an image shrinks, the filter widens with r, so that nothing finer than the new pixels is
 * left to alias. The AWT's scaling does not do that, and TwelveMonkeys' ResampleOp 3.12.0 was off
 * by up to 89 of 255 from Pillow's. Memory: 12 bytes × old height × new width.
 */
final class Resampling {
  private static final int LOBES = 3;

  private final int[] first;
  private final float[][] weights;

  /**
   * The weights along one direction.
   *
   * @param in old size
   * @param out new size
   */
  private Resampling(int in, int out) {
    first = new int[out];
    weights = new float[out][];
    double ratio = (double) in / out;
    double widening = Math.max(ratio, 1);
    for (int i = 0; i < out; i++) {
      double centre = (i + 0.5) * ratio;
      int from = Math.max(0, (int) Math.round(centre - LOBES * widening));
      int to = Math.min(in, (int) Math.round(centre + LOBES * widening));
      double[] values = new double[to - from];
      double sum = 0;
      for (int x = from; x < to; x++) {
        values[x - from] = lanczos((x + 0.5 - centre) / widening);
        sum += values[x - from];
      }
      first[i] = from;
      weights[i] = new float[values.length];
      for (int k = 0; k < values.length; k++) {
        weights[i][k] = (float) (values[k] / sum);
      }
    }
  }

  private static double lanczos(double t) {
    return Math.abs(t) < LOBES ? sinc(t) * sinc(t / LOBES) : 0;
  }

  private static double sinc(double t) {
    return t == 0 ? 1 : StrictMath.sin(Math.PI * t) / (Math.PI * t);
  }

  /**
   * An image in another size.
   *
   * @param image of type INT_RGB; not modified
   * @param width new width
   * @param height new height
   * @return a new image of type INT_RGB
   */
  static BufferedImage resize(BufferedImage image, int width, int height) {
    Resampling columns = new Resampling(image.getWidth(), width);
    Resampling rows = new Resampling(image.getHeight(), height);
    float[][] narrow = new float[image.getHeight()][];
    int[] row = new int[image.getWidth()];
    for (int y = 0; y < narrow.length; y++) {
      image.getRaster().getDataElements(0, y, row.length, 1, row);
      narrow[y] = columns.along(row);
    }
    BufferedImage resized = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int[] rgb = new int[width];
    for (int y = 0; y < height; y++) {
      rows.across(narrow, y, rgb);
      resized.getRaster().setDataElements(0, y, width, 1, rgb);
    }
    return resized;
  }

  /** A row's new values, red, green and blue of each pixel in turn. */
  private float[] along(int[] row) {
    float[] values = new float[3 * weights.length];
    for (int i = 0; i < weights.length; i++) {
      float red = 0;
      float green = 0;
      float blue = 0;
      for (int k = 0; k < weights[i].length; k++) {
        int rgb = row[first[i] + k];
        float weight = weights[i][k];
        red += weight * (rgb >> 16 & 0xff);
        green += weight * (rgb >> 8 & 0xff);
        blue += weight * (rgb & 0xff);
      }
      values[3 * i] = red;
      values[3 * i + 1] = green;
      values[3 * i + 2] = blue;
    }
    return values;
  }

  /** The pixels of new row y from the old rows. */
  private void across(float[][] narrow, int y, int[] rgb) {
    float[] sums = new float[3 * rgb.length];
    for (int k = 0; k < weights[y].length; k++) {
      float[] old = narrow[first[y] + k];
      float weight = weights[y][k];
      for (int i = 0; i < sums.length; i++) {
        sums[i] += weight * old[i];
      }
    }
    for (int x = 0; x < rgb.length; x++) {
      rgb[x] = level(sums[3 * x]) << 16 | level(sums[3 * x + 1]) << 8 | level(sums[3 * x + 2]);
    }
  }

  private static int level(float value) {
    return Math.max(0, Math.min(255, Math.round(value)));
  }
}
