package org.agr4j.layers;

import org.agr4j.layers.cpu.FloatRows;
import org.agr4j.layers.cpu.GeluLoop;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An activation function of a matrix plus a bias, and its gradients: y = f(z + b), dz = dy f′(z +
 * b), db = Σ dz.
 */
final class BiasedActivation {
  private final IActivation function;

  BiasedActivation(IActivation function) {
    this.function = function;
  }

  boolean isLinear() {
    return function instanceof ActivationIdentity;
  }

  /** Whether the fast loops know the function. */
  boolean isExactGelu() {
    return function instanceof Gelu && !((Gelu) function).isTanh();
  }

  /** Writes y, which may be z; the bias may be null. */
  void forward(INDArray z, INDArray bias, boolean training, INDArray y) {
    if (isExactGelu() && FloatRows.usable(z, bias, y)) {
      GeluLoop.forward(z, bias, y);
      return;
    }
    if (y != z) {
      y.assign(z);
    }
    if (bias != null) {
      ChannelSum.add(y, bias);
    }
    if (!isLinear()) {
      function.getActivation(y, training);
    }
  }

  /** Writes dz, which may be dy, and db; bias and db may be null. */
  void backward(INDArray z, INDArray bias, INDArray dy, INDArray dz, INDArray dBias) {
    if (isExactGelu() && FloatRows.usable(z, bias, dy, dz, dBias)) {
      GeluLoop.backward(z, bias, dy, dz, dBias);
      return;
    }
    if (dz != dy) {
      dz.assign(dy);
    }
    if (!isLinear()) {
      INDArray argument = bias == null ? z.dup('c') : z.addRowVector(bias);
      INDArray gradient = function.backprop(argument, dz).getFirst();
      if (gradient != dz) {
        dz.assign(gradient);
      }
    }
    if (dBias != null) {
      ChannelSum.sum(dz, dBias);
    }
  }
}
