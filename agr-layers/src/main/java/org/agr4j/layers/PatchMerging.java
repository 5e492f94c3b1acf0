package org.agr4j.layers;

import java.util.List;
import org.agr4j.layers.cpu.FloatRows;
import org.agr4j.layers.cpu.SquareLoop;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Half the height and width, four times the channels: each 2×2 square becomes one position.
 *
 * <pre>
 * y[i, j] = x[2i, 2j] | x[2i + 1, 2j] | x[2i, 2j + 1] | x[2i + 1, 2j + 1]
 * </pre>
 *
 * <p>Down comes before right, as in the original. x: [N, H, W, C] with even H and W, y: [N, H/2,
 * W/2, 4C]. No parameters: Swin's layer norm and dense layer follow as layers of their own.
 *
 * <p>Source: Liu et al., arXiv 2103.14030, section 3.1.
 */
public final class PatchMerging extends ChannelsLastLayer {
  private static final int SQUARE = 4;
  private static final long serialVersionUID = 1L;

  /** A patch merging with the default settings. */
  public PatchMerging() {
    this(new Builder());
  }

  private PatchMerging(Builder builder) {
    super(builder);
    nOut = SQUARE * nIn;
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
    nOut = SQUARE * nIn;
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    InputType.InputTypeConvolutional image = image(inputType);
    if (image.getHeight() % 2 != 0 || image.getWidth() % 2 != 0) {
      throw wrongInput("expected an even height and width", image);
    }
    return InputType.convolutional(
        image.getHeight() / 2, image.getWidth() / 2, nOut, image.getFormat());
  }

  @Override
  LayerComputation<?> computation(NeuralNetConfiguration conf, DataType dataType) {
    return new Computation(conf, dataType);
  }

  /** Settings of a {@link PatchMerging}. */
  @SuppressWarnings("unchecked") // DL4J's build() answers whatever type is asked for
  public static final class Builder extends ChannelsLastLayer.Builder<Builder> {
    @Override
    public PatchMerging build() {
      return new PatchMerging(this);
    }
  }

  private static final class Computation extends LayerComputation<PatchMerging> {
    private static final long serialVersionUID = 1L;

    Computation(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    /** The squares of x as a view [N, H/2, W/2, column, row, C]. */
    private static INDArray squares(INDArray x) {
      return x.reshape('c', x.size(0), x.size(1) / 2, 2, x.size(2) / 2, 2, x.size(3))
          .permute(0, 1, 3, 4, 2, 5);
    }

    @Override
    INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
      long c = x.size(3);
      INDArray y = activations(workspaces, x.size(0), x.size(1) / 2, x.size(2) / 2, SQUARE * c);
      if (FloatRows.usable(x, y)) {
        SquareLoop.merge(x, y);
      } else {
        y.reshape('c', y.size(0), y.size(1), y.size(2), 2, 2, c).assign(squares(x));
      }
      return y;
    }

    @Override
    INDArray backward(INDArray x, INDArray dy, LayerWorkspaceMgr workspaces) {
      INDArray dx = inputGradient(workspaces, x.shape());
      if (FloatRows.usable(dy, dx)) {
        SquareLoop.split(dy, dx);
      } else {
        squares(dx).assign(dy.reshape('c', dy.size(0), dy.size(1), dy.size(2), 2, 2, x.size(3)));
      }
      return dx;
    }
  }
}
