package org.agr4j.layers;

import java.util.Arrays;
import org.agr4j.layers.cpu.ChannelShiftLoop;
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

/** What computes a {@link ChannelShiftVertex}. */
@SuppressWarnings("overrides") // DL4J's own: an array in one class, varargs in the other
final class ChannelShift extends BaseGraphVertex {
  private static final long serialVersionUID = 1L;

  ChannelShift(ComputationGraph graph, String name, int index, DataType dataType) {
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
    INDArray x = inputs[0];
    INDArray shift = inputs[1];
    if (x.rank() != 4
        || shift.rank() != 2
        || x.size(0) != shift.size(0)
        || x.size(3) != shift.size(1)) {
      throw new DL4JInvalidInputException(
          this
              + ": expected [N, H, W, C] and [N, C], found "
              + Arrays.toString(x.shape())
              + " and "
              + Arrays.toString(shift.shape()));
    }
    INDArray out = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, x.shape(), 'c');
    if (FloatRows.usable(x, shift, out)) {
      ChannelShiftLoop.forward(x, shift, out);
      return out;
    }
    out.assign(x);
    for (long n = 0; n < x.size(0); n++) {
      ChannelSum.add(sample(out, n), shift.slice(n));
    }
    return out;
  }

  /** The positions of one image as a matrix [H W, C] over the same memory. */
  private static INDArray sample(INDArray array, long n) {
    return array.slice(n).reshape('c', array.size(1) * array.size(2), array.size(3));
  }

  @Override
  public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
    require(canDoBackward());
    // DL4J wants both in this vertex's own workspace.
    INDArray dx =
        workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, epsilon.shape(), 'c');
    INDArray shift =
        workspaces.createUninitialized(
            ArrayType.ACTIVATION_GRAD, dataType, new long[] {dx.size(0), dx.size(3)}, 'c');
    if (FloatRows.usable(epsilon, dx, shift)) {
      ChannelShiftLoop.backward(epsilon, dx, shift);
      return new Pair<>(null, new INDArray[] {dx, shift});
    }
    dx.assign(epsilon);
    for (long n = 0; n < dx.size(0); n++) {
      ChannelSum.sum(sample(dx, n), shift.slice(n));
    }
    return new Pair<>(null, new INDArray[] {dx, shift});
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
    return "ChannelShiftVertex \"" + getVertexName() + "\"";
  }
}
