package org.agr4j.internal.kernel;

import org.agr4j.internal.layout.TensorBoundaries;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Neighbouring tensors of one block, on which a kernel makes a step: the tensors {@code from}
 * (inclusive) to {@code to} (exclusive). All arrays are contiguous vectors of the whole block's
 * length and of one type, FLOAT or DOUBLE.
 *
 * @param optimizer whose moments these are
 * @param gradient g, replaced by the update
 * @param moments in the optimizer's order, modified
 * @param tensors boundaries of the block
 * @param from first tensor of the step
 * @param to one past the last tensor of the step
 * @param divisors {@link Psi}'s d of each tensor of the block, positive
 */
public record BlockSlice(
    Optimizer optimizer,
    INDArray gradient,
    INDArray[] moments,
    TensorBoundaries tensors,
    int from,
    int to,
    double[] divisors) {

  /** The first moment m. */
  public INDArray firstMoment() {
    return moments[optimizer.firstMoment()];
  }

  /** The second moment, AdamW's v or Adan's n. */
  public INDArray secondMoment() {
    return moments[optimizer.secondMoment()];
  }

  /** Adan's mean gradient difference d. */
  public INDArray difference() {
    return moments[optimizer.difference()];
  }

  /** Adan's last gradient g₋₁, which is not read at a tensor's first step. */
  public INDArray lastGradient() {
    return moments[optimizer.lastGradient()];
  }

  /** Number of elements of the tensors of the step. */
  public long length() {
    return tensors.start(to) - tensors.start(from);
  }
}
