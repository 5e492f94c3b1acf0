package org.agr4j.layers;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The arithmetic of batch normalization on a matrix [n, C], each column on its own; see {@link
 * BatchNorm} for the formula.
 *
 * <pre>
 * s = 1 / √(σ² + ε)    x̂ = s (x − μ)    dβ = Σ dz    dγ = Σ dz x̂
 * dx = γ s ( dz − dβ / n − x̂ dγ / n ), or γ s dz where μ and σ² were fixed
 * </pre>
 */
final class ColumnNorm {
  private ColumnNorm() {}

  /** Writes the mean and the biased variance of each column. */
  static void statistics(INDArray x, INDArray mean, INDArray variance) {
    mean.assign(x.mean(0));
    INDArray centered = x.subRowVector(mean);
    variance.assign(centered.muli(centered).mean(0));
  }

  static void forward(
      INDArray x,
      INDArray mean,
      INDArray variance,
      INDArray gamma,
      INDArray beta,
      double epsilon,
      INDArray z) {
    INDArray scale = inverseDeviation(variance, epsilon).muli(gamma);
    z.assign(x.subRowVector(mean).muliRowVector(scale).addiRowVector(beta));
  }

  /**
   * Writes the gradients of x, γ and β.
   *
   * @param ofBatch whether mean and variance are those of x
   */
  static void backward(
      INDArray x,
      INDArray mean,
      INDArray variance,
      INDArray gamma,
      double epsilon,
      INDArray dz,
      boolean ofBatch,
      INDArray dx,
      INDArray dGamma,
      INDArray dBeta) {
    INDArray inverseDeviation = inverseDeviation(variance, epsilon);
    INDArray normalized = x.subRowVector(mean).muliRowVector(inverseDeviation);
    dBeta.assign(dz.sum(0));
    dGamma.assign(dz.mul(normalized).sum(0));
    INDArray g = dz.dup();
    if (ofBatch) {
      double n = x.size(0);
      g.subiRowVector(dBeta.div(n)).subi(normalized.muliRowVector(dGamma.div(n)));
    }
    dx.assign(g.muliRowVector(inverseDeviation.muli(gamma)));
  }

  private static INDArray inverseDeviation(INDArray variance, double epsilon) {
    return Transforms.sqrt(variance.add(epsilon), false).rdivi(1);
  }
}
