package org.agr4j.layers;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InvalidInputTypeException;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A vector of each example added to all positions of its image: how a network is told a condition,
 * such as the time of a diffusion.
 *
 * <pre>
 * y[n, i, j, c] = x[n, i, j, c] + v[n, c]    dx = dy    dv[n, c] = Σ_{i, j} dy[n, i, j, c]
 * </pre>
 *
 * <p>Two inputs in this order: x [N, H, W, C] and v [N, C]. No parameters, and nothing is kept for
 * the backward pass.
 *
 * <pre>{@code
 * graph.addVertex("shifted", new ChannelShiftVertex(), "image", "time")
 * }</pre>
 *
 * <p>Source: Ho et al., arXiv 2006.11239, appendix B.
 */
public final class ChannelShiftVertex extends TwoInputVertex {
  private static final long serialVersionUID = 1L;

  /** A vertex without settings. */
  public ChannelShiftVertex() {}

  @Override
  public ChannelShiftVertex clone() {
    return new ChannelShiftVertex();
  }

  @Override
  public org.deeplearning4j.nn.graph.vertex.GraphVertex instantiate(
      ComputationGraph graph,
      String name,
      int index,
      INDArray paramsView,
      boolean initializeParams,
      DataType dataType) {
    return new ChannelShift(graph, name, index, dataType);
  }

  @Override
  public InputType getOutputType(int index, InputType... inputs) throws InvalidInputTypeException {
    boolean fits =
        inputs.length == 2
            && inputs[0] instanceof InputType.InputTypeConvolutional
            && ((InputType.InputTypeConvolutional) inputs[0]).getFormat() == CNN2DFormat.NHWC
            && inputs[1] instanceof InputType.InputTypeFeedForward
            && ((InputType.InputTypeConvolutional) inputs[0]).getChannels()
                == ((InputType.InputTypeFeedForward) inputs[1]).getSize();
    if (!fits) {
      throw new InvalidInputTypeException(
          "ChannelShiftVertex: expected an NHWC image and a vector of its channels, found "
              + Arrays.toString(inputs));
    }
    return inputs[0];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ChannelShiftVertex;
  }

  @Override
  public int hashCode() {
    return ChannelShiftVertex.class.hashCode();
  }

  @Override
  public String toString() {
    return "ChannelShiftVertex()";
  }
}
