package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Nearest-neighbour upsampling by two of [N, H, W, C] and its gradient, row by row. All arrays are
 * {@link FloatRows#usable}.
 */
public final class UpsamplingLoop {
  private UpsamplingLoop() {}

  /** Writes every position of x to a 2×2 square of y. */
  public static void forward(INDArray x, INDArray y) {
    int channels = FloatRows.columns(x);
    int width = Math.toIntExact(x.size(2));
    int row = width * channels;
    FloatBuffer from = HostFloats.of(x);
    FloatBuffer to = HostFloats.of(y);
    FloatRows.forEachChunk(
        FloatRows.rows(x) / width,
        row,
        (chunk, first, end) -> {
          float[] small = new float[row];
          float[] large = new float[2 * row];
          for (int i = first; i < end; i++) {
            from.get(i * row, small);
            for (int j = 0; j < width; j++) {
              System.arraycopy(small, j * channels, large, 2 * j * channels, channels);
              System.arraycopy(small, j * channels, large, (2 * j + 1) * channels, channels);
            }
            to.put(4 * i * row, large);
            to.put((4 * i + 2) * row, large);
          }
        });
  }

  /** Writes the sums over squares of dy to dx. */
  public static void backward(INDArray dy, INDArray dx) {
    int channels = FloatRows.columns(dx);
    int width = Math.toIntExact(dx.size(2));
    int row = width * channels;
    FloatBuffer from = HostFloats.of(dy);
    FloatBuffer to = HostFloats.of(dx);
    FloatRows.forEachChunk(
        FloatRows.rows(dx) / width,
        row,
        (chunk, first, end) -> {
          float[] upper = new float[2 * row];
          float[] lower = new float[2 * row];
          float[] small = new float[row];
          for (int i = first; i < end; i++) {
            from.get(4 * i * row, upper);
            from.get((4 * i + 2) * row, lower);
            for (int j = 0; j < width; j++) {
              sum(upper, lower, 2 * j * channels, small, j * channels, channels);
            }
            to.put(i * row, small);
          }
        });
  }

  private static void sum(float[] upper, float[] lower, int at, float[] sums, int to, int n) {
    for (int c = 0; c < n; c++) {
      sums[to + c] = upper[at + c] + upper[at + n + c] + lower[at + c] + lower[at + n + c];
    }
  }
}
