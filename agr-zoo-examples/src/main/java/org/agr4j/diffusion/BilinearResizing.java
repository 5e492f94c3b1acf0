package org.agr4j.diffusion;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Images brought to another size by bilinear interpolation between the centres of pixels, without a
 * filter before: a pixel i of n lies at (i + ½) m/n − ½ among m, clamped to 0 … m − 1. That is
 * PyTorch's {@code interpolate(mode="bilinear", align_corners=False)}, with which images are
 * commonly brought to Inception's 299×299.
 */
final class BilinearResizing {
  private BilinearResizing() {}

  /**
   * Resizes images.
   *
   * @param images [N, channels, height, width]; not modified
   * @param height of the result
   * @param width of the result
   * @return the images themselves if they have that size, else [N, channels, height, width] of
   *     FLOAT
   */
  static INDArray resize(INDArray images, int height, int width) {
    int oldHeight = (int) images.size(2);
    int oldWidth = (int) images.size(3);
    if (oldHeight == height && oldWidth == width) {
      return images;
    }
    float[] from = images.dup('c').reshape(images.length()).toFloatVector();
    int planes = (int) (images.size(0) * images.size(1));
    float[] to = new float[Math.multiplyExact(planes, height * width)];
    for (int y = 0; y < height; y++) {
      double atY = at(y, height, oldHeight);
      int y0 = (int) atY;
      int y1 = Math.min(y0 + 1, oldHeight - 1);
      for (int x = 0; x < width; x++) {
        double atX = at(x, width, oldWidth);
        int x0 = (int) atX;
        int x1 = Math.min(x0 + 1, oldWidth - 1);
        for (int plane = 0; plane < planes; plane++) {
          int base = plane * oldHeight * oldWidth;
          double upper =
              between(from[base + y0 * oldWidth + x0], from[base + y0 * oldWidth + x1], atX - x0);
          double lower =
              between(from[base + y1 * oldWidth + x0], from[base + y1 * oldWidth + x1], atX - x0);
          to[(plane * height + y) * width + x] = (float) between(upper, lower, atY - y0);
        }
      }
    }
    return Nd4j.createFromArray(to).reshape('c', images.size(0), images.size(1), height, width);
  }

  private static double at(int pixel, int pixels, int old) {
    return Math.max(0, Math.min(old - 1, (pixel + 0.5) * old / pixels - 0.5));
  }

  private static double between(double a, double b, double share) {
    return a + (b - a) * share;
  }
}
