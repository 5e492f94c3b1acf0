package org.agr4j.updater;

/**
 * What an updater does when a tensor's gradient holds a NaN or an infinity.
 *
 * <p>It is seen in ‖g‖₁, which AGR computes anyway, before anything of the tensor's state changes.
 */
public enum NonFinite {
  /**
   * Throw a {@link NonFiniteGradientException} that names tensor, iteration and epoch, before DL4J
   * changes any parameter. With the CUDA kernel this costs one wait for the device in each step of
   * a network, and where DL4J leaves out the network's last block (pretrained layers), a NaN in its
   * first step is thrown by the next.
   */
  FAIL,

  /**
   * Leave the tensor and its moments as they were for this step, and count the step as skipped;
   * other tensors are updated as usual.
   */
  SKIP,

  /** Compute on, as plain DL4J does: the NaN spreads into state and parameters. */
  PROPAGATE
}
