package org.agr4j.layers;

import java.util.Arrays;
import org.agr4j.layers.cpu.ConcatLoop;
import org.agr4j.layers.cpu.FloatRows;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.BaseGraphVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** What computes a {@link ChannelConcatVertex}. */
@SuppressWarnings("overrides") // DL4J's own: an array in one class, varargs in the other
final class ChannelConcat extends BaseGraphVertex {
  private static final long serialVersionUID = 1L;

  ChannelConcat(ComputationGraph graph, String name, int index, DataType dataType) {
    super(graph, name, index, null, null, dataType);
  }

  @Override
  public boolean hasLayer() {
    return false;
  }

  @Override
  public Layer getLayer() {
    return null;
  }

  @Override
  public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
    require(canDoForward());
    INDArray a = inputs[0];
    INDArray b = inputs[1];
    if (a.rank() != 4
        || b.rank() != 4
        || !Arrays.equals(Arrays.copyOf(a.shape(), 3), Arrays.copyOf(b.shape(), 3))) {
      throw new DL4JInvalidInputException(
          this
              + ": expected [N, H, W, C] and [N, H, W, D], found "
              + Arrays.toString(a.shape())
              + " and "
              + Arrays.toString(b.shape()));
    }
    long channels = a.size(3) + b.size(3);
    long[] shape = {a.size(0), a.size(1), a.size(2), channels};
    INDArray y = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, shape, 'c');
    if (FloatRows.usable(a, b, y)) {
      ConcatLoop.join(a, b, y);
    } else {
      part(y, 0, a.size(3)).assign(a);
      part(y, a.size(3), channels).assign(b);
    }
    return y;
  }

  private static INDArray part(INDArray array, long from, long to) {
    return array.get(
        NDArrayIndex.all(),
        NDArrayIndex.all(),
        NDArrayIndex.all(),
        NDArrayIndex.interval(from, to));
  }

  @Override
  public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
    require(canDoBackward());
    INDArray a = gradient(0, workspaces);
    INDArray b = gradient(1, workspaces);
    if (FloatRows.usable(epsilon, a, b)) {
      ConcatLoop.split(epsilon, a, b);
    } else {
      a.assign(part(epsilon, 0, a.size(3)));
      b.assign(part(epsilon, a.size(3), epsilon.size(3)));
    }
    return new Pair<>(null, new INDArray[] {a, b});
  }

  private INDArray gradient(int input, LayerWorkspaceMgr workspaces) {
    return workspaces.createUninitialized(
        ArrayType.ACTIVATION_GRAD, dataType, inputs[input].shape(), 'c');
  }

  private void require(boolean present) {
    if (!present) {
      throw new IllegalStateException(this + ": inputs or gradient are not set");
    }
  }

  @Override
  public void setBackpropGradientsViewArray(INDArray gradients) {
    if (gradients != null) {
      throw new IllegalStateException(this + " has no parameters");
    }
  }

  @Override
  public Pair<INDArray, MaskState> feedForwardMaskArrays(
      INDArray[] masks, MaskState state, int minibatchSize) {
    return masks == null || masks.length == 0 ? null : new Pair<>(masks[0], state);
  }

  @Override
  public String toString() {
    return "ChannelConcatVertex \"" + getVertexName() + "\"";
  }
}
