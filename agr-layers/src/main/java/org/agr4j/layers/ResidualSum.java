package org.agr4j.layers;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.BaseGraphVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What computes a {@link ResidualVertex}. */
@SuppressWarnings("overrides") // DL4J's own: an array in one class, varargs in the other
final class ResidualSum extends BaseGraphVertex {
  private static final long serialVersionUID = 1L;

  private final double dropPath;
  private final IActivation activation;
  private transient double[] factors;

  ResidualSum(
      ComputationGraph graph,
      String name,
      int index,
      double dropPath,
      IActivation activation,
      DataType dataType) {
    super(graph, name, index, null, null, dataType);
    this.dropPath = dropPath;
    this.activation = activation;
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
    requireInputs(canDoForward());
    factors = training && dropPath > 0 ? DropPath.draw(dropPath, inputs[0].size(0)) : null;
    INDArray out =
        workspaces.createUninitialized(
            ArrayType.ACTIVATIONS, dataType, inputs[0].shape(), inputs[0].ordering());
    sum(out);
    return isLinear() ? out : activation.getActivation(out, training);
  }

  private void sum(INDArray out) {
    if (factors == null) {
      inputs[0].addi(inputs[1], out);
    } else {
      DropPath.scale(inputs[1], factors, out).addi(inputs[0]);
    }
  }

  private boolean isLinear() {
    return activation instanceof ActivationIdentity;
  }

  @Override
  public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
    requireInputs(canDoBackward());
    // DL4J wants both in this vertex's own workspace: two copies.
    INDArray shortcut = workspaces.dup(ArrayType.ACTIVATION_GRAD, epsilon, epsilon.ordering());
    if (!isLinear()) {
      INDArray sum =
          workspaces.createUninitialized(
              ArrayType.BP_WORKING_MEM, dataType, inputs[0].shape(), inputs[0].ordering());
      sum(sum);
      shortcut = activation.backprop(sum, shortcut).getFirst();
    }
    INDArray branch = workspaces.dup(ArrayType.ACTIVATION_GRAD, shortcut, shortcut.ordering());
    if (factors != null) {
      DropPath.scale(branch, factors, branch);
    }
    return new Pair<>(null, new INDArray[] {shortcut, branch});
  }

  private void requireInputs(boolean present) {
    if (!present) {
      throw new IllegalStateException(
          "ResidualVertex \"" + getVertexName() + "\": inputs or gradient are not set");
    }
  }

  @Override
  public void setBackpropGradientsViewArray(INDArray gradients) {
    if (gradients != null) {
      throw new IllegalStateException(
          "ResidualVertex \"" + getVertexName() + "\" has no parameters");
    }
  }

  @Override
  public Pair<INDArray, MaskState> feedForwardMaskArrays(
      INDArray[] masks, MaskState state, int minibatchSize) {
    return masks == null || masks.length == 0 ? null : new Pair<>(masks[0], state);
  }

  @Override
  public String toString() {
    return "ResidualVertex(\"" + getVertexName() + "\", dropPath=" + dropPath + ")";
  }
}
