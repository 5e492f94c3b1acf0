package org.agr4j.internal.kernel.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agr4j.internal.kernel.Optimizer;
import org.agr4j.internal.kernel.StepNumbers;
import org.agr4j.internal.layout.TensorBoundaries;

/**
 * A block on a device, with guarded zones between its arrays, and the image of it that the host
 * works on.
 *
 * <p>Rows: gradient, then m and v of AdamW, or m, d, n and g₋₁ of Adan; then steps and skipped.
 */
final class GuardedBlock implements AutoCloseable {
  private static final int GUARD = 64;
  private static final byte GUARD_BYTE = 0x7b; // in every type a large number

  final Element type;
  final Optimizer optimizer;
  final TensorBoundaries tensors;
  private final RawDevice device;
  private final BlockTable table;
  private final KernelPair step;
  private final int[] rowAt;
  private final ByteBuffer image;
  private final ByteBuffer tableImage;
  private final ByteBuffer verdictImage = direct(Long.BYTES);
  private final long memory;
  private final long tableMemory;
  private final long verdict;

  /**
   * A block of zeros.
   *
   * @param shift elements by which row i is shifted from a multiple of 256 bytes, i times
   */
  GuardedBlock(RawDevice device, Element type, Optimizer optimizer, int shift, long... lengths) {
    this.device = device;
    this.type = type;
    this.optimizer = optimizer;
    tensors = TensorBoundaries.ofLengths(lengths);
    table = new BlockTable(tensors);
    step = new KernelPair(type.kernelName(), optimizer, table);
    int rows = moments() + 3;
    rowAt = new int[rows];
    int at = 0;
    for (int i = 0; i < rows; i++) {
      rowAt[i] = (at + GUARD + 255) / 256 * 256 + i * shift * type.bytes;
      at = rowAt[i] + length(i) * type.bytes;
    }
    image = direct(at + GUARD);
    for (int i = 0; i < image.capacity(); i++) {
      image.put(i, GUARD_BYTE);
    }
    for (int i = 0; i < rows; i++) {
      set(i, new double[length(i)]);
    }
    memory = device.allocate(image.capacity());
    tableImage = direct(table.words().length * Long.BYTES);
    tableImage.asLongBuffer().put(table.words());
    tableMemory = device.allocate(Math.max(8, tableImage.capacity()));
    device.upload(tableMemory, tableImage);
    verdict = device.allocate(Long.BYTES);
    resetVerdict();
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  int moments() {
    return optimizer.moments();
  }

  private int length(int row) {
    return row <= moments() ? (int) tensors.totalLength() : tensors.count();
  }

  /** Row of the steps made; the steps skipped are the next. */
  int stepsRow() {
    return moments() + 1;
  }

  double[] row(int row) {
    double[] values = new double[length(row)];
    for (int i = 0; i < values.length; i++) {
      values[i] = type.get(image, rowAt[row] + i * type.bytes);
    }
    return values;
  }

  void set(int row, double[] values) {
    for (int i = 0; i < values.length; i++) {
      type.put(image, rowAt[row] + i * type.bytes, values[i]);
    }
  }

  /** One step of what the rows hold, into the rows. */
  void step(StepNumbers numbers, int place) {
    device.upload(memory, image);
    launch(numbers, place);
    device.download(memory, image);
    device.download(tableMemory, tableImage);
    requireGuardsWhole();
  }

  /** A step without copies. */
  void launch(StepNumbers numbers, int place) {
    step.table(table, tableMemory);
    long[] moments = new long[moments()];
    for (int k = 0; k < moments.length; k++) {
      moments[k] = memory + rowAt[k + 1];
    }
    step.arrays(
        verdict,
        memory + rowAt[0],
        moments,
        memory + rowAt[stepsRow()],
        memory + rowAt[stepsRow() + 1]);
    step.launch(device, numbers, place);
  }

  private void requireGuardsWhole() {
    int at = 0;
    for (int i = 0; i <= rowAt.length; i++) {
      int end = i < rowAt.length ? rowAt[i] : image.capacity();
      for (; at < end; at++) {
        if (image.get(at) != GUARD_BYTE) {
          throw new AssertionError("a kernel wrote outside of its arrays, before row " + i);
        }
      }
      at = i < rowAt.length ? rowAt[i] + length(i) * type.bytes : at;
    }
  }

  /** ‖g‖₁ of each tensor in the last step. */
  double[] sums() {
    double[] sums = new double[tensors.count()];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = tableImage.getDouble((int) (table.sumsAt() + i) * Long.BYTES);
    }
    return sums;
  }

  long verdict() {
    device.download(verdict, verdictImage);
    return verdictImage.getLong(0);
  }

  void resetVerdict() {
    verdictImage.putLong(0, KernelPair.ALL_FINITE);
    device.upload(verdict, verdictImage);
  }

  @Override
  public void close() {
    device.free(memory);
    device.free(tableMemory);
    device.free(verdict);
  }
}
