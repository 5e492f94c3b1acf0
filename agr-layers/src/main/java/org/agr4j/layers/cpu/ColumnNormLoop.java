package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Batch normalization of the columns of a matrix [n, C], with GELU over the result where asked; see
 * {@link org.agr4j.layers.BatchNorm}. All arrays are {@link FloatRows#usable}.
 *
 * <p>Two reads each way: one for the sums, one to write. The argument of GELU is computed again in
 * the backward pass, so nothing but the sums is kept.
 */
public final class ColumnNormLoop {
  private ColumnNormLoop() {}

  /** Writes the mean and the biased variance of each column. */
  public static void statistics(INDArray x, INDArray mean, INDArray variance) {
    int n = FloatRows.columns(x);
    int rows = FloatRows.rows(x);
    int together = FloatRows.rowsTogether(n);
    FloatBuffer from = HostFloats.of(x);
    // Sums around the first row, which is near the mean, lose little to cancellation.
    float[] begin = new float[n];
    from.get(0, begin);
    float[] center = FloatRows.repeated(begin, n, together);
    float[][] firsts = new float[FloatRows.chunks(rows)][together * n];
    float[][] seconds = new float[FloatRows.chunks(rows)][together * n];
    FloatRows.forEachChunk(
        rows,
        n,
        (chunk, first, end) -> {
          float[] piece = new float[together * n];
          for (int i = first; i < end; i += together) {
            int length = Math.min(together, end - i) * n;
            from.get(i * n, piece, 0, length);
            addCentered(piece, center, firsts[chunk], seconds[chunk], length);
          }
        });
    double[] sums = FloatRows.totals(firsts, n);
    double[] squares = FloatRows.totals(seconds, n);
    float[] means = new float[n];
    float[] variances = new float[n];
    for (int c = 0; c < n; c++) {
      double offset = sums[c] / rows;
      means[c] = (float) (begin[c] + offset);
      variances[c] = (float) Math.max(0, squares[c] / rows - offset * offset);
    }
    HostFloats.of(mean).put(0, means);
    HostFloats.of(variance).put(0, variances);
  }

  /** Writes y = γ (x − μ) / √(σ² + ε) + β, or its GELU. */
  public static void forward(
      INDArray x,
      INDArray mean,
      INDArray variance,
      INDArray gamma,
      INDArray beta,
      double epsilon,
      boolean gelu,
      INDArray y) {
    int n = FloatRows.columns(x);
    FloatBuffer from = HostFloats.of(x);
    FloatBuffer to = HostFloats.of(y);
    int together = FloatRows.rowsTogether(n);
    float[] factors = inverseDeviations(variance, epsilon);
    multiply(factors, FloatRows.copy(gamma), n);
    float[] center = FloatRows.repeated(FloatRows.copy(mean), n, together);
    float[] scale = FloatRows.repeated(factors, n, together);
    float[] shift = FloatRows.repeated(FloatRows.copy(beta), n, together);
    FloatRows.forEachChunk(
        FloatRows.rows(x),
        n,
        (chunk, first, end) -> {
          float[] piece = new float[together * n];
          for (int i = first; i < end; i += together) {
            int length = Math.min(together, end - i) * n;
            from.get(i * n, piece, 0, length);
            affine(piece, center, scale, shift, length);
            if (gelu) {
              GeluLoop.value(piece, length);
            }
            to.put(i * n, piece, 0, length);
          }
        });
  }

  /**
   * Writes dx, dγ and dβ.
   *
   * @param ofBatch whether μ and σ² are those of x rather than fixed numbers
   */
  public static void backward(
      INDArray x,
      INDArray mean,
      INDArray variance,
      INDArray gamma,
      INDArray beta,
      double epsilon,
      boolean gelu,
      INDArray dy,
      boolean ofBatch,
      INDArray dx,
      INDArray dGamma,
      INDArray dBeta) {
    int n = FloatRows.columns(x);
    int rows = FloatRows.rows(x);
    FloatBuffer from = HostFloats.of(x);
    FloatBuffer gradient = HostFloats.of(dy);
    FloatBuffer to = HostFloats.of(dx);
    int together = FloatRows.rowsTogether(n);
    float[] inverses = inverseDeviations(variance, epsilon);
    float[] center = FloatRows.repeated(FloatRows.copy(mean), n, together);
    float[] inverse = FloatRows.repeated(inverses, n, together);
    float[] scale = FloatRows.repeated(FloatRows.copy(gamma), n, together);
    float[] shift = FloatRows.repeated(FloatRows.copy(beta), n, together);
    float[][] products = new float[FloatRows.chunks(rows)][together * n];
    float[][] sums = new float[FloatRows.chunks(rows)][together * n];
    // dz is written to dx by the first pass, read and finished by the second.
    FloatRows.forEachChunk(
        rows,
        n,
        (chunk, first, end) -> {
          float[] piece = new float[together * n];
          float[] z = new float[together * n];
          float[] scratch = new float[together * n];
          float[] g = new float[together * n];
          for (int i = first; i < end; i += together) {
            int length = Math.min(together, end - i) * n;
            from.get(i * n, piece, 0, length);
            gradient.get(i * n, g, 0, length);
            normalize(piece, center, inverse, length);
            if (gelu) {
              argument(piece, scale, shift, z, length);
              GeluLoop.slope(z, g, scratch, length);
              to.put(i * n, g, 0, length);
            }
            ChannelLoop.addProducts(products[chunk], piece, g, length);
            GeluLoop.add(sums[chunk], g, length);
          }
        });
    FloatRows.sumChunks(products, dGamma);
    FloatRows.sumChunks(sums, dBeta);
    FloatBuffer dz = gelu ? to : gradient;
    // dx = a dz − b (x − μ) − c, channel by channel.
    float[] a = FloatRows.copy(gamma);
    multiply(a, inverses, n);
    float[] b = FloatRows.copy(dGamma);
    float[] c = FloatRows.copy(dBeta);
    for (int channel = 0; channel < n; channel++) {
      b[channel] = ofBatch ? a[channel] * inverses[channel] * (b[channel] / rows) : 0;
      c[channel] = ofBatch ? a[channel] * (c[channel] / rows) : 0;
    }
    float[] factors = FloatRows.repeated(a, n, together);
    float[] slopes = FloatRows.repeated(b, n, together);
    float[] constants = FloatRows.repeated(c, n, together);
    FloatRows.forEachChunk(
        rows,
        n,
        (chunk, first, end) -> {
          float[] piece = new float[together * n];
          float[] g = new float[together * n];
          for (int i = first; i < end; i += together) {
            int length = Math.min(together, end - i) * n;
            dz.get(i * n, g, 0, length);
            if (ofBatch) {
              from.get(i * n, piece, 0, length);
              inputGradient(g, piece, center, factors, slopes, constants, length);
            } else {
              multiply(g, factors, length);
            }
            to.put(i * n, g, 0, length);
          }
        });
  }

  private static float[] inverseDeviations(INDArray variance, double epsilon) {
    float[] inverse = FloatRows.copy(variance);
    for (int c = 0; c < inverse.length; c++) {
      inverse[c] = (float) (1 / Math.sqrt(inverse[c] + epsilon));
    }
    return inverse;
  }

  private static void addCentered(
      float[] x, float[] center, float[] firsts, float[] seconds, int n) {
    for (int i = 0; i < n; i++) {
      float d = x[i] - center[i];
      firsts[i] += d;
      seconds[i] += d * d;
    }
  }

  private static void affine(float[] x, float[] center, float[] scale, float[] shift, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = (x[i] - center[i]) * scale[i] + shift[i];
    }
  }

  private static void argument(float[] x, float[] scale, float[] shift, float[] z, int n) {
    for (int i = 0; i < n; i++) {
      z[i] = x[i] * scale[i] + shift[i];
    }
  }

  private static void multiply(float[] x, float[] factors, int n) {
    for (int i = 0; i < n; i++) {
      x[i] *= factors[i];
    }
  }

  private static void normalize(float[] x, float[] center, float[] scale, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = (x[i] - center[i]) * scale[i];
    }
  }

  private static void inputGradient(
      float[] g, float[] x, float[] center, float[] a, float[] b, float[] c, int n) {
    for (int i = 0; i < n; i++) {
      g[i] = a[i] * g[i] - (b[i] * (x[i] - center[i]) + c[i]);
    }
  }
}
