package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A matrix [rows, n C] as n matrices [rows, C] that lie one behind the other, and back: queries,
 * keys and values of a joint product. All arrays are {@link FloatRows#usable}.
 */
public final class JointColumns {
  private JointColumns() {}

  /**
   * Takes apart.
   *
   * @param joint [rows, n C], not modified
   * @param parts n · rows · C numbers, written
   * @param n number of parts
   */
  public static void split(INDArray joint, INDArray parts, int n) {
    FloatBuffer from = HostFloats.of(joint);
    FloatBuffer to = HostFloats.of(parts);
    int columns = FloatRows.columns(joint) / n;
    int rows = FloatRows.rows(joint);
    FloatRows.forEachChunk(
        rows,
        n * columns,
        (chunk, first, end) -> {
          float[] row = new float[n * columns];
          for (int i = first; i < end; i++) {
            from.get(i * n * columns, row);
            for (int part = 0; part < n; part++) {
              to.put((part * rows + i) * columns, row, part * columns, columns);
            }
          }
        });
  }

  /**
   * Puts together what {@link #split} has taken apart.
   *
   * @param parts not modified
   * @param joint written
   * @param n number of parts
   */
  public static void join(INDArray parts, INDArray joint, int n) {
    FloatBuffer from = HostFloats.of(parts);
    FloatBuffer to = HostFloats.of(joint);
    int columns = FloatRows.columns(joint) / n;
    int rows = FloatRows.rows(joint);
    FloatRows.forEachChunk(
        rows,
        n * columns,
        (chunk, first, end) -> {
          float[] row = new float[n * columns];
          for (int i = first; i < end; i++) {
            for (int part = 0; part < n; part++) {
              from.get((part * rows + i) * columns, row, part * columns, columns);
            }
            to.put(i * n * columns, row);
          }
        });
  }
}
