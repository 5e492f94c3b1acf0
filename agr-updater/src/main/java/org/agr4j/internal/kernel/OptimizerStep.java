package org.agr4j.internal.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The optimizer's steps of one block, with all that belongs to a step besides the formula: the
 * check for NaN, restarts, the counting of steps made and skipped. Bound to the block's state.
 *
 * <p>{@link HostStep} does it with numbers that the host reads; the CUDA step leaves norms, counts
 * and the check on the device, so that the host need not wait for them.
 */
public interface OptimizerStep {
  /**
   * A NaN or an infinity of steps before this one under {@link StepNumbers#stopIfNonFinite} that
   * nobody has been told of. To be asked before each step; never waits where there is none.
   *
   * @return the first tensor that was not finite, or null
   */
  NonFiniteTensor takeOverdue();

  /**
   * Replaces the block's gradient by its update, and the state by the next.
   *
   * <p>Under {@link StepNumbers#stopIfNonFinite}, a block that holds a NaN or an infinity keeps its
   * state; on a device so do the blocks of this thread after it, until the last block of the
   * network returns what was found. Under {@link StepNumbers#skipIfNonFinite}, such a tensor gets a
   * zero update, keeps its moments and its step count, and has the step counted as skipped.
   *
   * @param gradient block gradient, a contiguous vector, replaced by the update
   * @param numbers the numbers of the step
   * @param lastOfNetwork whether no other block of the network steps after this one
   * @return the first tensor that was not finite and has to stop the training, or null
   * @throws IllegalStateException if a device refuses the step, and the user wants it to do it or
   *     no one
   */
  NonFiniteTensor step(INDArray gradient, StepNumbers numbers, boolean lastOfNetwork);

  /** Whether the last step may have skipped a tensor; never waits. */
  boolean mayHaveSkipped();

  /**
   * ‖g‖₁ of each tensor in the last step that needed it; waits for it.
   *
   * @return NaN or +∞ where the tensor held one
   */
  double[] sums();
}
