package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * The loops of batch normalization over a chunk of one channel, and the sums they collect.
 *
 * <p>A chunk is copied to Java arrays that stay in the first-level cache. Every loop reads and
 * writes the same index of each array and holds no branch: so C2 turns it into vector code, even
 * for the sums, which are kept per pixel until the whole batch is through.
 */
final class ChannelSums {
  /** The longest chunk. */
  static final int LENGTH = 1024;

  private static final int UNROLLED = 4;

  private final float[] x;
  private final float[] dy;
  private final float[] firsts;
  private final float[] seconds;

  /**
   * For one thread, and any number of channels after each other.
   *
   * @param pixels of a channel of one image: no chunk is longer, nor longer than {@link #LENGTH}
   */
  ChannelSums(int pixels) {
    int length = Math.min(LENGTH, (pixels + UNROLLED - 1) / UNROLLED * UNROLLED);
    x = new float[length];
    dy = new float[length];
    firsts = new float[length];
    seconds = new float[length];
  }

  /** Sets both sums to zero. */
  void clear() {
    Arrays.fill(firsts, 0f);
    Arrays.fill(seconds, 0f);
  }

  /** Σ (x − center) or Σ dy. */
  double first() {
    return sum(firsts);
  }

  /** Σ (x − center)² or Σ dy (x − center). */
  double second() {
    return sum(seconds);
  }

  private static double sum(float[] values) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    for (int i = 0; i < values.length; i += UNROLLED) {
      a += values[i];
      b += values[i + 1];
      c += values[i + 2];
      d += values[i + 3];
    }
    return (a + b) + (c + d);
  }

  /** Adds n elements and their squares. */
  void addCentered(FloatBuffer from, int at, int n, float center) {
    from.get(at, x, 0, n);
    addCentered(x, firsts, seconds, n, center);
  }

  private static void addCentered(float[] x, float[] firsts, float[] seconds, int n, float center) {
    for (int i = 0; i < n; i++) {
      float d = x[i] - center;
      firsts[i] += d;
      seconds[i] += d * d;
    }
  }

  /** Adds n elements of dy and their products with x. */
  void addProducts(FloatBuffer dyFrom, FloatBuffer xFrom, int at, int n, float center) {
    xFrom.get(at, x, 0, n);
    dyFrom.get(at, dy, 0, n);
    addProducts(dy, x, firsts, seconds, n, center);
  }

  private static void addProducts(
      float[] dy, float[] x, float[] firsts, float[] seconds, int n, float center) {
    for (int i = 0; i < n; i++) {
      firsts[i] += dy[i];
      seconds[i] += dy[i] * (x[i] - center);
    }
  }

  /** to ← scale (x − center) + shift. */
  void affine(
      FloatBuffer from, int at, int n, float center, float scale, float shift, FloatBuffer to) {
    from.get(at, x, 0, n);
    affine(x, n, center, scale, shift);
    to.put(at, x, 0, n);
  }

  private static void affine(float[] x, int n, float center, float scale, float shift) {
    for (int i = 0; i < n; i++) {
      x[i] = scale * (x[i] - center) + shift;
    }
  }

  /** to ← scale (dy − constant − slope (x − center)). */
  void inputGradient(
      FloatBuffer dyFrom,
      FloatBuffer xFrom,
      int at,
      int n,
      float center,
      float scale,
      float constant,
      float slope,
      FloatBuffer to) {
    xFrom.get(at, x, 0, n);
    dyFrom.get(at, dy, 0, n);
    inputGradient(dy, x, n, center, scale, constant, slope);
    to.put(at, dy, 0, n);
  }

  private static void inputGradient(
      float[] dy, float[] x, int n, float center, float scale, float constant, float slope) {
    for (int i = 0; i < n; i++) {
      dy[i] = scale * ((dy[i] - constant) - slope * (x[i] - center));
    }
  }
}
