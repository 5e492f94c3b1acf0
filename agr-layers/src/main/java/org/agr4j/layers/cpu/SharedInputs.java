package org.agr4j.layers.cpu;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.VertexIndices;
import org.deeplearning4j.nn.graph.vertex.impl.PreprocessorVertex;
import org.deeplearning4j.nn.graph.vertex.impl.ReshapeVertex;

/**
 * Layers whose input another layer may overwrite before their backward pass.
 *
 * <p>DL4J lets the last of the layers that read an array write into it. Plain batch norm does not
 * mind: it keeps a normalized copy of its input, which {@link FusedBatchNorm} reads once more
 * instead.
 */
final class SharedInputs {
  private SharedInputs() {}

  /** Whether the input of a layer, which is wrapped in no other, is its own or left as it is. */
  static boolean stayFor(Layer layer, Model network) {
    if (!(network instanceof ComputationGraph)) {
      return true;
    }
    GraphVertex[] vertices = ((ComputationGraph) network).getVertices();
    for (GraphVertex vertex : vertices) {
      if (vertex.hasLayer() && KeptActivations.unwrapped(vertex.getLayer()) == layer) {
        return stayFor(vertex, vertices);
      }
    }
    return false;
  }

  private static boolean stayFor(GraphVertex reader, GraphVertex[] vertices) {
    GraphVertex source = vertices[reader.getInputVertices()[0].getVertexIndex()];
    for (VertexIndices next : source.getOutputVertices()) {
      GraphVertex other = vertices[next.getVertexIndex()];
      if (other != reader && !leavesItsInput(other)) {
        return false;
      }
    }
    return true;
  }

  private static boolean leavesItsInput(GraphVertex vertex) {
    if (vertex.hasLayer()) {
      return KeptActivations.leavesItsInput(vertex.getLayer());
    }
    return !(vertex instanceof ReshapeVertex) && !(vertex instanceof PreprocessorVertex);
  }
}
