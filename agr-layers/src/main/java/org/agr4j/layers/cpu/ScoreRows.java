package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What attention does to its scores between the products of matrices, each row in one pass through
 * the cache. All arrays are {@link FloatRows#usable}.
 *
 * <pre>
 * P = softmax( factor S )    dS = factor P ( dP − Σ over keys dP P )
 * </pre>
 */
public final class ScoreRows {
  private ScoreRows() {}

  /** Scores S [rows, keys] become P. */
  public static void softmax(INDArray scores, float factor) {
    int keys = FloatRows.columns(scores);
    FloatBuffer buffer = HostFloats.of(scores);
    FloatRows.forEachChunk(
        FloatRows.rows(scores),
        keys,
        (chunk, first, end) -> {
          float[] row = new float[keys];
          for (int i = first; i < end; i++) {
            buffer.get(i * keys, row);
            exp(row, factor, factor * max(row, keys), keys);
            scale(row, 1 / sum(row, keys), keys);
            buffer.put(i * keys, row);
          }
        });
  }

  /** The gradient dP [rows, keys] becomes dS. */
  public static void gradient(INDArray dp, INDArray p, float factor) {
    int keys = FloatRows.columns(p);
    FloatBuffer gradient = HostFloats.of(dp);
    FloatBuffer probabilities = HostFloats.of(p);
    FloatRows.forEachChunk(
        FloatRows.rows(p),
        keys,
        (chunk, first, end) -> {
          float[] g = new float[keys];
          float[] row = new float[keys];
          for (int i = first; i < end; i++) {
            gradient.get(i * keys, g);
            probabilities.get(i * keys, row);
            scoreGradient(g, row, dot(g, row, keys), factor, keys);
            gradient.put(i * keys, g);
          }
        });
  }

  private static void exp(float[] x, float factor, float less, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = FloatExp.exp(Math.fma(factor, x[i], -less));
    }
  }

  private static void scale(float[] x, float factor, int n) {
    for (int i = 0; i < n; i++) {
      x[i] *= factor;
    }
  }

  private static void scoreGradient(float[] g, float[] p, float slope, float factor, int n) {
    for (int i = 0; i < n; i++) {
      g[i] = factor * p[i] * (g[i] - slope);
    }
  }

  // Independent parts, so that operations need not wait for each other.
  private static float max(float[] x, int n) {
    float a = x[0];
    float b = a;
    float c = a;
    float d = a;
    int i = 0;
    for (; i <= n - 4; i += 4) {
      a = Math.max(a, x[i]);
      b = Math.max(b, x[i + 1]);
      c = Math.max(c, x[i + 2]);
      d = Math.max(d, x[i + 3]);
    }
    for (; i < n; i++) {
      a = Math.max(a, x[i]);
    }
    return Math.max(Math.max(a, b), Math.max(c, d));
  }

  private static float sum(float[] x, int n) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    int i = 0;
    for (; i <= n - 4; i += 4) {
      a += x[i];
      b += x[i + 1];
      c += x[i + 2];
      d += x[i + 3];
    }
    for (; i < n; i++) {
      a += x[i];
    }
    return (a + b) + (c + d);
  }

  private static float dot(float[] x, float[] y, int n) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    int i = 0;
    for (; i <= n - 4; i += 4) {
      a = Math.fma(x[i], y[i], a);
      b = Math.fma(x[i + 1], y[i + 1], b);
      c = Math.fma(x[i + 2], y[i + 2], c);
      d = Math.fma(x[i + 3], y[i + 3], d);
    }
    for (; i < n; i++) {
      a = Math.fma(x[i], y[i], a);
    }
    return (a + b) + (c + d);
  }
}
