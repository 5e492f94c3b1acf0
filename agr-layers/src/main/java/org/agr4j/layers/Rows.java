package org.agr4j.layers;

import org.agr4j.layers.cpu.FloatRows;
import org.agr4j.layers.cpu.TableLoop;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Rows of a matrix that are looked up, and their gradients. */
final class Rows {
  private Rows() {}

  /** to[i] ← table[rows[i]]. */
  static void lookUp(INDArray table, int[] rows, INDArray to) {
    if (FloatRows.usable(table, to)) {
      TableLoop.lookUp(table, rows, to);
      return;
    }
    for (int i = 0; i < rows.length; i++) {
      to.putRow(i, table.getRow(rows[i]));
    }
  }

  /** table[rows[i]] ← table[rows[i]] + from[i]. */
  static void addUp(INDArray from, int[] rows, INDArray table) {
    if (FloatRows.usable(from, table)) {
      TableLoop.addUp(from, rows, table);
      return;
    }
    for (int i = 0; i < rows.length; i++) {
      table.getRow(rows[i]).addi(from.getRow(i));
    }
  }
}
