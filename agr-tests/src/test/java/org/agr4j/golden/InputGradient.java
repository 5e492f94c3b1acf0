package org.agr4j.golden;

import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer that notes the gradient of the network's input. */
final class InputGradient extends BaseWrapperLayer {
  private static final long serialVersionUID = 1L;
  private transient INDArray value;

  private InputGradient(Layer first) {
    super(first);
  }

  static InputGradient capture(ComputationGraph network) {
    String input = network.getConfiguration().getNetworkInputs().get(0);
    for (Map.Entry<String, List<String>> vertex :
        network.getConfiguration().getVertexInputs().entrySet()) {
      if (vertex.getValue().equals(List.of(input))) {
        LayerVertex first = (LayerVertex) network.getVertex(vertex.getKey());
        InputGradient capture = new InputGradient(first.getLayer());
        first.setLayer(capture);
        return capture;
      }
    }
    throw new AssertionError("no layer reads the input");
  }

  INDArray value() {
    return value;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    Pair<Gradient, INDArray> gradient = underlying.backpropGradient(epsilon, workspaces);
    value = gradient.getSecond().detach();
    return gradient;
  }
}
