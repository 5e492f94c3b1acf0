package org.agr4j.layers;

import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The first position of every sequence, where language models have a token for the whole.
 *
 * <pre>
 * y[n, c] = x[n, 0, c]
 * </pre>
 *
 * <p>x: [N, T, C], y: [N, C]. No parameters, and nothing is kept for the backward pass but the
 * input.
 *
 * <p>Source: Devlin et al., arXiv 1810.04805, section 3.
 */
public final class FirstPosition extends ChannelsLastLayer {
  private static final long serialVersionUID = 1L;

  /** The layer. */
  public FirstPosition() {
    this(new Builder());
  }

  private FirstPosition(Builder builder) {
    super(builder);
  }

  @Override
  List<LayerTensor> tensors() {
    return List.of();
  }

  @Override
  List<Object> settings() {
    return List.of();
  }

  @Override
  long channelsOf(InputType type) {
    if (!(type instanceof InputType.InputTypeRecurrent)) {
      throw wrongInput("expected recurrent input", type);
    }
    return super.channelsOf(type);
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    channelsOf(inputType);
    return InputType.feedForward(nOut);
  }

  @Override
  LayerComputation<?> computation(NeuralNetConfiguration conf, DataType dataType) {
    return new Computation(conf, dataType);
  }

  /** Settings of a {@link FirstPosition}. */
  @SuppressWarnings("unchecked") // DL4J's build() answers whatever type is asked for
  public static final class Builder extends ChannelsLastLayer.Builder<Builder> {
    @Override
    public FirstPosition build() {
      return new FirstPosition(this);
    }
  }

  private static final class Computation extends LayerComputation<FirstPosition> {
    private static final long serialVersionUID = 1L;

    Computation(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    private static INDArray first(INDArray x) {
      return x.get(NDArrayIndex.all(), NDArrayIndex.point(0), NDArrayIndex.all());
    }

    @Override
    INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
      return activations(workspaces, x.size(0), x.size(2)).assign(first(x));
    }

    @Override
    INDArray backward(INDArray x, INDArray dy, LayerWorkspaceMgr workspaces) {
      INDArray dx = inputGradient(workspaces, x.shape()).assign(0);
      first(dx).assign(dy);
      return dx;
    }
  }
}
