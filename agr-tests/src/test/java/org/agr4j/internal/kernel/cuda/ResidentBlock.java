package org.agr4j.internal.kernel.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agr4j.internal.kernel.Optimizer;
import org.agr4j.internal.kernel.StepNumbers;
import org.agr4j.internal.layout.TensorBoundaries;

/** A block of FLOAT whose arrays lie where the caller put them, without an image on the host. */
final class ResidentBlock {
  private final NvidiaDevice device;
  private final BlockTable table;
  private final KernelPair step;
  private final long tableAddress;
  private final long verdict;

  /**
   * A block.
   *
   * @param gradient address of its gradient
   * @param state address of its state: the moments, the steps made and the steps skipped, without
   *     gaps, as ND4J's views lie
   */
  ResidentBlock(
      NvidiaDevice device, Optimizer optimizer, long gradient, long state, long... lengths) {
    this.device = device;
    TensorBoundaries tensors = TensorBoundaries.ofLengths(lengths);
    table = new BlockTable(tensors);
    step = new KernelPair("float", optimizer, table);
    ByteBuffer words = direct(table.words().length * Long.BYTES);
    words.asLongBuffer().put(table.words());
    tableAddress = device.allocate(words.capacity());
    device.upload(tableAddress, words);
    verdict = device.allocate(Long.BYTES);
    device.fill(verdict, -1, 2);
    step.table(table, tableAddress);
    long row = Float.BYTES * tensors.totalLength();
    long[] moments = new long[optimizer.moments()];
    for (int k = 0; k < moments.length; k++) {
      moments[k] = state + k * row;
    }
    long counters = state + moments.length * row;
    step.arrays(
        verdict, gradient, moments, counters, counters + (long) Float.BYTES * tensors.count());
  }

  /** How many elements the state of a block has. */
  static long stateLength(Optimizer optimizer, long elements, int tensors) {
    return optimizer.moments() * elements + 2L * tensors;
  }

  static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  void launch(StepNumbers numbers) {
    step.launch(device, numbers, 0);
  }

  /** ‖g‖₁ of a tensor in the last step. */
  double sum(int tensor) {
    ByteBuffer sum = direct(Double.BYTES);
    device.download(tableAddress + Long.BYTES * (table.sumsAt() + tensor), sum);
    return sum.getDouble(0);
  }

  void free() {
    device.free(tableAddress);
    device.free(verdict);
  }
}
