package org.agr4j.layers.cpu;

import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex;
import org.deeplearning4j.nn.graph.vertex.impl.InputVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.graph.vertex.impl.MergeVertex;
import org.deeplearning4j.nn.layers.ActivationLayer;
import org.deeplearning4j.nn.layers.DropoutLayer;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.layers.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.layers.OutputLayer;
import org.deeplearning4j.nn.layers.convolution.CnnLossLayer;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.layers.convolution.Cropping2DLayer;
import org.deeplearning4j.nn.layers.convolution.Deconvolution2DLayer;
import org.deeplearning4j.nn.layers.convolution.DepthwiseConvolution2DLayer;
import org.deeplearning4j.nn.layers.convolution.SeparableConvolution2DLayer;
import org.deeplearning4j.nn.layers.convolution.ZeroPaddingLayer;
import org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer;
import org.deeplearning4j.nn.layers.convolution.upsampling.Upsampling2D;
import org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.layers.normalization.LocalResponseNormalization;
import org.deeplearning4j.nn.layers.pooling.GlobalPoolingLayer;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * Whether ReLU's derivative can be had from the activations that a network keeps.
 *
 * <p>It can where, in the backward pass of a layer, its activations are still positive exactly
 * where its output was. Not every part of DL4J leaves the activations of the part below as they
 * are: most kinds of dropout write there, a LossLayer does so while it computes its gradient, a
 * frozen ActivationLayer (which runs as in inference) works in place, and a user's own class may.
 * So the whole network must consist of the parts that are listed here; each was tested above a
 * convolution with ReLU. {@link Dropout} and {@link SpatialDropout} write, but what they set to
 * zero gets no gradient from above either.
 */
final class KeptActivations {
  private static final Set<Class<?>> TESTED =
      Set.of(
          ActivationLayer.class,
          BatchNormalization.class,
          CnnLossLayer.class,
          ConvolutionLayer.class,
          Cropping2DLayer.class,
          Deconvolution2DLayer.class,
          DenseLayer.class,
          DepthwiseConvolution2DLayer.class,
          DropoutLayer.class,
          GlobalPoolingLayer.class,
          LocalResponseNormalization.class,
          OutputLayer.class,
          SeparableConvolution2DLayer.class,
          SubsamplingLayer.class,
          Upsampling2D.class,
          ZeroPaddingLayer.class,
          ElementWiseVertex.class,
          InputVertex.class,
          LayerVertex.class,
          MaxPoolVertex.class,
          MergeVertex.class,
          ReluVertex.class,
          SumVertex.class,
          CnnToFeedForwardPreProcessor.class,
          FeedForwardToCnnPreProcessor.class);

  private KeptActivations() {}

  /**
   * Whether no part of the network changes the sign of another's activations.
   *
   * @param network after {@code init()}, not modified
   */
  static boolean keepTheirSigns(Model network) {
    Layer[] layers = FastCpuLayers.layersOf(network);
    return Stream.of(layers).allMatch(KeptActivations::keepsSigns)
        && otherPartsOf(network).allMatch(part -> TESTED.contains(part.getClass()));
  }

  private static boolean keepsSigns(Layer layer) {
    IDropout dropout = unwrapped(layer).conf().getLayer().getIDropout();
    return isTested(layer)
        && (dropout == null
            || dropout.getClass() == Dropout.class
            || dropout.getClass() == SpatialDropout.class);
  }

  /** Whether a layer surely does not write into its input at all. */
  static boolean leavesItsInput(Layer layer) {
    return isTested(layer) && unwrapped(layer).conf().getLayer().getIDropout() == null;
  }

  private static boolean isTested(Layer layer) {
    Layer inside = unwrapped(layer);
    boolean frozen = layer instanceof FrozenLayer || layer instanceof FrozenLayerWithBackprop;
    return TESTED.contains(inside.getClass())
        && (layer == inside || frozen && inside.getClass() != ActivationLayer.class);
  }

  private static Stream<?> otherPartsOf(Model network) {
    if (network instanceof MultiLayerNetwork) {
      return ((MultiLayerNetwork) network)
          .getLayerWiseConfigurations().getInputPreProcessors().values().stream();
    }
    GraphVertex[] vertices = ((ComputationGraph) network).getVertices();
    return Stream.concat(
        Stream.of(vertices),
        Stream.of(vertices)
            .filter(LayerVertex.class::isInstance)
            .map(vertex -> ((LayerVertex) vertex).getLayerPreProcessor())
            .filter(Objects::nonNull));
  }

  /** The layer inside of all wrappers. */
  static Layer unwrapped(Layer layer) {
    while (layer instanceof BaseWrapperLayer) {
      layer = ((BaseWrapperLayer) layer).getUnderlying();
    }
    return layer;
  }
}
