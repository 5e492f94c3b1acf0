package org.agr4j.layers.cpu;

import java.util.HashSet;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.graph.vertex.impl.PreprocessorVertex;
import org.deeplearning4j.nn.graph.vertex.impl.ReshapeVertex;
import org.deeplearning4j.nn.layers.DropoutLayer;
import org.deeplearning4j.nn.layers.OutputLayer;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * The activations of NCHW convolutions that the network reshapes.
 *
 * <p>Plain DL4J computes them into permuted memory, so that reshaping makes a copy, which the layer
 * above may overwrite (dropout does so in training, a LossLayer in its backward pass). oneDNN's are
 * row-major: reshaped, they are the same memory, which other layers may still need.
 */
final class ReshapedActivations {
  // These write to their input for dropout alone, and not where that is forbidden.
  private static final Set<Class<?>> HARMLESS = Set.of(DenseLayer.class, OutputLayer.class);

  private final Set<Layer> overwritten = new HashSet<>();

  private ReshapedActivations() {}

  /**
   * Forbids dropout to overwrite such activations.
   *
   * @param network after {@code init()}; layers with dropout may be told to write elsewhere
   * @return the convolutions whose activations may be overwritten nevertheless
   */
  static Set<Layer> protect(Model network) {
    ReshapedActivations all = new ReshapedActivations();
    if (network instanceof ComputationGraph) {
      all.find(((ComputationGraph) network).getVertices());
    } else {
      all.find((MultiLayerNetwork) network);
    }
    return all.overwritten;
  }

  private void find(MultiLayerNetwork network) {
    Layer[] layers = network.getLayers();
    for (int i = 1; i < layers.length; i++) {
      if (network.getLayerWiseConfigurations().getInputPreProcess(i) != null) {
        int below = i - 1;
        while (below > 0 && passesOn(layers[below])) {
          below--;
        }
        found(layers[below], layers[i]);
      }
    }
  }

  private void find(GraphVertex[] vertices) {
    for (GraphVertex vertex : vertices) {
      boolean reshapes =
          vertex instanceof LayerVertex && ((LayerVertex) vertex).getLayerPreProcessor() != null
              || vertex instanceof ReshapeVertex
              || vertex instanceof PreprocessorVertex;
      for (int i = 0; reshapes && i < vertex.getNumInputArrays(); i++) {
        GraphVertex below = vertices[vertex.getInputVertices()[i].getVertexIndex()];
        while (below.hasLayer() && passesOn(below.getLayer())) {
          below = vertices[below.getInputVertices()[0].getVertexIndex()];
        }
        if (below.hasLayer()) {
          found(below.getLayer(), vertex.hasLayer() ? vertex.getLayer() : null);
        }
      }
    }
  }

  /** Whether the activations of a layer may be its input itself. */
  private static boolean passesOn(Layer layer) {
    return KeptActivations.unwrapped(layer) instanceof DropoutLayer;
  }

  private void found(Layer below, Layer above) {
    Layer layer = KeptActivations.unwrapped(below);
    if (layer.getClass() != ConvolutionLayer.class
        || ((ConvolutionLayer) layer).layerConf().getCnn2dDataFormat() != CNN2DFormat.NCHW
        || !OneDnnConvolution.canCompute((ConvolutionLayer) layer)) {
      return;
    }
    Layer inside = above == null ? null : KeptActivations.unwrapped(above);
    if (inside == null || !HARMLESS.contains(inside.getClass())) {
      overwritten.add(layer);
    } else if (inside.conf().getLayer().getIDropout() != null) {
      above.allowInputModification(false);
    }
  }
}
