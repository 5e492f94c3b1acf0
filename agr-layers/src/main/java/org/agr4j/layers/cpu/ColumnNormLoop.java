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
    FloatBuffer from = HostFloats.of(x);
    // Sums around the first row, which is near the mean, lose little to cancellation.
    float[] center = new float[n];
    from.get(0, center);
    float[][] firsts = new float[FloatRows.chunks(rows)][n];
    float[][] seconds = new float[FloatRows.chunks(rows)][n];
    FloatRows.forEachChunk(
        rows,
        n,
        (chunk, first, end) -> {
          float[] row = new float[n];
          for (int i = first; i < end; i++) {
            from.get(i * n, row);
            addCentered(row, center, firsts[chunk], seconds[chunk], n);
          }
        });
    float[] means = new float[n];
    float[] variances = new float[n];
    for (int c = 0; c < n; c++) {
      double sum = 0;
      double squares = 0;
      for (int chunk = 0; chunk < firsts.length; chunk++) {
        sum += firsts[chunk][c];
        squares += seconds[chunk][c];
      }
      double offset = sum / rows;
      means[c] = (float) (center[c] + offset);
      variances[c] = (float) Math.max(0, squares / rows - offset * offset);
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
    float[] center = FloatRows.copy(mean);
    float[] scale = inverseDeviations(variance, epsilon);
    multiply(scale, FloatRows.copy(gamma), n);
    float[] shift = FloatRows.copy(beta);
    FloatRows.forEachChunk(
        FloatRows.rows(x),
        n,
        (chunk, first, end) -> {
          float[] row = new float[n];
          for (int i = first; i < end; i++) {
            from.get(i * n, row);
            affine(row, center, scale, shift, n);
            if (gelu) {
              GeluLoop.value(row, n);
            }
            to.put(i * n, row);
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
    float[] center = FloatRows.copy(mean);
    float[] inverse = inverseDeviations(variance, epsilon);
    float[] zero = new float[n];
    float[] scale = FloatRows.copy(gamma);
    float[] shift = FloatRows.copy(beta);
    float[][] products = new float[FloatRows.chunks(rows)][n];
    float[][] sums = new float[FloatRows.chunks(rows)][n];
    // dz is written to dx by the first pass, read and finished by the second.
    FloatRows.forEachChunk(
        rows,
        n,
        (chunk, first, end) -> {
          float[] row = new float[n];
          float[] z = new float[n];
          float[] scratch = new float[n];
          float[] g = new float[n];
          for (int i = first; i < end; i++) {
            from.get(i * n, row);
            gradient.get(i * n, g);
            affine(row, center, inverse, zero, n);
            if (gelu) {
              argument(row, scale, shift, z, n);
              GeluLoop.slope(z, g, scratch, n);
              to.put(i * n, g);
            }
            ChannelLoop.addProducts(products[chunk], row, g, n);
            GeluLoop.add(sums[chunk], g, n);
          }
        });
    FloatRows.sumChunks(products, dGamma);
    FloatRows.sumChunks(sums, dBeta);
    FloatBuffer dz = gelu ? to : gradient;
    float[] constant = FloatRows.copy(dBeta);
    float[] slope = FloatRows.copy(dGamma);
    for (int c = 0; c < n; c++) {
      constant[c] = ofBatch ? constant[c] / rows : 0;
      slope[c] = ofBatch ? slope[c] / rows : 0;
    }
    multiply(scale, inverse, n);
    FloatRows.forEachChunk(
        rows,
        n,
        (chunk, first, end) -> {
          float[] row = new float[n];
          float[] g = new float[n];
          for (int i = first; i < end; i++) {
            from.get(i * n, row);
            dz.get(i * n, g);
            affine(row, center, inverse, zero, n);
            inputGradient(g, row, scale, constant, slope, n);
            to.put(i * n, g);
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

  private static void inputGradient(
      float[] g, float[] x, float[] scale, float[] constant, float[] slope, int n) {
    for (int i = 0; i < n; i++) {
      g[i] = scale[i] * ((g[i] - constant[i]) - slope[i] * x[i]);
    }
  }
}
