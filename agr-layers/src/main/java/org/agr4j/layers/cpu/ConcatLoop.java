package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Channels of two arrays [N, …] side by side, and apart again. All arrays are {@link
 * FloatRows#usable} and have the same sizes but for the last.
 */
public final class ConcatLoop {
  private ConcatLoop() {}

  /** Writes the channels of a and then those of b to y, at every position. */
  public static void join(INDArray a, INDArray b, INDArray y) {
    int first = FloatRows.columns(a);
    int second = FloatRows.columns(b);
    FloatBuffer ofA = HostFloats.of(a);
    FloatBuffer ofB = HostFloats.of(b);
    FloatBuffer to = HostFloats.of(y);
    FloatRows.forEachChunk(
        FloatRows.rows(y),
        first + second,
        (chunk, from, end) -> {
          float[] row = new float[first + second];
          for (int i = from; i < end; i++) {
            ofA.get(i * first, row, 0, first);
            ofB.get(i * second, row, first, second);
            to.put(i * row.length, row);
          }
        });
  }

  /** Writes the first channels of y to a and the others to b. */
  public static void split(INDArray y, INDArray a, INDArray b) {
    int first = FloatRows.columns(a);
    int second = FloatRows.columns(b);
    FloatBuffer toA = HostFloats.of(a);
    FloatBuffer toB = HostFloats.of(b);
    FloatBuffer from = HostFloats.of(y);
    FloatRows.forEachChunk(
        FloatRows.rows(y),
        first + second,
        (chunk, begin, end) -> {
          float[] row = new float[first + second];
          for (int i = begin; i < end; i++) {
            from.get(i * row.length, row);
            toA.put(i * first, row, 0, first);
            toB.put(i * second, row, first, second);
          }
        });
  }
}
