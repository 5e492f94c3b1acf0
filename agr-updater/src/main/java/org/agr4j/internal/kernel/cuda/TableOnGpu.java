package org.agr4j.internal.kernel.cuda;

import org.agr4j.internal.layout.TensorBoundaries;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A block's {@link BlockTable} on its gpu. A {@link Verdict} knows blocks by it, for it holds
 * nothing that belongs to a network.
 */
final class TableOnGpu {
  private final Gpu gpu;
  private final TensorBoundaries tensors;
  private final BlockTable layout;
  private final INDArray words;
  private boolean endsRounds;

  @SuppressWarnings("try") // the scope is there to be closed
  TableOnGpu(Gpu gpu, TensorBoundaries tensors) {
    this.gpu = gpu;
    this.tensors = tensors;
    layout = new BlockTable(tensors);
    try (MemoryWorkspace ignored = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      words = Nd4j.createFromArray(layout.words());
    }
  }

  TensorBoundaries tensors() {
    return tensors;
  }

  BlockTable layout() {
    return layout;
  }

  INDArray words() {
    return words;
  }

  /** Whether the block was the last to step in a round of a {@link Verdict} without an end. */
  boolean endsRounds() {
    return endsRounds;
  }

  void endRounds() {
    endsRounds = true;
  }

  /** Waits for the last step and returns its ‖g‖₁ of each tensor. */
  double[] sums() {
    gpu.written(words);
    double[] sums = new double[tensors.count()];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = Double.longBitsToDouble(words.getLong(layout.sumsAt() + i));
    }
    return sums;
  }
}
