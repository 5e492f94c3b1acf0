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
    int together = FloatRows.rowsTogether(n);
    FloatBuffer buffer = HostFloats.of(y);
    float[] shift = FloatRows.repeated(FloatRows.copy(bias), n, together);
    FloatRows.forEachChunk(
        FloatRows.rows(y),
        n,
        (chunk, first, end) -> {
          float[] x = new float[together * n];
          for (int i = first; i < end; i += together) {
            int length = Math.min(together, end - i) * n;
            buffer.get(i * n, x, 0, length);
            GeluLoop.add(x, shift, length);
            buffer.put(i * n, x, 0, length);
          }
        });
  }

  /** Writes the sums over rows of x [rows, C]. */
  public static void sum(INDArray x, INDArray sums) {
    int n = FloatRows.columns(x);
    int rows = FloatRows.rows(x);
    int together = FloatRows.rowsTogether(n);
    FloatBuffer buffer = HostFloats.of(x);
    float[][] ofChunks = new float[FloatRows.chunks(rows)][together * n];
    FloatRows.forEachChunk(
        rows,
        n,
        (chunk, first, end) -> {
          float[] piece = new float[together * n];
          for (int i = first; i < end; i += together) {
            int length = Math.min(together, end - i) * n;
            buffer.get(i * n, piece, 0, length);
            GeluLoop.add(ofChunks[chunk], piece, length);
          }
        });
    FloatRows.sumChunks(ofChunks, sums);
  }

  /** y ← scale x. */
  public static void scale(INDArray x, INDArray scale, INDArray y) {
    int n = FloatRows.columns(x);
    int together = FloatRows.rowsTogether(n);
    FloatBuffer from = HostFloats.of(x);
    FloatBuffer to = HostFloats.of(y);
    float[] factors = FloatRows.repeated(FloatRows.copy(scale), n, together);
    FloatRows.forEachChunk(
        FloatRows.rows(x),
        n,
        (chunk, first, end) -> {
          float[] piece = new float[together * n];
          for (int i = first; i < end; i += together) {
            int length = Math.min(together, end - i) * n;
            from.get(i * n, piece, 0, length);
            multiply(piece, factors, length);
            to.put(i * n, piece, 0, length);
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
    int together = FloatRows.rowsTogether(n);
    float[] factors = FloatRows.repeated(FloatRows.copy(scale), n, together);
    float[][] sums = new float[FloatRows.chunks(rows)][together * n];
    FloatRows.forEachChunk(
        rows,
        n,
        (chunk, first, end) -> {
          float[] piece = new float[together * n];
          float[] g = new float[together * n];
          for (int i = first; i < end; i += together) {
            int length = Math.min(together, end - i) * n;
            from.get(i * n, piece, 0, length);
            gradient.get(i * n, g, 0, length);
            addProducts(sums[chunk], piece, g, length);
            multiply(g, factors, length);
            to.put(i * n, g, 0, length);
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
