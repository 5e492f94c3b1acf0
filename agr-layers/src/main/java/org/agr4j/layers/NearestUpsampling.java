package org.agr4j.layers;

import java.util.List;
import org.agr4j.layers.cpu.FloatRows;
import org.agr4j.layers.cpu.UpsamplingLoop;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Twice the height and width: every position becomes a 2×2 square of itself.
 *
 * <pre>
 * y[i, j] = x[⌊i/2⌋, ⌊j/2⌋]    dx[i, j] = Σ of dy over the square
 * </pre>
 *
 * <p>x: [N, H, W, C], y: [N, 2H, 2W, C]. No parameters, and nothing is kept for the backward pass.
 * DL4J's Upsampling2D is for NCHW.
 *
 * <p>Source: Odena et al., Deconvolution and Checkerboard Artifacts, Distill 2016.
 */
public final class NearestUpsampling extends ChannelsLastLayer {
  private static final long serialVersionUID = 1L;

  /** An upsampling by two. */
  public NearestUpsampling() {
    this(new Builder());
  }

  private NearestUpsampling(Builder builder) {
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
    return image(type).getChannels();
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    InputType.InputTypeConvolutional image = image(inputType);
    return InputType.convolutional(
        2 * image.getHeight(), 2 * image.getWidth(), nOut, image.getFormat());
  }

  @Override
  LayerComputation<?> computation(NeuralNetConfiguration conf, DataType dataType) {
    return new Computation(conf, dataType);
  }

  /** Settings of a {@link NearestUpsampling}: none of its own. */
  @SuppressWarnings("unchecked") // DL4J's build() answers whatever type is asked for
  public static final class Builder extends ChannelsLastLayer.Builder<Builder> {
    @Override
    public NearestUpsampling build() {
      return new NearestUpsampling(this);
    }
  }

  private static final class Computation extends LayerComputation<NearestUpsampling> {
    private static final long serialVersionUID = 1L;

    Computation(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    /** The large array as [N, H, 2, W, 2, C]. */
    private static INDArray squares(INDArray large) {
      return large.reshape(
          'c', large.size(0), large.size(1) / 2, 2, large.size(2) / 2, 2, large.size(3));
    }

    @Override
    INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
      INDArray y = activations(workspaces, x.size(0), 2 * x.size(1), 2 * x.size(2), x.size(3));
      if (FloatRows.usable(x, y)) {
        UpsamplingLoop.forward(x, y);
        return y;
      }
      INDArray squares = squares(y);
      squares.assign(
          x.reshape('c', x.size(0), x.size(1), 1, x.size(2), 1, x.size(3))
              .broadcast(squares.shape()));
      return y;
    }

    @Override
    INDArray backward(INDArray x, INDArray dy, LayerWorkspaceMgr workspaces) {
      INDArray dx = inputGradient(workspaces, x.shape());
      if (FloatRows.usable(dy, dx)) {
        UpsamplingLoop.backward(dy, dx);
        return dx;
      }
      return dx.assign(squares(dy).sum(2, 4));
    }
  }
}
