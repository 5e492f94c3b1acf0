package org.agr4j.layers;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InvalidInputTypeException;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Two images side by side in their channels, NHWC.
 *
 * <pre>
 * y[n, i, j] = a[n, i, j] | b[n, i, j]
 * </pre>
 *
 * <p>Two inputs of the same height and width: a [N, H, W, C], b [N, H, W, D]; y: [N, H, W, C + D].
 * No parameters, and nothing is kept for the backward pass. DL4J's MergeVertex forgets its axis
 * when a configuration is cloned, and then joins NHWC images one below the other.
 *
 * <pre>{@code
 * graph.addVertex("merged", new ChannelConcatVertex(), "image", "skip")
 * }</pre>
 *
 * <p>Source: Ronneberger et al., arXiv 1505.04597, section 2.
 */
public final class ChannelConcatVertex extends TwoInputVertex {
  private static final long serialVersionUID = 1L;

  /** A vertex without settings. */
  public ChannelConcatVertex() {}

  @Override
  public ChannelConcatVertex clone() {
    return new ChannelConcatVertex();
  }

  @Override
  public org.deeplearning4j.nn.graph.vertex.GraphVertex instantiate(
      ComputationGraph graph,
      String name,
      int index,
      INDArray paramsView,
      boolean initializeParams,
      DataType dataType) {
    return new ChannelConcat(graph, name, index, dataType);
  }

  @Override
  public InputType getOutputType(int index, InputType... inputs) throws InvalidInputTypeException {
    boolean fits = inputs.length == 2 && isImage(inputs[0]) && isImage(inputs[1]);
    if (fits) {
      InputType.InputTypeConvolutional a = (InputType.InputTypeConvolutional) inputs[0];
      InputType.InputTypeConvolutional b = (InputType.InputTypeConvolutional) inputs[1];
      if (a.getHeight() == b.getHeight() && a.getWidth() == b.getWidth()) {
        return InputType.convolutional(
            a.getHeight(), a.getWidth(), a.getChannels() + b.getChannels(), CNN2DFormat.NHWC);
      }
    }
    throw new InvalidInputTypeException(
        "ChannelConcatVertex: expected two NHWC images of the same height and width, found "
            + Arrays.toString(inputs));
  }

  private static boolean isImage(InputType type) {
    return type instanceof InputType.InputTypeConvolutional
        && ((InputType.InputTypeConvolutional) type).getFormat() == CNN2DFormat.NHWC;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ChannelConcatVertex;
  }

  @Override
  public int hashCode() {
    return ChannelConcatVertex.class.hashCode();
  }

  @Override
  public String toString() {
    return "ChannelConcatVertex()";
  }
}
