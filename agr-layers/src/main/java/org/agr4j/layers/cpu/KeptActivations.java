package org.agr4j.layers.cpu;

import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.layers.ActivationLayer;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.layers.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.layers.feedforward.PReLU;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * Whether ReLU's derivative can be had from the activations that a network keeps.
 *
 * <p>It can where, in the backward pass, they are still positive exactly where the layer's output
 * was. DL4J lets a layer write into its input, the activations of the layer below: dropout does so
 * in training; an {@link ActivationLayer} or {@link PReLU} in inference, which is how frozen layers
 * run in training, too; and a user's own class may. {@link Dropout} and {@link SpatialDropout} are
 * harmless: what they set to zero gets no gradient from above either.
 */
final class KeptActivations {
  private KeptActivations() {}

  /**
   * Whether no part of the network changes the sign of another's activations.
   *
   * @param network after {@code init()}, not modified
   */
  static boolean keepTheirSigns(Model network) {
    Layer[] layers = FastCpuLayers.layersOf(network);
    return partsOf(network, layers).allMatch(KeptActivations::isKnown)
        && Stream.of(layers).noneMatch(KeptActivations::changesSigns);
  }

  private static Stream<?> partsOf(Model network, Layer[] layers) {
    Stream<Object> all = Stream.of(layers).map(KeptActivations::unwrapped);
    if (network instanceof ComputationGraph) {
      GraphVertex[] vertices = ((ComputationGraph) network).getVertices();
      Stream<InputPreProcessor> preProcessors =
          Stream.of(vertices)
              .filter(LayerVertex.class::isInstance)
              .map(vertex -> ((LayerVertex) vertex).getLayerPreProcessor());
      return Stream.of(all, Stream.of(vertices), preProcessors).flatMap(parts -> parts);
    }
    return Stream.concat(
        all,
        ((MultiLayerNetwork) network)
            .getLayerWiseConfigurations().getInputPreProcessors().values().stream());
  }

  /** DL4J's own and ours were read; of others nothing is known. */
  private static boolean isKnown(Object part) {
    String name = part == null ? "org.agr4j.layers." : part.getClass().getName();
    return name.startsWith("org.deeplearning4j.") || name.startsWith("org.agr4j.layers.");
  }

  private static boolean changesSigns(Layer layer) {
    Layer inside = unwrapped(layer);
    IDropout dropout = inside.conf().getLayer().getIDropout();
    boolean frozen = layer instanceof FrozenLayer || layer instanceof FrozenLayerWithBackprop;
    return dropout != null
            && dropout.getClass() != Dropout.class
            && dropout.getClass() != SpatialDropout.class
        || frozen && (inside instanceof ActivationLayer || inside instanceof PReLU);
  }

  /** The layer inside of all wrappers. */
  static Layer unwrapped(Layer layer) {
    while (layer instanceof BaseWrapperLayer) {
      layer = ((BaseWrapperLayer) layer).getUnderlying();
    }
    return layer;
  }
}
