package org.agr4j.layers;

import org.nd4j.linalg.api.blas.params.MMulTranspose;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Products of matrices through the operation {@code matmul}, which goes to oneDNN on a CPU.
 *
 * <p>{@code INDArray.mmul} into an array in order 'c' computes into order 'f' and copies; this does
 * not. Arrays may be batches of matrices, in the leading axes.
 */
final class Products {
  private Products() {}

  /** out ← a b. */
  static INDArray multiply(INDArray a, INDArray b, INDArray out) {
    return multiply(a, false, b, false, out);
  }

  /** out ← aᵀ b. */
  static INDArray transposedTimes(INDArray a, INDArray b, INDArray out) {
    return multiply(a, true, b, false, out);
  }

  /** out ← a bᵀ. */
  static INDArray timesTransposed(INDArray a, INDArray b, INDArray out) {
    return multiply(a, false, b, true, out);
  }

  /** out ← out + aᵀ b. */
  static INDArray addTransposedTimes(INDArray a, INDArray b, INDArray out) {
    MMulTranspose transposed = MMulTranspose.builder().transposeA(true).build();
    Nd4j.exec(new Mmul(a, b, out, 1, 1, transposed));
    return out;
  }

  private static INDArray multiply(
      INDArray a, boolean transposeA, INDArray b, boolean transposeB, INDArray out) {
    Mmul product = new Mmul(a, b, transposeA, transposeB, false);
    product.addOutputArgument(out);
    Nd4j.exec(product);
    return out;
  }
}
