package org.agr4j.internal.kernel.cuda;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agr4j.internal.kernel.NonFiniteTensor;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One word on the device, through which the steps of a thread learn that one before them met a NaN
 * or an infinity under FAIL: {@link KernelPair#ALL_FINITE}, or the block's place and the tensor.
 *
 * <p>A round is the steps between two looks at the word. The last block of a network ends one, but
 * DL4J does not step every block every time (a variational autoencoder's decoder, say, only when it
 * pretrains). A block that comes round again shows that the round before had no end; from then on
 * the block that was last in it ends rounds too.
 */
final class Verdict {
  private static final ThreadLocal<Map<Integer, Verdict>> OF_THREAD =
      ThreadLocal.withInitial(HashMap::new);

  private final Gpu gpu;
  private final List<TableOnGpu> round = new ArrayList<>();
  private INDArray word; // null until the first step

  Verdict(Gpu gpu) {
    this.gpu = gpu;
  }

  /** The current thread's verdict on its device. */
  static Verdict ofThread(Gpu gpu) {
    return OF_THREAD.get().computeIfAbsent(gpu.current(), d -> new Verdict(gpu));
  }

  @SuppressWarnings("try") // the scope is there to be closed
  INDArray word() {
    if (word == null) {
      try (MemoryWorkspace ignored = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
        word = Nd4j.createFromArray(new long[] {KernelPair.ALL_FINITE});
      }
    }
    return word;
  }

  /** The place of a block in this round. */
  int placeOf(TableOnGpu block) {
    int place = round.lastIndexOf(block);
    if (place < 0) {
      place = round.size();
      round.add(block);
    }
    return place;
  }

  /** {@link #take} if a block has stepped in this round before. */
  NonFiniteTensor takeOverdue(TableOnGpu block) {
    if (!round.contains(block)) {
      return null;
    }
    round.get(round.size() - 1).endRounds();
    return take();
  }

  /** Ends the round: waits for its kernels, if there were any, and resets the word. */
  NonFiniteTensor take() {
    if (round.isEmpty()) {
      return null;
    }
    gpu.written(word);
    long verdict = word.getLong(0);
    NonFiniteTensor found = null;
    if (verdict != KernelPair.ALL_FINITE) {
      TableOnGpu block = round.get((int) (verdict >>> 32));
      int tensor = (int) verdict;
      found =
          new NonFiniteTensor(
              tensor,
              block.tensors().count(),
              block.tensors().length(tensor),
              block.sums()[tensor]);
      word.putScalar(0, KernelPair.ALL_FINITE);
    }
    round.clear();
    return found;
  }
}
