package org.agr4j.layers.cpu;

import java.util.Random;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** Networks of a few thousand parameters; two of one kind start equal. */
final class SmallNetworks {
  private static final int CLASSES = 5;
  private static final int SIDE = 12;

  private SmallNetworks() {}

  /** Images and labels, the same for the same seed. */
  static DataSet data(int batch, int seed) {
    INDArray images = Nd4j.createUninitialized(DataType.FLOAT, batch, 3, SIDE, SIDE);
    Random random = new Random(seed);
    for (int i = 0; i < images.length(); i++) {
      images.putScalar(i, random.nextGaussian() + 0.5);
    }
    INDArray labels = Nd4j.zeros(DataType.FLOAT, batch, CLASSES);
    for (int i = 0; i < batch; i++) {
      labels.putScalar(i, random.nextInt(CLASSES), 1);
    }
    return new DataSet(images, labels);
  }

  /** A convolution, the layer, and an output, so that the layer sees gradients from above. */
  static ComputationGraph around(Layer layer) {
    GraphBuilder graph = builder(DataType.FLOAT);
    graph.addLayer("first", convolution(10, 3, 1), "in").addLayer("layer", layer.clone(), "first");
    return output(graph, "layer", layer instanceof DenseLayer);
  }

  /** A stem and two residual blocks, the second with stride 2, as ResNet has them. */
  static ComputationGraph residual() {
    return residual(DataType.FLOAT);
  }

  /** {@link #residual()} of another data type. */
  static ComputationGraph residual(DataType type) {
    GraphBuilder graph = builder(type);
    normalized(graph, "stem", "in", 8, 3, 1);
    graph.addLayer("stem-relu", new ActivationLayer(Activation.RELU), "stem");
    block(graph, "a", "stem-relu", "stem-relu", 8, 1);
    normalized(graph, "b-shortcut", "a", 16, 1, 2);
    block(graph, "b", "a", "b-shortcut", 16, 2);
    return output(graph, "b", false);
  }

  /** ReLU in the convolutions; sums, products, the larger of two, and channels side by side. */
  static ComputationGraph branches() {
    GraphBuilder graph = builder(DataType.FLOAT);
    graph.addLayer("a", withReLU(6), "in");
    for (ElementWiseVertex.Op op : ElementWiseVertex.Op.values()) {
      graph
          .addLayer(op + "1", withReLU(6), "a")
          .addLayer(op + "2", withReLU(6), "a")
          .addVertex(op.name(), new ElementWiseVertex(op), op + "1", op + "2");
    }
    graph
        .addVertex("side by side", new MergeVertex(), "a", "Add", "Subtract", "Product", "Max")
        .addLayer("b", withReLU(4), "side by side")
        .addVertex("last", new MergeVertex(), "b", "Average", "Add");
    return output(graph, "last", false);
  }

  /**
   * A convolution under another one and, flattened, under a layer that may overwrite its input;
   * with two outputs.
   */
  static ComputationGraph flattened(Layer flat) {
    GraphBuilder graph = builder(DataType.FLOAT);
    graph
        .addLayer("a", withReLU(3), "in")
        .addLayer("b", withReLU(4), "a")
        .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "b")
        .addLayer("out", classes(), "pool")
        .addLayer("flat", flat.clone(), new CnnToFeedForwardPreProcessor(SIDE, SIDE, 3), "a");
    if (flat instanceof LossLayer) {
      graph.setOutputs("out", "flat");
    } else {
      graph.addLayer("out2", classes(), "flat").setOutputs("out", "out2");
    }
    ComputationGraph network = new ComputationGraph(graph.build());
    network.init();
    return network;
  }

  /** A batch norm, and beside it a layer whose dropout overwrites the input of both. */
  static ComputationGraph besideNoise() {
    GraphBuilder graph = builder(DataType.FLOAT);
    ConvolutionLayer noisy = convolution(6, 3, 1);
    noisy.setIDropout(new GaussianNoise(1));
    graph
        .addLayer("a", convolution(6, 3, 1), "in")
        .addLayer("norm", new BatchNormalization(), "a")
        .addLayer("noisy", noisy, "a")
        .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "norm", "noisy");
    return output(graph, "sum", false);
  }

  /** Labels for the two outputs of {@link #flattened}. */
  static MultiDataSet twoLabels(int batch, ComputationGraph network) {
    DataSet one = data(batch, 1);
    long second = network.output(one.getFeatures())[1].size(1);
    INDArray labels =
        second == CLASSES
            ? one.getLabels()
            : Nd4j.linspace(0.1, 0.9, batch * second, DataType.FLOAT).reshape(batch, second);
    return new MultiDataSet(
        new INDArray[] {one.getFeatures()}, new INDArray[] {one.getLabels(), labels});
  }

  private static OutputLayer classes() {
    return new OutputLayer.Builder().nOut(CLASSES).activation(Activation.SOFTMAX).build();
  }

  private static ConvolutionLayer withReLU(int channels) {
    ConvolutionLayer layer = convolution(channels, 3, 1);
    layer.setActivationFn(new ActivationReLU());
    return layer;
  }

  private static void block(
      GraphBuilder graph, String name, String in, String shortcut, int channels, int stride) {
    normalized(graph, name + "1", in, channels, 3, stride);
    graph.addLayer(name + "1-relu", new ActivationLayer(Activation.RELU), name + "1");
    normalized(graph, name + "2", name + "1-relu", channels, 3, 1);
    graph.addVertex(
        name + "-sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), name + "2", shortcut);
    graph.addLayer(name, new ActivationLayer(Activation.RELU), name + "-sum");
  }

  private static void normalized(
      GraphBuilder graph, String name, String in, int channels, int kernel, int stride) {
    graph
        .addLayer(name + "-conv", convolution(channels, kernel, stride), in)
        .addLayer(name, new BatchNormalization(), name + "-conv");
  }

  /** Batch norm over [batch, features], which the fused passes leave to DL4J. */
  static ComputationGraph denseBatchNorm() {
    GraphBuilder graph = builder(DataType.FLOAT);
    graph
        .addLayer("dense", new DenseLayer.Builder().nOut(7).build(), "in")
        .addLayer("norm", new BatchNormalization(), "dense");
    return output(graph, "norm", true);
  }

  private static GraphBuilder builder(DataType type) {
    return new NeuralNetConfiguration.Builder()
        .seed(3)
        .dataType(type)
        .weightInit(WeightInit.RELU)
        .updater(new Sgd(0.05))
        .graphBuilder()
        .addInputs("in")
        .setInputTypes(InputType.convolutional(SIDE, SIDE, 3));
  }

  private static ConvolutionLayer convolution(int channels, int kernel, int stride) {
    return new ConvolutionLayer.Builder(kernel, kernel)
        .stride(stride, stride)
        .padding(kernel / 2, kernel / 2)
        .nOut(channels)
        .hasBias(false)
        .activation(Activation.IDENTITY)
        .build();
  }

  private static ComputationGraph output(GraphBuilder graph, String from, boolean flat) {
    String last = from;
    if (!flat) {
      graph.addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), from);
      last = "pool";
    }
    graph.addLayer("out", classes(), last).setOutputs("out");
    ComputationGraph network = new ComputationGraph(graph.build());
    network.init();
    return network;
  }
}
