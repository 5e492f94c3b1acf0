package org.agr4j.zoo;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * The part of a ResNet between its input and the pooling, block by block, as layers and vertices of
 * a DL4J graph.
 *
 * <p>It knows where the network ends so far; each method adds behind that. Its parts are
 *
 * <pre>
 *   NAME_convK → NAME_bnK → NAME_reluK      what a block computes, K = 1, 2, …
 *   NAME_shortcut → NAME_shortcut_bn        where the block changes the shape of its input
 *   NAME_add → NAME_relu                    their sum
 * </pre>
 *
 * Padding is explicit, half the kernel on each side, as in PyTorch: under a stride of 2 DL4J's mode
 * {@code Same} pads one side only, which is another function of the same weights.
 */
final class ResidualStack {
  /** Share of the running statistics that stays each step: 1 − PyTorch's momentum 0.1. */
  private static final double STATISTICS_DECAY = 0.9;

  private static final double VARIANCE_EPSILON = 1e-5;

  private static final int BOTTLENECK_EXPANSION = 4;

  private final GraphBuilder graph;
  private final List<Regularization> regularization;
  private String last;
  private int channels;

  /**
   * Starts behind a vertex of a graph.
   *
   * @param graph receives the layers
   * @param input name of the vertex
   * @param channels its channels
   * @param regularization of the weights of convolutions
   */
  ResidualStack(
      GraphBuilder graph, String input, int channels, List<Regularization> regularization) {
    this.graph = graph;
    this.regularization = regularization;
    this.last = input;
    this.channels = channels;
  }

  /** Name of the vertex the network ends with so far. */
  String last() {
    return last;
  }

  /** ReLU(BN(conv(x))): layers NAME, NAME_bn, NAME_relu. */
  ResidualStack stem(String name, int kernel, int stride, int width) {
    convolution(name, last, kernel, stride, width);
    normalization(name + "_bn", name);
    relu(name + "_relu", name + "_bn");
    channels = width;
    last = name + "_relu";
    return this;
  }

  /**
   * ReLU(BN(conv3×3(ReLU(BN(conv3×3(x))))) + shortcut(x)).
   *
   * @param name prefix of its layers
   * @param stride of the first convolution
   * @param width channels of both convolutions
   */
  ResidualStack basicBlock(String name, int stride, int width) {
    convolution(name + "_conv1", last, 3, stride, width);
    normalization(name + "_bn1", name + "_conv1");
    relu(name + "_relu1", name + "_bn1");
    convolution(name + "_conv2", name + "_relu1", 3, 1, width);
    normalization(name + "_bn2", name + "_conv2");
    return join(name, name + "_bn2", stride, width);
  }

  /**
   * ReLU(BN(conv1×1(ReLU(BN(conv3×3(ReLU(BN(conv1×1(x)))))))) + shortcut(x)).
   *
   * @param name prefix of its layers
   * @param stride of the 3×3 convolution
   * @param width channels of the first two convolutions; the last has four times as many
   */
  ResidualStack bottleneckBlock(String name, int stride, int width) {
    convolution(name + "_conv1", last, 1, 1, width);
    normalization(name + "_bn1", name + "_conv1");
    relu(name + "_relu1", name + "_bn1");
    convolution(name + "_conv2", name + "_relu1", 3, stride, width);
    normalization(name + "_bn2", name + "_conv2");
    relu(name + "_relu2", name + "_bn2");
    convolution(name + "_conv3", name + "_relu2", 1, 1, BOTTLENECK_EXPANSION * width);
    normalization(name + "_bn3", name + "_conv3");
    return join(name, name + "_bn3", stride, BOTTLENECK_EXPANSION * width);
  }

  /** Adds the shortcut, x itself or BN(conv1×1(x)) where the block changes the shape. */
  private ResidualStack join(String name, String residual, int stride, int width) {
    String shortcut = last;
    if (stride != 1 || width != channels) {
      convolution(name + "_shortcut", last, 1, stride, width);
      normalization(name + "_shortcut_bn", name + "_shortcut");
      shortcut = name + "_shortcut_bn";
    }
    graph.addVertex(
        name + "_add", new ElementWiseVertex(ElementWiseVertex.Op.Add), residual, shortcut);
    relu(name + "_relu", name + "_add");
    channels = width;
    last = name + "_relu";
    return this;
  }

  private void convolution(String name, String input, int kernel, int stride, int width) {
    graph.addLayer(
        name,
        new ConvolutionLayer.Builder(kernel, kernel)
            .stride(stride, stride)
            .padding(kernel / 2, kernel / 2)
            .convolutionMode(ConvolutionMode.Truncate)
            .nOut(width)
            .hasBias(false)
            .regularization(new ArrayList<>(regularization))
            .build(),
        input);
  }

  private void normalization(String name, String input) {
    graph.addLayer(
        name,
        new BatchNormalization.Builder().decay(STATISTICS_DECAY).eps(VARIANCE_EPSILON).build(),
        input);
  }

  private void relu(String name, String input) {
    graph.addLayer(name, new ActivationLayer(Activation.RELU), input);
  }
}
