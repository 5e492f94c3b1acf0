package org.agr4j.layers;

import java.io.Serializable;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A tensor of another layer of the same graph; see {@link LinkedLayer}. */
final class BorrowedTensor implements Serializable {
  private static final long serialVersionUID = 1L;

  private final transient ComputationGraph graph;
  private final String borrower;
  private final String owner;
  private final String key;

  /**
   * Names a tensor.
   *
   * @param graph looked through at each use, so that a layer that is replaced is found
   * @param borrower for error messages
   * @param tensor LAYER_TENSOR
   */
  BorrowedTensor(ComputationGraph graph, String borrower, String tensor) {
    this.graph = graph;
    this.borrower = borrower;
    int split = tensor.lastIndexOf('_');
    owner = split < 0 ? tensor : tensor.substring(0, split);
    key = tensor.substring(split + 1);
  }

  /** The tensor itself. */
  INDArray value() {
    Layer layer = owner();
    INDArray value = layer == null ? null : layer.getParam(key);
    if (value == null) {
      throw new IllegalStateException(
          "Layer \""
              + borrower
              + "\" borrows "
              + owner
              + "_"
              + key
              + ", expected a tensor of a layer that was added before it");
    }
    return value;
  }

  /**
   * Where the borrower is to write its gradient, or null if the owner is frozen. The owner adds its
   * own to it later in the same backward pass.
   */
  INDArray gradient() {
    Layer layer = owner();
    return layer instanceof LayerComputation
        ? ((LayerComputation<?>) layer).lendGradient(key)
        : null;
  }

  private Layer owner() {
    for (GraphVertex vertex : graph.getVertices()) { // its map is not there yet while it is built
      if (vertex != null && vertex.getVertexName().equals(owner) && vertex.hasLayer()) {
        return vertex.getLayer();
      }
    }
    return null;
  }
}
