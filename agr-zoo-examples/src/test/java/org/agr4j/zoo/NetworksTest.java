package org.agr4j.zoo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.agr4j.layers.cpu.FastCpuLayers;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;

/** What every network of the zoo must do. */
class NetworksTest {
  /** Of a slope, beside a thousandth of it. */
  private static final double TOLERANCE = 1e-5;

  static Stream<Arguments> networks() {
    return Stream.of(
        Arguments.of("ResNet-18", 11_220_132, 8, (Supplier<?>) ResNet::resNet18),
        Arguments.of("ResNet-50", 23_705_252, 8, (Supplier<?>) ResNet::resNet50),
        Arguments.of("ResNet-101", 42_697_380, 8, (Supplier<?>) ResNet::resNet101),
        Arguments.of("VGG-11", 28_518_244, 32, (Supplier<?>) Vgg11::builder));
  }

  private static long trainable(ComputationGraph graph) {
    return graph.paramTable().entrySet().stream()
        .filter(e -> !e.getKey().matches(".*_(mean|var|log10stdev)"))
        .mapToLong(e -> e.getValue().length())
        .sum();
  }

  private static DataSet batch(DataType type, int n, int side) {
    Nd4j.getRandom().setSeed(3);
    INDArray labels = Nd4j.zeros(type, n, 4);
    for (int i = 0; i < n; i++) {
      labels.putScalar(i, i % 4, 1);
    }
    return new DataSet(Nd4j.randn(type, n, 3, side, side), labels);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void hasTheStandardNumberOfParameters(
      String name, long parameters, int side, Supplier<ImageNetworkBuilder> network) {
    assertEquals(parameters, trainable(network.get().build().init()));
    // The classifier does not grow with the image.
    assertEquals(parameters, trainable(network.get().inputShape(3, 64, 64).build().init()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void givesProbabilitiesOfSmallAndLargeImages(
      String name, long parameters, int side, Supplier<ImageNetworkBuilder> network) {
    for (int size : new int[] {32, 64}) {
      ComputationGraph graph =
          network.get().inputShape(3, size, size).width(2).numClasses(7).build().init();
      INDArray out = graph.outputSingle(Nd4j.rand(2, 3, size, size));
      assertArrayEquals(new long[] {2, 7}, out.shape());
      assertArrayEquals(new float[] {1, 1}, out.sum(1).toFloatVector(), 1e-5f);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void configurationSurvivesJson(
      String name, long parameters, int side, Supplier<ImageNetworkBuilder> network) {
    ComputationGraphConfiguration conf = network.get().width(2).build().conf();
    assertEquals(conf, ComputationGraphConfiguration.fromJson(conf.toJson()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void overfitsOneBatch(
      String name, long parameters, int side, Supplier<ImageNetworkBuilder> network) {
    ComputationGraph graph =
        network
            .get()
            .width(4)
            .inputShape(3, side, side)
            .numClasses(4)
            .updater(new Adam(3e-3))
            .build()
            .init();
    DataSet batch = batch(DataType.FLOAT, 8, side);
    double before = graph.score(batch);
    double after = before;
    for (int step = 0; step < 150 && after > 0.05; step++) {
      graph.fit(batch);
      after = graph.score();
    }
    assertTrue(before > 1, "loss before: " + before);
    assertTrue(after <= 0.05, "loss after: " + after);
  }

  /**
   * With SGD at learning rate 1 a step subtracts the gradient, which is compared with the loss's
   * central difference in parameters drawn from the tensors at the network's ends and its middle,
   * of each kind: weights, biases, γ and β. In each tensor some slope is well above the tolerance.
   * Tanh stands in for ReLU, whose kinks a difference in a hundred layers runs over.
   */
  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void gradientIsTheLosssSlope(
      String name, long parameters, int side, Supplier<ImageNetworkBuilder> network) {
    ComputationGraphConfiguration conf =
        network
            .get()
            .width(1)
            .inputShape(3, side, side)
            .numClasses(4)
            .updater(new Sgd(1))
            .dataType(DataType.DOUBLE)
            .build()
            .conf();
    conf.getVertices()
        .values()
        .forEach(
            vertex -> {
              if (vertex instanceof LayerVertex layer) {
                layer.getLayerConf().getLayer().setIDropout(null);
                if (layer.getLayerConf().getLayer() instanceof ActivationLayer activation) {
                  activation.setActivationFn(Activation.TANH.getActivationFunction());
                }
              }
            });
    ComputationGraph graph = new ComputationGraph(conf);
    graph.init();
    DataSet batch = batch(DataType.DOUBLE, 4, side);
    INDArray start = graph.params().dup();
    graph.fit(batch);
    INDArray end = graph.params().dup();

    Random random = new Random(5);
    for (String kind : List.of("_W", "_b", "_gamma", "_beta")) {
      for (String tensor : endsAndMiddle(graph, kind)) {
        double steepest = 0;
        for (int i = 0; i < (kind.equals("_W") ? 10 : 4); i++) {
          long at = random.nextInt((int) graph.getParam(tensor).length());
          graph.setParams(end);
          double after = graph.getParam(tensor).ravel().getDouble(at);
          graph.setParams(start);
          double gradient = graph.getParam(tensor).ravel().getDouble(at) - after;
          double slope = slope(graph, tensor, batch, at);
          assertEquals(slope, gradient, TOLERANCE + 1e-3 * Math.abs(slope), tensor);
          steepest = Math.max(steepest, Math.abs(slope));
        }
        assertTrue(steepest > 10 * TOLERANCE, tensor + " is hardly sloped: " + steepest);
      }
    }
  }

  /** Convolutions in front of batch norm have biases without a slope: a mean takes them away. */
  private static List<String> endsAndMiddle(ComputationGraph graph, String kind) {
    List<String> all =
        graph.paramTable().keySet().stream()
            .filter(tensor -> tensor.endsWith(kind) && !tensor.matches("conv\\d_b"))
            .toList();
    return Stream.of(0, all.size() / 2, all.size() - 1).distinct().map(all::get).toList();
  }

  private static double slope(ComputationGraph graph, String tensor, DataSet batch, long at) {
    double step = 1e-6;
    INDArray weights = graph.getParam(tensor).dup('c');
    double[] loss = new double[2];
    for (int side = 0; side < 2; side++) {
      INDArray moved = weights.dup('c');
      moved.putScalar(at, moved.getDouble(at) + (side == 0 ? step : -step));
      graph.getParam(tensor).assign(moved);
      loss[side] = graph.score(batch, true); // as in training: batch norm of this batch
    }
    graph.getParam(tensor).assign(weights);
    return (loss[0] - loss[1]) / (2 * step);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void fastCpuLayersAgree(
      String name, long parameters, int side, Supplier<ImageNetworkBuilder> network) {
    ComputationGraph plain =
        network.get().width(4).inputShape(3, side, side).numClasses(4).build().init();
    ComputationGraph helped =
        network.get().width(4).inputShape(3, side, side).numClasses(4).build().init();
    FastCpuLayers.install(helped);
    INDArray x = batch(DataType.FLOAT, 4, side).getFeatures();
    assertTrue(plain.outputSingle(x).equalsWithEps(helped.outputSingle(x), 1e-5));
  }

  /** As DL4J's ZooModel has it. */
  @Test
  void theShapeOfImagesCanBeSetLater() {
    ImageNetworkBuilder builder = ResNet.resNet18().width(2).inputShape(1, 16, 16);
    ImageNetwork network = builder.build();
    builder.width(9); // of the next network
    network.setInputShape(new int[][] {{3, 24, 8}});
    assertEquals(ResNet.resNet18().width(2).inputShape(3, 24, 8).build().conf(), network.conf());
    assertArrayEquals(
        new long[] {1, 100}, network.init().outputSingle(Nd4j.rand(1, 3, 24, 8)).shape());
    for (int[][] wrong : new int[][][] {{}, {{3, 8, 8}, {3, 8, 8}}, {{3, 8}}, {{3, 9, 8}}}) {
      assertThrows(IllegalArgumentException.class, () -> network.setInputShape(wrong));
    }
  }

  @Test
  void refusesImagesThatCannotBeHalved() {
    assertEquals(
        "inputShape = [3, 48, 32], expected channels, height, width with height and width"
            + " multiples of 32",
        assertThrows(IllegalArgumentException.class, () -> Vgg11.builder().inputShape(3, 48, 32))
            .getMessage());
  }
}
