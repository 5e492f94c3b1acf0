package org.agr4j.data.augment;

/**
 * Where a pixel of the outcome comes from: with (x, y) its centre, half a pixel from its corner,
 * from (a x + b y + c, d x + e y + f), interpolated between 4×4 pixels.
 *
 * <p>Pillow's bicubic: along each axis, with t the distance from the second of four pixels p to q,
 * p₂ + t (p₃ − p₁ + t (2 (p₁ − p₂) + p₃ − p₄ + t (p₂ − p₁ + p₄ − p₃))); pixels beyond the border
 * are those at it, and what comes from outside the image has a fill colour.
 *
 * @param a of x for x
 * @param b of y for x
 * @param c added to x
 * @param d of x for y
 * @param e of y for y
 * @param f added to y
 */
record AffineMap(double a, double b, double c, double d, double e, double f) {
  private static final int TAPS = 4;

  /** x ← x + factor · y. */
  static AffineMap shearX(double factor) {
    return new AffineMap(1, factor, 0, 0, 1, 0);
  }

  /** y ← y + factor · x. */
  static AffineMap shearY(double factor) {
    return new AffineMap(1, 0, 0, factor, 1, 0);
  }

  /** A move to the left and upwards by so many pixels. */
  static AffineMap translation(double x, double y) {
    return new AffineMap(1, 0, x, 0, 1, y);
  }

  /** A turn counter-clockwise about the centre. */
  static AffineMap rotation(double degrees, int height, int width) {
    double cos = Math.cos(Math.toRadians(degrees));
    double sin = Math.sin(Math.toRadians(degrees));
    double x = width / 2.0;
    double y = height / 2.0;
    return new AffineMap(cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y);
  }

  /**
   * Moves an image's pixels, in place.
   *
   * @param image the image
   * @param fill the colour of what comes from outside, a value for each channel; not modified
   */
  void apply(ImagePlanes image, int[] fill) {
    int height = image.height();
    int width = image.width();
    int[] columns = new int[TAPS];
    int[] rows = new int[TAPS];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double fromX = a * (x + 0.5) + b * (y + 0.5) + c;
        double fromY = d * (x + 0.5) + e * (y + 0.5) + f;
        boolean inside = fromX >= 0 && fromX < width && fromY >= 0 && fromY < height;
        if (inside) {
          double left = Math.floor(fromX - 0.5);
          double top = Math.floor(fromY - 0.5);
          for (int tap = 0; tap < TAPS; tap++) {
            columns[tap] = clip((int) left + tap - 1, width);
            rows[tap] = clip((int) top + tap - 1, height) * width;
          }
          interpolate(image, y * width + x, rows, columns, fromY - 0.5 - top, fromX - 0.5 - left);
        } else {
          for (int channel = 0; channel < image.channels(); channel++) {
            image.spare()[channel * image.plane() + y * width + x] = (byte) fill[channel];
          }
        }
      }
    }
    image.swap();
  }

  private static void interpolate(
      ImagePlanes image, int at, int[] rows, int[] columns, double down, double right) {
    byte[] from = image.pixels();
    for (int channel = 0; channel < image.channels(); channel++) {
      int plane = channel * image.plane();
      double value =
          cubic(
              along(from, plane + rows[0], columns, right),
              along(from, plane + rows[1], columns, right),
              along(from, plane + rows[2], columns, right),
              along(from, plane + rows[3], columns, right),
              down);
      image.spare()[plane + at] = (byte) Math.max(0, Math.min(255, (int) value));
    }
  }

  private static double along(byte[] from, int row, int[] columns, double t) {
    return cubic(
        from[row + columns[0]] & 0xff,
        from[row + columns[1]] & 0xff,
        from[row + columns[2]] & 0xff,
        from[row + columns[3]] & 0xff,
        t);
  }

  private static double cubic(double p1, double p2, double p3, double p4, double t) {
    return p2 + t * (p3 - p1 + t * (2 * (p1 - p2) + p3 - p4 + t * (p2 - p1 + p4 - p3)));
  }

  private static int clip(int i, int size) {
    return Math.max(0, Math.min(size - 1, i));
  }
}
