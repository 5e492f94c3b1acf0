package org.agr4j.internal.kernel;

import org.agr4j.internal.layout.TensorBoundaries;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.same.Abs;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Ψ, adaptive gradient regularization: every element of a tensor's gradient shrinks by its share of
 * the tensor's ‖g‖₁. With strength s in [0, 1]
 *
 * <pre>
 *   α_i = |g_i| / ‖g‖₁        Ψ(g)_i = g_i (1 − s α_i) = g_i (1 − |g_i| / d)        d = ‖g‖₁ / s
 * </pre>
 *
 * <p>So one number for each tensor, its divisor d, is all that a kernel needs; d = +∞ makes Ψ the
 * identity. The fused kernels have the product inside of their loops; here it stands alone, as ND4J
 * operations.
 *
 * <p>Source: arXiv 2407.16944, section 3.
 */
public final class Psi {
  /** The divisor that makes Ψ the identity. */
  public static final double IDENTITY = Double.POSITIVE_INFINITY;

  private Psi() {}

  /**
   * The divisor d of a tensor.
   *
   * @param l1Norm ‖g‖₁
   * @param strength s in [0, 1]
   * @param length number of elements
   * @return ‖g‖₁/s, or {@link #IDENTITY} where s or g is zero, and for a single element, whose
   *     share is 1, so that it would never train
   */
  public static double divisor(double l1Norm, double strength, long length) {
    return strength == 0 || l1Norm == 0 || length == 1 ? IDENTITY : l1Norm / strength;
  }

  /**
   * Replaces the gradients of some tensors of a block by Ψ(g). The share |g|/d is computed first,
   * so that it cannot underflow where the product of two gradients would.
   *
   * @param g gradients of the tensors {@code from} (inclusive) to {@code to} (exclusive), modified
   * @param scratch of g's length, overwritten
   * @param tensors boundaries of the block
   * @param divisors d of each tensor of the block, positive
   */
  public static void apply(
      INDArray g, INDArray scratch, TensorBoundaries tensors, int from, int to, double[] divisors) {
    boolean identity = true;
    for (int i = from; i < to; i++) {
      identity &= divisors[i] == IDENTITY;
    }
    if (identity) {
      return;
    }
    Nd4j.exec(new Abs(g, scratch));
    long origin = tensors.start(from);
    for (int i = from; i < to; i++) {
      INDArray share =
          scratch.get(NDArrayIndex.interval(tensors.start(i) - origin, tensors.end(i) - origin));
      if (divisors[i] == IDENTITY) {
        share.assign(0);
      } else if (g.dataType() == DataType.FLOAT && divisors[i] > Float.MAX_VALUE) {
        share.divi(Math.sqrt(divisors[i])).divi(Math.sqrt(divisors[i]));
      } else {
        share.divi(divisors[i]);
      }
    }
    scratch.muli(g);
    g.subi(scratch);
  }
}
