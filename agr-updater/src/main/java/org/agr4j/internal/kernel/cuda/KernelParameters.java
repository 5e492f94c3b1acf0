package org.agr4j.internal.kernel.cuda;

import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/** The two parameters of a kernel, in memory from which a launch copies them. */
final class KernelParameters {
  // Retained, as a PointerScope of the user that is open here would free them when it closes.
  private final LongPointer block = new LongPointer(KernelPair.BLOCK_WORDS).retainReference();
  private final LongPointer step = new LongPointer(KernelPair.STEP_WORDS).retainReference();
  private final PointerPointer<Pointer> both =
      new PointerPointer<Pointer>(block, step).retainReference();

  /** Sets the words and returns the addresses of both. */
  PointerPointer<Pointer> set(long[] block, long[] step) {
    this.block.put(block, 0, block.length);
    this.step.put(step, 0, step.length);
    return both;
  }
}
