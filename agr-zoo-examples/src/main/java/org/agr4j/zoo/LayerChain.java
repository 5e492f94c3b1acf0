package org.agr4j.zoo;

import java.util.ArrayList;
import java.util.List;
import org.agr4j.layers.ChannelsLastLayer;
import org.agr4j.layers.Gelu;
import org.agr4j.layers.LayerNorm;
import org.agr4j.layers.PositionwiseDense;
import org.agr4j.layers.ResidualVertex;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitDistribution;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * The end of a graph that grows layer by layer: each method adds behind the vertex that was last.
 *
 * <p>Names are those of the original networks, so that their weights can be told where to go: layer
 * {@code stages.0.blocks.1.fc1}, vertex {@code stages.0.blocks.1} for a block's output.
 */
final class LayerChain {
  private final GraphBuilder graph;
  private final List<Regularization> regularization;
  private String last;

  LayerChain(GraphBuilder graph, String input, List<Regularization> regularization) {
    this.graph = graph;
    this.regularization = regularization;
    this.last = input;
  }

  /** N(0, 0.02²), how transformers begin; the originals' truncation at ±2 never acts. */
  static IWeightInit normal02() {
    return new WeightInitDistribution(new NormalDistribution(0, 0.02));
  }

  /** Name of the vertex the network ends with so far. */
  String last() {
    return last;
  }

  /** Appends a layer of any kind. */
  LayerChain layer(String name, Layer layer) {
    graph.addLayer(name, layer, last);
    last = name;
    return this;
  }

  /** A layer of ours, whose weights get the decay and are drawn by {@code init}. */
  LayerChain layer(String name, ChannelsLastLayer.Builder<?> layer, IWeightInit init) {
    layer.regularization(new ArrayList<>(regularization));
    layer.weightInit(init);
    return layer(name, layer.<ChannelsLastLayer>build());
  }

  LayerChain norm(String name, double epsilon) {
    return layer(name, new LayerNorm.Builder().epsilon(epsilon).build());
  }

  /** A dense layer over channels with a bias. */
  LayerChain dense(String name, int width) {
    return dense(name, width, new ActivationIdentity());
  }

  private LayerChain dense(String name, int width, IActivation activation) {
    return layer(
        name, new PositionwiseDense.Builder().nOut(width).activation(activation), normal02());
  }

  /** Dense to {@code hidden} channels, GELU, dense to {@code width} channels. */
  LayerChain perceptron(String first, int hidden, String second, int width) {
    return dense(first, hidden, new Gelu()).dense(second, width);
  }

  /** shortcut + last, where a sample's last is dropped with that probability. */
  LayerChain add(String name, String shortcut, double dropPath) {
    return add(name, shortcut, new ResidualVertex(dropPath));
  }

  LayerChain add(String name, String shortcut, ResidualVertex sum) {
    graph.addVertex(name, sum, shortcut, last);
    last = name;
    return this;
  }
}
