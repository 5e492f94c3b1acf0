package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Sums, offsets and factors of each column of a matrix, in one pass. All arrays are {@link
 * FloatRows#usable}.
 */
public final class ChannelLoop {
  private ChannelLoop() {}

  /** y ← y + bias, for y [rows, C] and bias [C]. */
  public static void add(INDArray y, INDArray bias) {
    int n = FloatRows.columns(y);
    FloatBuffer buffer = HostFloats.of(y);
    float[] shift = FloatRows.copy(bias);
    FloatRows.forEachChunk(
        FloatRows.rows(y),
        n,
        (chunk, first, end) -> {
          float[] row = new float[n];
          for (int i = first; i < end; i++) {
            buffer.get(i * n, row);
            GeluLoop.add(row, shift, n);
            buffer.put(i * n, row);
          }
        });
  }

  /** Writes the sums over rows of x [rows, C]. */
  public static void sum(INDArray x, INDArray sums) {
    int n = FloatRows.columns(x);
    int rows = FloatRows.rows(x);
    FloatBuffer buffer = HostFloats.of(x);
    float[][] ofChunks = new float[FloatRows.chunks(rows)][n];
    FloatRows.forEachChunk(
        rows,
        n,
        (chunk, first, end) -> {
          float[] row = new float[n];
          for (int i = first; i < end; i++) {
            buffer.get(i * n, row);
            GeluLoop.add(ofChunks[chunk], row, n);
          }
        });
    FloatRows.sumChunks(ofChunks, sums);
  }

  /** y ← scale x. */
  public static void scale(INDArray x, INDArray scale, INDArray y) {
    int n = FloatRows.columns(x);
    FloatBuffer from = HostFloats.of(x);
    FloatBuffer to = HostFloats.of(y);
    float[] factors = FloatRows.copy(scale);
    FloatRows.forEachChunk(
        FloatRows.rows(x),
        n,
        (chunk, first, end) -> {
          float[] row = new float[n];
          for (int i = first; i < end; i++) {
            from.get(i * n, row);
            multiply(row, factors, n);
            to.put(i * n, row);
          }
        });
  }

  /** dx ← scale dy, and the sums of x dy. */
  public static void scaleBackward(
      INDArray x, INDArray scale, INDArray dy, INDArray dx, INDArray dScale) {
    int n = FloatRows.columns(x);
    int rows = FloatRows.rows(x);
    FloatBuffer from = HostFloats.of(x);
    FloatBuffer gradient = HostFloats.of(dy);
    FloatBuffer to = HostFloats.of(dx);
    float[] factors = FloatRows.copy(scale);
    float[][] sums = new float[FloatRows.chunks(rows)][n];
    FloatRows.forEachChunk(
        rows,
        n,
        (chunk, first, end) -> {
          float[] row = new float[n];
          float[] g = new float[n];
          for (int i = first; i < end; i++) {
            from.get(i * n, row);
            gradient.get(i * n, g);
            addProducts(sums[chunk], row, g, n);
            multiply(g, factors, n);
            to.put(i * n, g);
          }
        });
    FloatRows.sumChunks(sums, dScale);
  }

  static void addProducts(float[] to, float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      to[i] += x[i] * y[i];
    }
  }

  private static void multiply(float[] x, float[] factors, int n) {
    for (int i = 0; i < n; i++) {
      x[i] *= factors[i];
    }
  }
}
