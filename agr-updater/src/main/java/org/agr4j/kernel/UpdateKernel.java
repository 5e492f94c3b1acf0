package org.agr4j.kernel;

import java.util.Locale;
import org.agr4j.layout.TensorBoundaries;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The arithmetic of one optimizer step over one block, a flat array of tensors laid end to end.
 *
 * <p>A kernel knows arrays and numbers only. Ψ reaches it as one divisor per tensor: with
 *
 * <pre>  d_i = ‖g_i‖₁ / s        Ψ(g) = g · (1 − |g| / d_i)</pre>
 *
 * where s is the strength of AGR and d_i = +∞ makes Ψ the identity (AGR off, an all-zero or a
 * one-element tensor). All arrays are contiguous vectors of the block's length and of one floating
 * point type; a kernel touches only the elements of tensors {@code from} (inclusive) to {@code to}
 * (exclusive). Kernels keep no state between calls and may be shared by threads.
 */
public interface UpdateKernel {
  /** System property that chooses the kernel by name. */
  String PROPERTY = "org.agr4j.kernel";

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
   * AdamW(AGR): m ← β₁m + (1−β₁)ĝ; v ← β₂v + (1−β₂)g²; update = η (m/(1−β₁ᵗ)) / (√(v/(1−β₂ᵗ)) + ε).
   *
   * @param gradient block gradient, replaced by the update
   * @param firstMoment m, modified
   * @param secondMoment v, modified
   * @param tensors boundaries of the block
   * @param from first tensor of the step
   * @param to one past the last tensor of the step
   * @param divisors d_i of each tensor of the block, positive
   * @param c the numbers of the step
   */
  void adamW(
      INDArray gradient,
      INDArray firstMoment,
      INDArray secondMoment,
      TensorBoundaries tensors,
      int from,
      int to,
      double[] divisors,
      AdamWCoefficients c);

  /**
   * Adan(AGR): m ← β₁m + (1−β₁)ĝ; d ← β₂d + (1−β₂)(g − g₋₁); n ← β₃n + (1−β₃)(g + β₂(g − g₋₁))²;
   * update = η (m/(1−β₁ᵗ) + β₂d/(1−β₂ᵗ)) / (√(n/(1−β₃ᵗ)) + ε); g₋₁ ← g.
   *
   * @param gradient block gradient, replaced by the update
   * @param firstMoment m, modified
   * @param difference d, the moving mean of the gradient difference, modified
   * @param secondMoment n, modified
   * @param lastGradient g₋₁, modified; not read where {@code c.firstStep()}
   * @param tensors boundaries of the block
   * @param from first tensor of the step
   * @param to one past the last tensor of the step
   * @param divisors d_i of each tensor of the block, positive
   * @param c the numbers of the step
   */
  void adan(
      INDArray gradient,
      INDArray firstMoment,
      INDArray difference,
      INDArray secondMoment,
      INDArray lastGradient,
      TensorBoundaries tensors,
      int from,
      int to,
      double[] divisors,
      AdanCoefficients c);

  /**
   * The steps of a block on a device that does them whole, without numbers of the host.
   *
   * @param tensors boundaries of the block
   * @param moments m and v of AdamW, or m, d, n and g₋₁ of Adan; modified by steps
   * @param steps steps made by each tensor; modified by steps
   * @param skipped steps skipped by each tensor; modified by steps
   * @return the steps, or null if this kernel works with numbers of the host
   */
  default DeviceStep deviceStep(
      TensorBoundaries tensors, INDArray[] moments, INDArray steps, INDArray skipped) {
    return null;
  }

  /**
   * The fastest kernel for a backend and data type: {@link FusedCpuKernel} for FLOAT and DOUBLE on
   * a CPU, the fused CUDA kernel for FLOAT, DOUBLE and HALF on a GPU, {@link Nd4jOpsKernel} for the
   * rest. Called once for each block, when its updater is instantiated. The system property {@value
   * #PROPERTY} overrides the choice: {@code ops} or {@code fused}.
   *
   * @param state the block's state, whose type and backend decide
   * @return the kernel
   * @throws IllegalArgumentException if the property names no kernel, or one that cannot do this
   *     block
   */
  static UpdateKernel forState(INDArray state) {
    String asked = System.getProperty(PROPERTY);
    if ("ops".equals(asked)) {
      return Nd4jOpsKernel.INSTANCE;
    }
    String name = asked == null ? "fused" : asked;
    if (name.equals("fused") && FusedCpuKernel.supports(state)) {
      return FusedCpuKernel.INSTANCE;
    }
    UpdateKernel provided = ProvidedKernels.find(name, state);
    if (provided != null) {
      return provided;
    }
    if (asked == null) {
      return Nd4jOpsKernel.INSTANCE;
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "%s = %s, expected ops%s for %s on %s",
            PROPERTY,
            name,
            FusedCpuKernel.supports(state) ? " or fused" : "",
            state.dataType(),
            Nd4j.getExecutioner().type()));
  }
}
