package org.agr4j.kernel.cuda;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agr4j.kernel.DeviceStep.NonFiniteTensor;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One word on the device, through which the steps of a thread learn that one before them met a NaN
 * or an infinity under FAIL: {@link FusedStep#ALL_FINITE}, or the block's place and the tensor.
 */
final class Verdict {
  private static final ThreadLocal<Map<Integer, Verdict>> OF_THREAD =
      ThreadLocal.withInitial(HashMap::new);

  private final StepDevice device;
  private final INDArray word;
  private final List<BlockSteps> blocks = new ArrayList<>(); // since the word was last looked at

  @SuppressWarnings("try") // the scope is there to be closed
  private Verdict(StepDevice device) {
    this.device = device;
    try (MemoryWorkspace ignored = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      word = Nd4j.createFromArray(new long[] {FusedStep.ALL_FINITE});
    }
  }

  /** The current thread's verdict on its device. */
  static Verdict ofThread(StepDevice device) {
    return OF_THREAD.get().computeIfAbsent(device.current(), d -> new Verdict(device));
  }

  INDArray word() {
    return word;
  }

  /** The place of a block among those that step until the word is looked at. */
  int placeOf(BlockSteps block) {
    int place = blocks.lastIndexOf(block);
    if (place < 0) {
      place = blocks.size();
      blocks.add(block);
    }
    return place;
  }

  /** Waits for this thread's kernels, and resets the word. */
  NonFiniteTensor take() {
    device.written(word);
    long verdict = word.getLong(0);
    NonFiniteTensor found = null;
    if (verdict != FusedStep.ALL_FINITE) {
      BlockSteps block = blocks.get((int) (verdict >>> 32));
      int tensor = (int) verdict;
      found =
          new NonFiniteTensor(
              tensor,
              block.tensors().count(),
              block.tensors().length(tensor),
              block.sums()[tensor]);
      word.putScalar(0, FusedStep.ALL_FINITE);
    }
    blocks.clear();
    return found;
  }
}
