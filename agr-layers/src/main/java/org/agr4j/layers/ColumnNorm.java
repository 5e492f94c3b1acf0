package org.agr4j.layers;

import org.agr4j.layers.cpu.ColumnNormLoop;
import org.agr4j.layers.cpu.FloatRows;
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
    if (FloatRows.usable(x, mean, variance)) {
      ColumnNormLoop.statistics(x, mean, variance);
      return;
    }
    mean.assign(x.mean(0));
    INDArray centered = x.subRowVector(mean);
    variance.assign(centered.muli(centered).mean(0));
  }

  /** Writes y = f(z). */
  static void forward(
      INDArray x,
      INDArray mean,
      INDArray variance,
      INDArray gamma,
      INDArray beta,
      double epsilon,
      BiasedActivation activation,
      boolean training,
      INDArray y) {
    if (isKnown(activation) && FloatRows.usable(x, mean, variance, gamma, beta, y)) {
      ColumnNormLoop.forward(x, mean, variance, gamma, beta, epsilon, activation.isExactGelu(), y);
      return;
    }
    INDArray scale = inverseDeviation(variance, epsilon).muli(gamma);
    y.assign(x.subRowVector(mean).muliRowVector(scale));
    activation.forward(y, beta, training, y);
  }

  private static boolean isKnown(BiasedActivation activation) {
    return activation.isLinear() || activation.isExactGelu();
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
      INDArray beta,
      double epsilon,
      BiasedActivation activation,
      INDArray dy,
      boolean ofBatch,
      INDArray dx,
      INDArray dGamma,
      INDArray dBeta) {
    if (isKnown(activation)
        && FloatRows.usable(x, mean, variance, gamma, beta, dy, dx, dGamma, dBeta)) {
      ColumnNormLoop.backward(
          x,
          mean,
          variance,
          gamma,
          beta,
          epsilon,
          activation.isExactGelu(),
          dy,
          ofBatch,
          dx,
          dGamma,
          dBeta);
      return;
    }
    INDArray inverseDeviation = inverseDeviation(variance, epsilon);
    INDArray normalized = x.subRowVector(mean).muliRowVector(inverseDeviation);
    INDArray dz = dy.dup('c');
    activation.backward(normalized.mulRowVector(gamma), beta, dz, dz, dBeta);
    dGamma.assign(dz.mul(normalized).sum(0));
    if (ofBatch) {
      double n = x.size(0);
      dz.subiRowVector(dBeta.div(n)).subi(normalized.muliRowVector(dGamma.div(n)));
    }
    dx.assign(dz.muliRowVector(inverseDeviation.muli(gamma)));
  }

  private static INDArray inverseDeviation(INDArray variance, double epsilon) {
    return Transforms.sqrt(variance.add(epsilon), false).rdivi(1);
  }
}
