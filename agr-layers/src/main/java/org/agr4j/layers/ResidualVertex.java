package org.agr4j.layers;

import java.util.Arrays;
import java.util.Objects;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InvalidInputTypeException;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The end of a residual block: shortcut plus branch, with drop path, and an activation function
 * over the sum if one is set.
 *
 * <pre>
 * y = f( x + r branch )    r = 0 with probability p, else 1 / (1 − p), for each sample, in training
 * </pre>
 *
 * <p>Two inputs of the same shape, [N, …], in the order shortcut, branch. See {@link DropPath} for
 * the random numbers and the source. No parameters; nothing is kept for the backward pass but the
 * inputs and a number for each sample.
 *
 * <pre>{@code
 * graph.addVertex("sum", new ResidualVertex(0.1), "x", "branch")
 * }</pre>
 */
public final class ResidualVertex extends TwoInputVertex {
  private static final long serialVersionUID = 1L;

  @JsonProperty private double dropPath;
  @JsonProperty private IActivation activation;

  /** A residual sum without drop path. */
  public ResidualVertex() {
    this(0);
  }

  /** A sum whose branch is dropped with that probability, 0 ≤ dropPath &lt; 1. */
  public ResidualVertex(double dropPath) {
    this(dropPath, new ActivationIdentity());
  }

  /** The same with an activation function over the sum. */
  public ResidualVertex(double dropPath, IActivation activation) {
    this.dropPath = Check.probability("dropPath", dropPath);
    this.activation = Objects.requireNonNull(activation, "activation");
  }

  /** The probability of dropping a sample's branch. */
  public double dropPath() {
    return dropPath;
  }

  @Override
  public ResidualVertex clone() {
    return new ResidualVertex(dropPath, activation);
  }

  @Override
  public org.deeplearning4j.nn.graph.vertex.GraphVertex instantiate(
      ComputationGraph graph,
      String name,
      int index,
      INDArray paramsView,
      boolean initializeParams,
      DataType dataType) {
    return new ResidualSum(graph, name, index, dropPath, activation, dataType);
  }

  @Override
  public InputType getOutputType(int index, InputType... inputs) throws InvalidInputTypeException {
    if (inputs.length != 2 || !inputs[0].equals(inputs[1])) {
      throw new InvalidInputTypeException(
          "ResidualVertex: expected two inputs of the same type, found " + Arrays.toString(inputs));
    }
    return inputs[0];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ResidualVertex
        && ((ResidualVertex) other).dropPath == dropPath
        && ((ResidualVertex) other).activation.equals(activation);
  }

  @Override
  public int hashCode() {
    return Objects.hash(dropPath, activation);
  }

  @Override
  public String toString() {
    return "ResidualVertex(dropPath=" + dropPath + ", activation=" + activation + ")";
  }
}
