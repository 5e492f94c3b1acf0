package org.agr4j.layers;

import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An image as a vector, channel by channel: the door from positions NHWC back to images NCHW, for a
 * loss over all elements.
 *
 * <pre>
 * y[n, (c H + i) W + j] = x[n, i, j, c]
 * </pre>
 *
 * <p>x: [N, H, W, C]; y: [N, C H W], which {@code y.reshape(N, C, H, W)} makes an image NCHW. No
 * parameters, and nothing is kept for the backward pass. DL4J's CnnToFeedForwardPreProcessor keeps
 * the order of an NHWC array.
 */
public final class ImageVector extends ChannelsLastLayer {
  private static final long serialVersionUID = 1L;

  /** A layer without settings. */
  public ImageVector() {
    this(new Builder());
  }

  private ImageVector(Builder builder) {
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
  boolean keepsChannels() {
    return false;
  }

  @Override
  long channelsOf(InputType type) {
    return image(type).getChannels();
  }

  @Override
  public void setNIn(InputType inputType, boolean override) {
    super.setNIn(inputType, override);
    nOut = inputType.arrayElementsPerExample();
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    return InputType.feedForward(image(inputType).arrayElementsPerExample());
  }

  @Override
  LayerComputation<?> computation(NeuralNetConfiguration conf, DataType dataType) {
    return new Computation(conf, dataType);
  }

  /** Settings of an {@link ImageVector}: none of its own. */
  @SuppressWarnings("unchecked") // DL4J's build() answers whatever type is asked for
  public static final class Builder extends ChannelsLastLayer.Builder<Builder> {
    @Override
    public ImageVector build() {
      return new ImageVector(this);
    }
  }

  private static final class Computation extends LayerComputation<ImageVector> {
    private static final long serialVersionUID = 1L;

    Computation(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    @Override
    boolean outputIsChannelsFirst() {
      return false;
    }

    /** A vector as a view [N, H, W, C]. */
    private static INDArray asPositions(INDArray vector, INDArray x) {
      return vector.reshape('c', x.size(0), x.size(3), x.size(1), x.size(2)).permute(0, 2, 3, 1);
    }

    @Override
    INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
      INDArray y = activations(workspaces, x.size(0), x.length() / x.size(0));
      asPositions(y, x).assign(x);
      return y;
    }

    @Override
    INDArray backward(INDArray x, INDArray dy, LayerWorkspaceMgr workspaces) {
      return inputGradient(workspaces, x.shape()).assign(asPositions(dy, x));
    }
  }
}
