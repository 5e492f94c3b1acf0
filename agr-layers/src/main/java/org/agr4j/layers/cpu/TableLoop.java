package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Rows of a table that are looked up, and their gradients. All arrays are {@link FloatRows#usable}.
 */
public final class TableLoop {
  private TableLoop() {}

  /** All elements in their order, copied. */
  public static float[] elements(INDArray array) {
    return FloatRows.copy(array);
  }

  /**
   * Writes the rows of a table.
   *
   * @param table [V, C], not modified
   * @param rows which row comes where
   * @param to [rows, C]
   */
  public static void lookUp(INDArray table, int[] rows, INDArray to) {
    int n = FloatRows.columns(table);
    FloatBuffer from = HostFloats.of(table);
    FloatBuffer out = HostFloats.of(to);
    float[] row = new float[n];
    for (int i = 0; i < rows.length; i++) {
      from.get(rows[i] * n, row);
      out.put(i * n, row);
    }
  }

  /**
   * Adds each row to the table's row it was looked up from, in their order.
   *
   * @param from [rows, C], not modified
   * @param rows as in {@link #lookUp}
   * @param table [V, C], added to
   */
  public static void addUp(INDArray from, int[] rows, INDArray table) {
    int n = FloatRows.columns(table);
    FloatBuffer in = HostFloats.of(from);
    FloatBuffer out = HostFloats.of(table);
    float[] row = new float[n];
    float[] sum = new float[n];
    for (int i = 0; i < rows.length; i++) {
      in.get(i * n, row);
      out.get(rows[i] * n, sum);
      GeluLoop.add(sum, row, n);
      out.put(rows[i] * n, sum);
    }
  }
}
