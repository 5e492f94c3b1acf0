package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Layer normalization of each row of a matrix in one pass each way; see {@link
 * org.agr4j.layers.LayerNorm} for the formula. All arrays are {@link FloatRows#usable}.
 */
public final class RowNormLoop {
  private RowNormLoop() {}

  /** Writes y [rows, C] for x [rows, C], γ and β [C]. */
  public static void forward(
      INDArray x, INDArray gamma, INDArray beta, double epsilon, INDArray y) {
    int n = FloatRows.columns(x);
    FloatBuffer from = HostFloats.of(x);
    FloatBuffer to = HostFloats.of(y);
    float[] scale = FloatRows.copy(gamma);
    float[] shift = FloatRows.copy(beta);
    FloatRows.forEachChunk(
        FloatRows.rows(x),
        n,
        (chunk, first, end) -> {
          float[] row = new float[n];
          for (int i = first; i < end; i++) {
            from.get(i * n, row);
            float mean = mean(row, n);
            float inverse = (float) (1 / Math.sqrt(variance(row, mean, n) + epsilon));
            affine(row, mean, inverse, scale, shift, n);
            to.put(i * n, row);
          }
        });
  }

  /** Writes dx [rows, C], dγ and dβ [C]. */
  public static void backward(
      INDArray x,
      INDArray gamma,
      double epsilon,
      INDArray dy,
      INDArray dx,
      INDArray dGamma,
      INDArray dBeta) {
    int n = FloatRows.columns(x);
    int rows = FloatRows.rows(x);
    FloatBuffer from = HostFloats.of(x);
    FloatBuffer gradient = HostFloats.of(dy);
    FloatBuffer to = HostFloats.of(dx);
    float[] scale = FloatRows.copy(gamma);
    float[][] scaleSums = new float[FloatRows.chunks(rows)][n];
    float[][] shiftSums = new float[FloatRows.chunks(rows)][n];
    FloatRows.forEachChunk(
        rows,
        n,
        (chunk, first, end) -> {
          float[] row = new float[n];
          float[] g = new float[n];
          for (int i = first; i < end; i++) {
            from.get(i * n, row);
            gradient.get(i * n, g);
            float mean = mean(row, n);
            float inverse = (float) (1 / Math.sqrt(variance(row, mean, n) + epsilon));
            normalize(row, mean, inverse, n);
            sums(g, row, scaleSums[chunk], shiftSums[chunk], n);
            multiply(g, scale, n);
            float constant = mean(g, n);
            float slope = RowReductions.dot(g, row, 0, n) / n;
            inputGradient(g, row, inverse, constant, slope, n);
            to.put(i * n, g);
          }
        });
    FloatRows.sumChunks(scaleSums, dGamma);
    FloatRows.sumChunks(shiftSums, dBeta);
  }

  /**
   * s ← s + bias + residual, and y as in {@link #forward} for that s.
   *
   * @param s [rows, C], modified
   * @param bias [C]
   * @param residual [rows, C]
   */
  public static void forwardOfSum(
      INDArray s,
      INDArray bias,
      INDArray residual,
      INDArray gamma,
      INDArray beta,
      double epsilon,
      INDArray y) {
    int n = FloatRows.columns(s);
    FloatBuffer sums = HostFloats.of(s);
    FloatBuffer other = HostFloats.of(residual);
    FloatBuffer to = HostFloats.of(y);
    float[] constant = FloatRows.copy(bias);
    float[] scale = FloatRows.copy(gamma);
    float[] shift = FloatRows.copy(beta);
    FloatRows.forEachChunk(
        FloatRows.rows(s),
        n,
        (chunk, first, end) -> {
          float[] row = new float[n];
          float[] added = new float[n];
          for (int i = first; i < end; i++) {
            sums.get(i * n, row);
            other.get(i * n, added);
            GeluLoop.add(row, added, n);
            GeluLoop.add(row, constant, n);
            sums.put(i * n, row);
            float mean = mean(row, n);
            float inverse = (float) (1 / Math.sqrt(variance(row, mean, n) + epsilon));
            affine(row, mean, inverse, scale, shift, n);
            to.put(i * n, row);
          }
        });
  }

  /**
   * Writes ds [rows, C], dγ, dβ and the sums of ds over rows [C].
   *
   * @param more added to dy, or null
   */
  public static void backwardOfSum(
      INDArray s,
      INDArray gamma,
      double epsilon,
      INDArray dy,
      INDArray more,
      INDArray ds,
      INDArray dGamma,
      INDArray dBeta,
      INDArray dBias) {
    int n = FloatRows.columns(s);
    int rows = FloatRows.rows(s);
    FloatBuffer from = HostFloats.of(s);
    FloatBuffer gradient = HostFloats.of(dy);
    FloatBuffer other = more == null ? null : HostFloats.of(more);
    FloatBuffer to = HostFloats.of(ds);
    float[] scale = FloatRows.copy(gamma);
    float[][] scaleSums = new float[FloatRows.chunks(rows)][n];
    float[][] shiftSums = new float[FloatRows.chunks(rows)][n];
    float[][] biasSums = new float[FloatRows.chunks(rows)][n];
    FloatRows.forEachChunk(
        rows,
        n,
        (chunk, first, end) -> {
          float[] row = new float[n];
          float[] g = new float[n];
          float[] added = new float[n];
          for (int i = first; i < end; i++) {
            from.get(i * n, row);
            gradient.get(i * n, g);
            if (other != null) {
              other.get(i * n, added);
              GeluLoop.add(g, added, n);
            }
            float mean = mean(row, n);
            float inverse = (float) (1 / Math.sqrt(variance(row, mean, n) + epsilon));
            normalize(row, mean, inverse, n);
            sums(g, row, scaleSums[chunk], shiftSums[chunk], n);
            multiply(g, scale, n);
            float slope = RowReductions.dot(g, row, 0, n) / n;
            inputGradient(g, row, inverse, mean(g, n), slope, n);
            GeluLoop.add(biasSums[chunk], g, n);
            to.put(i * n, g);
          }
        });
    FloatRows.sumChunks(scaleSums, dGamma);
    FloatRows.sumChunks(shiftSums, dBeta);
    FloatRows.sumChunks(biasSums, dBias);
  }

  private static float mean(float[] x, int n) {
    return RowReductions.sum(x, 0, n) / n;
  }

  private static float variance(float[] x, float mean, int n) {
    return RowReductions.squares(x, 0, n, mean) / n;
  }

  private static void affine(
      float[] x, float mean, float inverse, float[] scale, float[] shift, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = (x[i] - mean) * inverse * scale[i] + shift[i];
    }
  }

  private static void normalize(float[] x, float mean, float inverse, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = (x[i] - mean) * inverse;
    }
  }

  private static void sums(float[] dy, float[] x, float[] scaleSums, float[] shiftSums, int n) {
    for (int i = 0; i < n; i++) {
      scaleSums[i] += dy[i] * x[i];
      shiftSums[i] += dy[i];
    }
  }

  private static void multiply(float[] g, float[] scale, int n) {
    for (int i = 0; i < n; i++) {
      g[i] *= scale[i];
    }
  }

  private static void inputGradient(
      float[] g, float[] x, float inverse, float constant, float slope, int n) {
    for (int i = 0; i < n; i++) {
      g[i] = inverse * ((g[i] - constant) - slope * x[i]);
    }
  }
}
