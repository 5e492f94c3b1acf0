package org.agr4j.layers;

import org.agr4j.layers.cpu.ChannelLoop;
import org.agr4j.layers.cpu.FloatRows;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A bias of a matrix [rows, C] and its gradient. */
final class ChannelSum {
  private ChannelSum() {}

  /** rows ← rows + bias. */
  static void add(INDArray rows, INDArray bias) {
    if (FloatRows.usable(rows, bias)) {
      ChannelLoop.add(rows, bias);
    } else {
      rows.addiRowVector(bias);
    }
  }

  /** Writes the sums over rows. */
  static void sum(INDArray rows, INDArray sums) {
    if (FloatRows.usable(rows, sums)) {
      ChannelLoop.sum(rows, sums);
    } else {
      sums.assign(rows.sum(0));
    }
  }
}
