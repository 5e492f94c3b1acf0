package org.agr4j.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The steps of one block whose norms, step counts and check for NaN stay on the device, so that the
 * host need not wait for them.
 *
 * <p>A step replaces a whole round of {@link UpdateKernel#absoluteSums} and {@link
 * UpdateKernel#adamW} or {@link UpdateKernel#adan}, with the restart and the counting that the
 * updater does around them. It is bound to the arrays of a block's state when it is made.
 */
public interface DeviceStep {
  /**
   * Launches a step.
   *
   * <p>Under {@link StepNumbers#stopIfNonFinite}, from the first block on that holds a NaN or an
   * infinity, steps launched by this thread write a zero update and leave the state as it was,
   * until {@link #takeNonFinite} is called. Under {@link StepNumbers#skipIfNonFinite}, such a
   * tensor gets a zero update, keeps its moments and its step count, and has the step counted as
   * skipped.
   *
   * @param gradient block gradient, contiguous, replaced by the update
   * @param numbers the numbers of the step
   * @return whether it was launched; if not, nothing has changed, and the host has to do the step
   * @throws IllegalStateException if it could not be launched, and the user wants the device to do
   *     it or no one
   */
  boolean launch(INDArray gradient, StepNumbers numbers);

  /**
   * {@link #takeNonFinite} if no one has called it since this block's last step, whose verdict
   * would be lost; else null, without waiting. To be called before each step.
   *
   * @return the first tensor that was not finite, or null
   */
  NonFiniteTensor takeOverdue();

  /**
   * Whether {@link #takeNonFinite} has to follow this block's steps as it does the network's last:
   * {@link #takeOverdue} has learned that no block after this one steps.
   */
  boolean endsRound();

  /**
   * Waits for the steps that this thread launched with {@link StepNumbers#stopIfNonFinite} since
   * the last call, of whichever block, and lets steps change the state again. Does not wait where
   * there were none.
   *
   * @return the first tensor that was not finite, or null
   */
  NonFiniteTensor takeNonFinite();

  /**
   * Waits for the last step.
   *
   * @return ‖g‖₁ of each tensor in the last step that needed it, NaN or +∞ where the tensor held
   *     one
   */
  double[] sums();

  /**
   * A tensor whose gradient is not finite.
   *
   * @param index which tensor of its block
   * @param count how many tensors the block has
   * @param length how many elements the tensor has
   * @param sum NaN or +∞
   */
  record NonFiniteTensor(int index, int count, long length, double sum) {}
}
