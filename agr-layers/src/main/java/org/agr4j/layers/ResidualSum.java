package org.agr4j.layers;

import org.agr4j.layers.cpu.FloatRows;
import org.agr4j.layers.cpu.ResidualLoop;
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
    if (FloatRows.usable(inputs[0], inputs[1], out)) {
      ResidualLoop.sum(inputs[0], inputs[1], factors, out);
    } else if (factors == null) {
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
    INDArray shortcut = gradientLike(ArrayType.ACTIVATION_GRAD, workspaces);
    INDArray branch = gradientLike(ArrayType.ACTIVATION_GRAD, workspaces);
    INDArray gradient = epsilon;
    if (!isLinear()) {
      INDArray sum = gradientLike(ArrayType.BP_WORKING_MEM, workspaces);
      sum(sum);
      shortcut.assign(epsilon);
      gradient = activation.backprop(sum, shortcut).getFirst();
    }
    if (FloatRows.usable(gradient, shortcut, branch)) {
      ResidualLoop.split(gradient, factors, shortcut, branch);
    } else {
      if (gradient != shortcut) {
        shortcut.assign(gradient);
      }
      branch.assign(gradient);
      if (factors != null) {
        DropPath.scale(branch, factors, branch);
      }
    }
    return new Pair<>(null, new INDArray[] {shortcut, branch});
  }

  private INDArray gradientLike(ArrayType where, LayerWorkspaceMgr workspaces) {
    return workspaces.createUninitialized(where, dataType, inputs[0].shape(), inputs[0].ordering());
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
