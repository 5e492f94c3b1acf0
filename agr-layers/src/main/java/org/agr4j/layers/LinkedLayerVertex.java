package org.agr4j.layers;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What computes a {@link LinkedLayer}: DL4J's vertex of a layer, with side inputs. */
@SuppressWarnings("overrides") // DL4J's own: an array in one class, varargs in the other
final class LinkedLayerVertex extends LayerVertex {
  private static final long serialVersionUID = 1L;

  LinkedLayerVertex(
      ComputationGraph graph,
      String name,
      int index,
      Layer layer,
      InputPreProcessor preProcessor,
      boolean outputVertex,
      DataType dataType) {
    super(graph, name, index, layer, preProcessor, outputVertex, dataType);
  }

  @Override
  public void setInput(int number, INDArray input, LayerWorkspaceMgr workspaces) {
    if (number == 0) {
      super.setInput(0, input, workspaces);
      return;
    }
    inputs[number] = input;
    Layer layer = getLayer();
    while (layer instanceof BaseWrapperLayer) { // frozen, for one
      layer = ((BaseWrapperLayer) layer).getUnderlying();
    }
    ((LayerComputation<?>) layer).setSideInput(number - 1, input);
  }

  @Override
  public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
    Pair<Gradient, INDArray[]> pair = super.doBackward(tbptt, workspaces);
    INDArray[] gradients = new INDArray[getNumInputArrays()];
    gradients[0] = pair.getSecond()[0];
    return new Pair<>(pair.getFirst(), gradients);
  }
}
