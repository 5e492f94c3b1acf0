package org.agr4j.internal.kernel;

import org.agr4j.internal.layout.TensorBoundaries;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The arithmetic of one optimizer step over one block, a flat array of tensors laid end to end,
 * with numbers of the host.
 *
 * <p>A kernel knows arrays and numbers only. {@link Psi} reaches it as one divisor a tensor.
 * Kernels keep no state between calls and may be shared by threads.
 */
public interface UpdateKernel {
  /**
   * ‖g‖₁ of every tensor.
   *
   * @param gradient block gradient, not modified
   * @param tensors boundaries of the block
   * @param sums length {@code tensors.count()}, overwritten: Σ|g| of each tensor; NaN or +∞ if and
   *     only if the tensor holds a NaN or an infinity (a sum beyond the largest double is given as
   *     that)
   */
  void absoluteSums(INDArray gradient, TensorBoundaries tensors, double[] sums);

  /**
   * Replaces the gradient of a slice by its update, and its moments by the next. AdamW(AGR), with ĝ
   * = Ψ(g):
   *
   * <pre>
   *   m ← β₁m + (1−β₁)ĝ        v ← β₂v + (1−β₂)g²
   *   update = η (m/(1−β₁ᵗ)) / (√(v/(1−β₂ᵗ)) + ε)
   * </pre>
   *
   * Adan(AGR):
   *
   * <pre>
   *   m ← β₁m + (1−β₁)ĝ        d ← β₂d + (1−β₂)(g − g₋₁)
   *   n ← β₃n + (1−β₃)(g + β₂(g − g₋₁))²        g₋₁ ← g
   *   update = η (m/(1−β₁ᵗ) + β₂d/(1−β₂ᵗ)) / (√(n/(1−β₃ᵗ)) + ε)
   * </pre>
   *
   * @param slice the tensors and their arrays
   * @param c the numbers of the step
   */
  void step(BlockSlice slice, StepCoefficients c);
}
