package org.agr4j.layers;

import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The mean over all positions: global average pooling of channels-last arrays.
 *
 * <pre>
 * y[n, c] = mean over positions of x[n, …, c]
 * </pre>
 *
 * <p>x: [N, …, C], y: [N, C]. No parameters, and nothing is kept for the backward pass but the
 * input.
 *
 * <p>Source: Lin, Chen and Yan, arXiv 1312.4400, section 3.2.
 */
public final class PositionMean extends ChannelsLastLayer {
  private static final long serialVersionUID = 1L;

  /** A mean over positions. */
  public PositionMean() {
    this(new Builder());
  }

  private PositionMean(Builder builder) {
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
  public InputType getOutputType(int layerIndex, InputType inputType) {
    channelsOf(inputType);
    return InputType.feedForward(nOut);
  }

  @Override
  LayerComputation<?> computation(NeuralNetConfiguration conf, DataType dataType) {
    return new Computation(conf, dataType);
  }

  /** Settings of a {@link PositionMean}. */
  @SuppressWarnings("unchecked") // DL4J's build() answers whatever type is asked for
  public static final class Builder extends ChannelsLastLayer.Builder<Builder> {
    @Override
    public PositionMean build() {
      return new PositionMean(this);
    }
  }

  private static final class Computation extends LayerComputation<PositionMean> {
    private static final long serialVersionUID = 1L;

    Computation(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    private static INDArray samples(INDArray x) {
      long channels = x.size(x.rank() - 1);
      return x.reshape('c', x.size(0), x.length() / x.size(0) / channels, channels);
    }

    @Override
    INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
      INDArray y = activations(workspaces, x.size(0), layerConf().getNOut());
      return y.assign(samples(x).mean(1));
    }

    @Override
    INDArray backward(INDArray x, INDArray dy, LayerWorkspaceMgr workspaces) {
      INDArray dx = inputGradient(workspaces, x.shape());
      INDArray samples = samples(dx);
      INDArray share = dy.div(samples.size(1));
      for (long position = 0; position < samples.size(1); position++) {
        samples.tensorAlongDimension(position, 0, 2).assign(share);
      }
      return dx;
    }
  }
}
