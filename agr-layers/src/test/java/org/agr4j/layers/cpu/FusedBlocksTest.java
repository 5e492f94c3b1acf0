package org.agr4j.layers.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** Networks of fused blocks compute what plain DL4J computes; others are left alone. */
class FusedBlocksTest {
  private static final int CLASSES = 4;
  // Of the largest element of a kind.
  private static final double TOLERANCE = 5e-5;

  @BeforeAll
  static void needsOneDnn() {
    Assumptions.assumeTrue(FastCpuLayers.oneDnnBuilt());
  }

  static Stream<Arguments> networks() {
    List<Arguments> all = new ArrayList<>();
    int[][] sizes = {{1, 4, 4}, {3, 5, 8}, {2, 8, 16}, {4, 16, 6}, {2, 32, 3}, {3, 6, 7}};
    for (boolean bottleneck : new boolean[] {false, true}) {
      for (int[] size : sizes) {
        for (boolean bias : new boolean[] {false, true}) {
          all.add(arguments(bottleneck, size[0], size[1], size[2], bias));
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest(name = "bottleneck {0}, batch {1}, width {2}, side {3}, bias {4}")
  @MethodSource("networks")
  void blocksAgree(boolean bottleneck, int batch, int width, int side, boolean bias) {
    Sides sides =
        new Sides(conf -> {}, side, graph -> residual(graph, bottleneck, width, bias, true));
    assertEquals(bottleneck ? 11 : 8, sides.fused());
    sides.check(batch);
  }

  private static void residual(
      GraphBuilder graph, boolean bottleneck, int width, boolean bias, boolean shortcutSecond) {
    Blocks blocks = new Blocks(graph, bias);
    blocks.normalized("stem", "in", width, 3, 1);
    String last = blocks.relu("stem");
    last = blocks.block("a", last, bottleneck, width, 1, false, shortcutSecond);
    last = blocks.block("b", last, bottleneck, 2 * width, 2, true, shortcutSecond);
    last = blocks.block("c", last, bottleneck, 2 * width, 1, false, !shortcutSecond);
    blocks.output(last);
  }

  @Test
  void everyWorkspaceMode() {
    for (WorkspaceMode mode : WorkspaceMode.values()) {
      new Sides(
              conf -> conf.trainingWorkspaceMode(mode).inferenceWorkspaceMode(mode),
              6,
              graph -> residual(graph, true, 6, false, false))
          .check(3);
    }
  }

  @Test
  void modeSameAndUnpaddedConvolutions() {
    for (ConvolutionMode mode : List.of(ConvolutionMode.Same, ConvolutionMode.Truncate)) {
      for (int kernel : new int[] {1, 2, 3, 5}) {
        for (int stride : new int[] {1, 2}) {
          Sides sides =
              new Sides(
                  conf -> conf.convolutionMode(mode),
                  9,
                  graph -> {
                    graph
                        .addLayer(
                            "conv",
                            new ConvolutionLayer.Builder(kernel, kernel)
                                .stride(stride, stride)
                                .nOut(16)
                                .activation(Activation.IDENTITY)
                                .build(),
                            "in")
                        .addLayer("bn", new BatchNormalization(), "conv");
                    Blocks blocks = new Blocks(graph, false);
                    blocks.output(blocks.relu("bn"));
                  });
          assertEquals(1, sides.fused());
          sides.check(3);
        }
      }
    }
  }

  /** A sum of three ReLUs' readers, and a shortcut over two blocks. */
  @Test
  void aReluMayHaveManyReaders() {
    Sides sides =
        new Sides(
            conf -> {},
            8,
            graph -> {
              Blocks blocks = new Blocks(graph, false);
              blocks.normalized("stem", "in", 5, 3, 1);
              String stem = blocks.relu("stem");
              blocks.normalized("a", stem, 5, 3, 1);
              blocks.normalized("b", stem, 5, 1, 1);
              String sum = blocks.relu(blocks.sum("ab", "a", "b"));
              blocks.normalized("c", sum, 5, 3, 1);
              String second = blocks.relu(blocks.sum("c-stem", "c", stem));
              blocks.normalized("d", second, 5, 3, 1);
              blocks.output(blocks.relu(blocks.sum("d-sum", sum, "d")));
            });
    assertEquals(5, sides.fused());
    sides.check(4);
  }

  @Test
  void whatStandsBesideOtherPartsIsLeftAlone() {
    Sides pooled =
        new Sides(
            conf -> {},
            8,
            graph -> {
              Blocks blocks = new Blocks(graph, false);
              blocks.normalized("a", "in", 5, 3, 1);
              graph.addLayer(
                  "max",
                  new SubsamplingLayer.Builder()
                      .kernelSize(3, 3)
                      .stride(2, 2)
                      .padding(1, 1)
                      .build(),
                  blocks.relu("a"));
              blocks.normalized("b", "max", 5, 3, 1);
              String b = blocks.relu("b");
              graph.addLayer("dropout", new DropoutLayer(1.0), b);
              blocks.normalized("c", "dropout", 6, 3, 1);
              String c = blocks.relu("c");
              blocks.normalized("d", c, 6, 3, 1);
              blocks.output(blocks.relu("d"));
            });
    assertEquals(2, pooled.fused()); // c and d
    pooled.check(3);

    Sides read =
        new Sides(
            conf -> {},
            8,
            graph -> {
              Blocks blocks = new Blocks(graph, false);
              blocks.normalized("a", "in", 5, 3, 1);
              String a = blocks.relu("a");
              // Someone else reads batch norm; a sum of a ReLU with itself.
              graph.addVertex("twice", new ElementWiseVertex(ElementWiseVertex.Op.Add), a, a);
              graph.addVertex("more", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", a);
              graph.addVertex(
                  "all", new ElementWiseVertex(ElementWiseVertex.Op.Add), "twice", "more");
              blocks.output("all");
            });
    assertEquals(0, read.fused());
    read.check(3);
  }

  /** Also of a constant image, in whose windows all pixels are equal, and of odd sides. */
  @ParameterizedTest
  @ValueSource(ints = {4, 7, 8, 10})
  void maxPoolingBetweenBlocks(int side) {
    Sides sides =
        new Sides(
            conf -> {},
            side,
            graph -> {
              Blocks blocks = new Blocks(graph, true);
              blocks.normalized("a", "in", 16, 3, 1);
              String a = blocks.maxPool(blocks.relu("a"));
              blocks.normalized("b", a, 7, 3, 1);
              blocks.output(blocks.maxPool(blocks.relu("b")));
            });
    assertEquals(2, sides.fused());
    for (int batch : new int[] {1, 5}) {
      sides.check(batch);
    }
    DataSet data = sides.data(3);
    data.getFeatures().tensorAlongDimension(1, 1, 2, 3).assign(0.7);
    sides.check(data);
  }

  /** Only a training step holds ReLU's output in the place of others. */
  @Test
  void activationsAreEachPartsOwn() {
    Sides sides = new Sides(conf -> {}, 7, graph -> residual(graph, true, 4, false, true));
    DataSet data = sides.data(3);
    for (boolean training : new boolean[] {true, false}) {
      Map<String, INDArray> expected = sides.plain.feedForward(data.getFeatures(), training);
      Map<String, INDArray> actual = sides.fast.feedForward(data.getFeatures(), training);
      assertEquals(expected.keySet(), actual.keySet());
      expected.forEach((name, a) -> close(name + " " + training, a, actual.get(name), 0));
    }
  }

  @Test
  void installingTwiceAndBatchesOfOtherSizes() {
    Sides sides = new Sides(conf -> {}, 8, graph -> residual(graph, true, 4, false, true));
    FastCpuLayers.install(sides.fast);
    for (int batch : new int[] {4, 2, 5}) {
      sides.check(batch);
    }
  }

  /** Gradients from outside the network, over activations that were computed before. */
  @Test
  void gradientsFromOutside() {
    Consumer<GraphBuilder> blocks =
        graph -> {
          Blocks all = new Blocks(graph, false);
          all.normalized("stem", "in", 4, 3, 1);
          String last = all.block("a", all.relu("stem"), true, 4, 1, true, true);
          graph.addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), last).setOutputs("pool");
        };
    Sides sides = new Sides(conf -> {}, 6, blocks);
    assertEquals(5, sides.fused());
    // Plain batch norm keeps arrays of a workspace that is closed before the backward pass.
    Sides none =
        new Sides(
            conf ->
                conf.trainingWorkspaceMode(WorkspaceMode.NONE)
                    .inferenceWorkspaceMode(WorkspaceMode.NONE),
            6,
            blocks);
    DataSet data = sides.data(3);
    List<INDArray> gradients = new ArrayList<>();
    for (ComputationGraph network : List.of(none.plain, sides.fast)) {
      INDArray[] images = {data.getFeatures()};
      INDArray out = network.feedForward(images, true, false).get("pool");
      INDArray from = Nd4j.linspace(-1, 1, out.length(), DataType.FLOAT).reshape(out.shape());
      gradients.add(network.backpropGradient(from).gradient().dup());
    }
    close("gradient", gradients.get(0), gradients.get(1), 0);
  }

  /** Adds convolutions with batch norm, ReLUs and sums. */
  private static final class Blocks {
    private final GraphBuilder graph;
    private final boolean bias;

    Blocks(GraphBuilder graph, boolean bias) {
      this.graph = graph;
      this.bias = bias;
    }

    void normalized(String name, String in, int channels, int kernel, int stride) {
      ConvolutionLayer convolution =
          new ConvolutionLayer.Builder(kernel, kernel)
              .stride(stride, stride)
              .padding(kernel / 2, kernel / 2)
              .nOut(channels)
              .hasBias(bias)
              .biasInit(bias ? 0.2 : 0)
              .activation(Activation.IDENTITY)
              .build();
      graph
          .addLayer(name + "-conv", convolution, in)
          .addLayer(name, new BatchNormalization(), name + "-conv");
    }

    String relu(String of) {
      graph.addLayer(of + "-relu", new ActivationLayer(Activation.RELU), of);
      return of + "-relu";
    }

    String maxPool(String of) {
      graph.addLayer(
          of + "-pool", new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build(), of);
      return of + "-pool";
    }

    String sum(String name, String first, String second) {
      graph.addVertex(name, new ElementWiseVertex(ElementWiseVertex.Op.Add), first, second);
      return name;
    }

    String block(
        String name,
        String in,
        boolean bottleneck,
        int width,
        int stride,
        boolean projected,
        boolean shortcutSecond) {
      String shortcut = in;
      if (projected) {
        normalized(name + "-shortcut", in, width, 1, stride);
        shortcut = name + "-shortcut";
      }
      normalized(name + "1", in, width, bottleneck ? 1 : 3, bottleneck ? 1 : stride);
      String last = name + "2";
      normalized(last, relu(name + "1"), width, 3, bottleneck ? stride : 1);
      if (bottleneck) {
        normalized(name + "3", relu(last), width, 1, 1);
        last = name + "3";
      }
      return relu(shortcutSecond ? sum(name, last, shortcut) : sum(name, shortcut, last));
    }

    void output(String last) {
      graph
          .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), last)
          .addLayer(
              "out",
              new OutputLayer.Builder().nOut(CLASSES).activation(Activation.SOFTMAX).build(),
              "pool")
          .setOutputs("out");
    }
  }

  /** A network as DL4J makes it, and the same made fast. */
  private static final class Sides {
    final ComputationGraph plain;
    final ComputationGraph fast;
    final int side;

    Sides(
        Consumer<NeuralNetConfiguration.Builder> settings,
        int side,
        Consumer<GraphBuilder> layers) {
      this.side = side;
      NeuralNetConfiguration.Builder builder =
          new NeuralNetConfiguration.Builder()
              .seed(4)
              .weightInit(WeightInit.RELU)
              .dataType(DataType.FLOAT)
              .updater(new Sgd(0.02));
      settings.accept(builder);
      GraphBuilder graph =
          builder
              .graphBuilder()
              .addInputs("in")
              .setInputTypes(InputType.convolutional(side, side, 3));
      layers.accept(graph);
      ComputationGraphConfiguration configuration = graph.build();
      plain = new ComputationGraph(configuration.clone());
      plain.init();
      fast = new ComputationGraph(configuration.clone());
      fast.init();
      FastCpuLayers.install(fast);
    }

    int fused() {
      int norms = 0;
      for (GraphVertex vertex : fast.getVertices()) {
        if (vertex instanceof ReluVertex) {
          for (int i = 0; i < vertex.getInputVertices().length; i++) {
            GraphVertex below = fast.getVertices()[vertex.getInputVertices()[i].getVertexIndex()];
            norms += below instanceof SumVertex ? normsUnder(below) : 1;
          }
        }
      }
      return norms;
    }

    private int normsUnder(GraphVertex sum) {
      int norms = 0;
      for (int i = 0; i < 2; i++) {
        GraphVertex below = fast.getVertices()[sum.getInputVertices()[i].getVertexIndex()];
        norms += below instanceof ReluVertex ? 0 : 1;
      }
      return norms;
    }

    DataSet data(int batch) {
      Random random = new Random(batch);
      INDArray images = Nd4j.createUninitialized(DataType.FLOAT, batch, 3, side, side);
      for (long i = 0; i < images.length(); i++) {
        images.putScalar(i, random.nextGaussian() + 0.3);
      }
      INDArray labels = Nd4j.zeros(DataType.FLOAT, batch, CLASSES);
      for (int i = 0; i < batch; i++) {
        labels.putScalar(i, random.nextInt(CLASSES), 1);
      }
      return new DataSet(images, labels);
    }

    /** Every gradient, outputs before and after, and parameters after some steps. */
    void check(int batch) {
      check(data(batch));
    }

    void check(DataSet data) {
      close(
          "output",
          plain.outputSingle(data.getFeatures()),
          fast.outputSingle(data.getFeatures()),
          0);
      Map<String, INDArray> expected = gradients(plain.convertDataType(DataType.DOUBLE), data);
      Map<String, INDArray> actual = gradients(fast, data);
      assertEquals(expected.keySet(), actual.keySet());
      double largest = 0;
      for (INDArray gradient : expected.values()) {
        largest = Math.max(largest, gradient.amaxNumber().doubleValue());
      }
      for (String name : expected.keySet()) {
        close("gradient " + name, expected.get(name), actual.get(name), 1e-2 * largest);
      }
      for (int step = 0; step < 3; step++) {
        plain.fit(data);
        fast.fit(data);
      }
      assertEquals(plain.score(), fast.score(), 1e-3 * Math.max(1, plain.score()));
      close("parameters", plain.params(), fast.params(), 0);
      close(
          "output",
          plain.outputSingle(data.getFeatures()),
          fast.outputSingle(data.getFeatures()),
          0);
    }

    private static Map<String, INDArray> gradients(ComputationGraph network, DataSet data) {
      DataType type = network.params().dataType();
      network.setInput(0, data.getFeatures().castTo(type));
      network.setLabel(0, data.getLabels().castTo(type));
      network.computeGradientAndScore();
      return network.gradient().gradientForVariable();
    }
  }

  private static void close(String what, INDArray a, INDArray b, double smallestScale) {
    double largest = Math.max(smallestScale, a.amaxNumber().doubleValue());
    double off =
        a.castTo(DataType.DOUBLE).sub(b.castTo(DataType.DOUBLE)).amaxNumber().doubleValue();
    assertTrue(off <= TOLERANCE * largest, () -> what + " is off by " + off + " of " + largest);
  }
}
