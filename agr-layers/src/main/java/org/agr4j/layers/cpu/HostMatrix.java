package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The rows of a {@link FloatRows#usable} array, for Java by a buffer and for BLAS by address. */
final class HostMatrix {
  final FloatBuffer buffer;
  final int width;
  private final INDArray array; // which keeps the memory
  private final long address;

  private HostMatrix(INDArray array, int width) {
    this.array = array;
    this.width = width;
    this.buffer = HostFloats.of(array);
    this.address = array.data().address() + array.offset() * Float.BYTES;
  }

  /** The rows of an array [.., width]. */
  static HostMatrix of(INDArray array) {
    return new HostMatrix(array, FloatRows.columns(array));
  }

  /** An array's elements as rows of another width. */
  static HostMatrix of(INDArray array, int width) {
    return new HostMatrix(array, width);
  }

  /** Rows of undefined content. */
  static HostMatrix scratch(int rows, int width) {
    return of(Nd4j.createUninitializedDetached(DataType.FLOAT, rows, width));
  }

  /** The array itself. */
  INDArray array() {
    return array;
  }

  /** Where a row begins, as an index of the buffer. */
  int index(int row) {
    return row * width;
  }

  /** Where a row begins in memory. */
  long at(int row) {
    return at(row, 0);
  }

  /** Where an element lies in memory. */
  long at(int row, int column) {
    return address + ((long) row * width + column) * Float.BYTES;
  }
}
