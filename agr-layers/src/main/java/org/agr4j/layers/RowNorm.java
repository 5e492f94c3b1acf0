package org.agr4j.layers;

import org.agr4j.layers.cpu.FloatRows;
import org.agr4j.layers.cpu.RowNormLoop;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The arithmetic of layer normalization on a matrix [rows, C], each row on its own; see {@link
 * LayerNorm} for the formula.
 */
final class RowNorm {
  private RowNorm() {}

  /** Writes y, which may be x itself. */
  static void forward(INDArray x, INDArray gamma, INDArray beta, double epsilon, INDArray y) {
    if (FloatRows.usable(x, gamma, beta, y)) {
      RowNormLoop.forward(x, gamma, beta, epsilon, y);
      return;
    }
    INDArray normalized = normalized(x, inverseDeviation(x, epsilon));
    y.assign(normalized.muliRowVector(gamma).addiRowVector(beta));
  }

  /**
   * The norm of a sum: s ← s + bias + residual, and y of that.
   *
   * @param s [rows, C], modified
   * @param bias [C], not modified
   * @param residual [rows, C], not modified
   */
  static void forwardOfSum(
      INDArray s,
      INDArray bias,
      INDArray residual,
      INDArray gamma,
      INDArray beta,
      double epsilon,
      INDArray y) {
    if (FloatRows.usable(s, bias, residual, gamma, beta, y)) {
      RowNormLoop.forwardOfSum(s, bias, residual, gamma, beta, epsilon, y);
      return;
    }
    s.addiRowVector(bias).addi(residual);
    forward(s, gamma, beta, epsilon, y);
  }

  /**
   * Writes the gradients of s, γ, β and of the bias.
   *
   * @param more added to dy, or null; not modified
   */
  static void backwardOfSum(
      INDArray s,
      INDArray gamma,
      double epsilon,
      INDArray dy,
      INDArray more,
      INDArray ds,
      INDArray dGamma,
      INDArray dBeta,
      INDArray dBias) {
    if (FloatRows.usable(s, gamma, dy, more, ds, dGamma, dBeta, dBias)) {
      RowNormLoop.backwardOfSum(s, gamma, epsilon, dy, more, ds, dGamma, dBeta, dBias);
      return;
    }
    backward(s, gamma, epsilon, more == null ? dy : dy.add(more), ds, dGamma, dBeta);
    ChannelSum.sum(ds, dBias);
  }

  /** Writes the gradients of x, γ and β. */
  static void backward(
      INDArray x,
      INDArray gamma,
      double epsilon,
      INDArray dy,
      INDArray dx,
      INDArray dGamma,
      INDArray dBeta) {
    if (FloatRows.usable(x, gamma, dy, dx, dGamma, dBeta)) {
      RowNormLoop.backward(x, gamma, epsilon, dy, dx, dGamma, dBeta);
      return;
    }
    INDArray inverseDeviation = inverseDeviation(x, epsilon);
    INDArray normalized = normalized(x, inverseDeviation);
    dGamma.assign(dy.mul(normalized).sum(0));
    dBeta.assign(dy.sum(0));
    INDArray g = dy.mulRowVector(gamma);
    INDArray mean = g.mean(true, 1);
    INDArray slope = g.mul(normalized).mean(true, 1);
    g.subiColumnVector(mean).subi(normalized.muliColumnVector(slope));
    dx.assign(g.muliColumnVector(inverseDeviation));
  }

  private static INDArray inverseDeviation(INDArray x, double epsilon) {
    INDArray centered = x.subColumnVector(x.mean(true, 1));
    INDArray variance = centered.muli(centered).mean(true, 1);
    return Transforms.sqrt(variance.addi(epsilon), false).rdivi(1);
  }

  private static INDArray normalized(INDArray x, INDArray inverseDeviation) {
    return x.subColumnVector(x.mean(true, 1)).muliColumnVector(inverseDeviation);
  }
}
