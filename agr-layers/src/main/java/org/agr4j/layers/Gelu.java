package org.agr4j.layers;

import org.agr4j.layers.cpu.FloatRows;
import org.agr4j.layers.cpu.GeluLoop;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.BaseActivationFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The Gaussian error linear unit as an activation function of any DL4J layer, exact or with tanh.
 *
 * <pre>
 * exact:  y = x Φ(x)                          dy/dx = Φ(x) + x φ(x)
 * tanh:   y = ½ x (1 + tanh u)                dy/dx = ½ (1 + tanh u) + ½ x (1 − tanh² u) u′
 *         u = √(2/π) (x + 0.044715 x³)        u′ = √(2/π) (1 + 3 · 0.044715 x²)
 * </pre>
 *
 * Φ(x) = ½ (1 + erf(x/√2)) is the normal distribution and φ its density. DL4J's Activation.GELU is
 * x σ(1.702 x), which is another function: up to 0.02 off. Arrays of any shape.
 *
 * <pre>{@code
 * new DenseLayer.Builder().nOut(64).activation(new Gelu()).build()
 * }</pre>
 *
 * <p>Source: Hendrycks and Gimpel, arXiv 1606.08415, section 2.
 */
public final class Gelu extends BaseActivationFunction {
  private static final long serialVersionUID = 1L;
  private static final double ROOT_2_OVER_PI = Math.sqrt(2 / Math.PI);
  private static final double CUBIC = 0.044715;

  @JsonProperty private boolean tanh;

  /** A GELU by the exact function, with erf. */
  public Gelu() {
    this(false);
  }

  private Gelu(boolean tanh) {
    this.tanh = tanh;
  }

  /** The approximation with tanh, as BERT and GPT-2 have it: up to 5e-4 off. */
  public static Gelu withTanh() {
    return new Gelu(true);
  }

  /** Whether this is the approximation with tanh. */
  boolean isTanh() {
    return tanh;
  }

  /** Replaces {@code in} by its function values. */
  @Override
  public INDArray getActivation(INDArray in, boolean training) {
    if (!tanh && FloatRows.usable(in)) {
      GeluLoop.forward(in, null, in);
      return in;
    }
    return in.muli(share(in));
  }

  /**
   * The gradient of the input.
   *
   * @param in the function's argument, not modified
   * @param epsilon gradient of the function's value, replaced by that of its argument
   */
  @Override
  public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
    assertShape(in, epsilon);
    if (!tanh && FloatRows.usable(in, epsilon)) {
      GeluLoop.backward(in, null, epsilon, epsilon, null);
      return new Pair<>(epsilon, null);
    }
    return new Pair<>(epsilon.muli(derivative(in)), null);
  }

  /** y / x. */
  private INDArray share(INDArray x) {
    INDArray share = tanh ? tanhOf(x) : erf(x);
    return share.addi(1).muli(0.5);
  }

  private static INDArray erf(INDArray x) {
    INDArray argument = x.mul(Math.sqrt(0.5));
    return Nd4j.getExecutioner().exec(new Erf(argument, argument));
  }

  private INDArray derivative(INDArray x) {
    INDArray square = x.mul(x);
    if (!tanh) {
      INDArray density = Transforms.exp(square.muli(-0.5), false).muli(1 / Math.sqrt(2 * Math.PI));
      return density.muli(x).addi(share(x));
    }
    INDArray t = tanhOf(x);
    INDArray slope = square.muli(3 * CUBIC).addi(1).muli(ROOT_2_OVER_PI);
    slope.muli(t.mul(t).rsubi(1)).muli(x).muli(0.5);
    return slope.addi(t.addi(1).muli(0.5));
  }

  private static INDArray tanhOf(INDArray x) {
    INDArray u = x.mul(x).muli(CUBIC).addi(1).muli(x).muli(ROOT_2_OVER_PI);
    return Transforms.tanh(u, false);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Gelu && ((Gelu) other).tanh == tanh;
  }

  @Override
  public int hashCode() {
    return Boolean.hashCode(tanh);
  }

  @Override
  public String toString() {
    return tanh ? "gelu-tanh" : "gelu";
  }
}
