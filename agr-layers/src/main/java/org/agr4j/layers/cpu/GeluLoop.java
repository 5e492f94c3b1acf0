package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The exact GELU of a matrix plus a bias in one pass each way; see {@link org.agr4j.layers.Gelu}.
 * All arrays are {@link FloatRows#usable}.
 *
 * <p>erf is a quotient of polynomials, as Eigen has it (2 units in the last place), and e⁻ᵘ the
 * 16th power of a polynomial, so that the loops hold neither calls nor branches: C2 makes vector
 * code of them. Errors are below 1e-6 of the largest value.
 */
public final class GeluLoop {
  private static final float ROOT_HALF = 0.70710678f;
  private static final float DENSITY = 0.39894228f;

  private GeluLoop() {}

  /**
   * y ← GELU(z + bias).
   *
   * @param z [rows, C], not modified unless y is the same array
   * @param bias [C] or null
   */
  public static void forward(INDArray z, INDArray bias, INDArray y) {
    int n = FloatRows.columns(z);
    int together = FloatRows.rowsTogether(n);
    FloatBuffer from = HostFloats.of(z);
    FloatBuffer to = HostFloats.of(y);
    float[] shift = FloatRows.repeated(FloatRows.copy(bias), n, together);
    FloatRows.forEachChunk(
        FloatRows.rows(z),
        n,
        (chunk, first, end) -> {
          float[] x = new float[together * n];
          for (int i = first; i < end; i += together) {
            int length = Math.min(together, end - i) * n;
            from.get(i * n, x, 0, length);
            if (shift != null) {
              add(x, shift, length);
            }
            value(x, length);
            to.put(i * n, x, 0, length);
          }
        });
  }

  /**
   * dz ← dy GELU′(z + bias), and the sums of dz over rows.
   *
   * @param dz [rows, C], may be dy itself
   * @param dBias [C] or null
   */
  public static void backward(INDArray z, INDArray bias, INDArray dy, INDArray dz, INDArray dBias) {
    int n = FloatRows.columns(z);
    int rows = FloatRows.rows(z);
    int together = FloatRows.rowsTogether(n);
    FloatBuffer from = HostFloats.of(z);
    FloatBuffer gradient = HostFloats.of(dy);
    FloatBuffer to = HostFloats.of(dz);
    float[] shift = FloatRows.repeated(FloatRows.copy(bias), n, together);
    float[][] sums = new float[FloatRows.chunks(rows)][together * n];
    FloatRows.forEachChunk(
        rows,
        n,
        (chunk, first, end) -> {
          float[] x = new float[together * n];
          float[] g = new float[together * n];
          float[] scratch = new float[together * n];
          for (int i = first; i < end; i += together) {
            int length = Math.min(together, end - i) * n;
            from.get(i * n, x, 0, length);
            gradient.get(i * n, g, 0, length);
            if (shift != null) {
              add(x, shift, length);
            }
            slope(x, g, scratch, length);
            add(sums[chunk], g, length);
            to.put(i * n, g, 0, length);
          }
        });
    if (dBias != null) {
      FloatRows.sumChunks(sums, dBias);
    }
  }

  static void add(float[] to, float[] x, int n) {
    for (int i = 0; i < n; i++) {
      to[i] += x[i];
    }
  }

  /** x ← GELU(x). */
  static void value(float[] x, int n) {
    for (int i = 0; i < n; i++) {
      x[i] *= 0.5f + 0.5f * erf(x[i] * ROOT_HALF);
    }
  }

  /** g ← g GELU′(x); {@code scratch} is overwritten. */
  static void slope(float[] x, float[] g, float[] scratch, int n) {
    // Three loops, because C2 makes no vector code of one with so many operations.
    for (int i = 0; i < n; i++) {
      float near = Math.max(-6f, Math.min(6f, x[i])); // further out the density is nothing
      scratch[i] = rootLess1(-0.5f * near * near);
    }
    for (int i = 0; i < n; i++) {
      float near = Math.max(-6f, Math.min(6f, x[i]));
      // (1 + p)² − 1, four times: nothing is rounded to the precision of 1 on the way.
      float p = scratch[i];
      p *= 2f + p;
      p *= 2f + p;
      p *= 2f + p;
      p *= 2f + p;
      scratch[i] = 0.5f + near * DENSITY * (1f + p);
    }
    for (int i = 0; i < n; i++) {
      g[i] *= scratch[i] + 0.5f * erf(x[i] * ROOT_HALF);
    }
  }

  private static float erf(float argument) {
    float x = Math.max(-4f, Math.min(4f, argument));
    float square = x * x;
    float p = -2.72614225801306e-10f;
    p = p * square + 2.77068142495902e-08f;
    p = p * square - 2.10102402082508e-06f;
    p = p * square - 5.69250639462346e-05f;
    p = p * square - 7.34990630326855e-04f;
    p = p * square - 2.95459980854025e-03f;
    p = p * square - 1.60960333262415e-02f;
    float q = -1.45660718464996e-05f;
    q = q * square - 2.13374055278905e-04f;
    q = q * square - 1.68282697438203e-03f;
    q = q * square - 7.37332916720468e-03f;
    q = q * square - 1.42647390514189e-02f;
    return x * p / q;
  }

  /** eˣ for x ≤ 0, to 1e-6; e⁻²⁰ for anything below −20. */
  static float exp(float x) {
    float p = 1f + rootLess1(Math.max(x, -20f));
    p *= p;
    p *= p;
    p *= p;
    return p * p;
  }

  /** The 16th root of eˣ for −20 ≤ x ≤ 0, less 1. */
  private static float rootLess1(float x) {
    float v = x * 0.0625f;
    float p = 1f / 5040;
    p = p * v + 1f / 720;
    p = p * v + 1f / 120;
    p = p * v + 1f / 24;
    p = p * v + 1f / 6;
    p = p * v + 0.5f;
    p = p * v + 1f;
    return p * v;
  }
}
