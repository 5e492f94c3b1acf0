package org.agr4j.zoo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.agr4j.cpu.CpuHelpers;
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
   * central difference, ten parameters drawn from each of the network's ends and its middle. Tanh
   * stands in for ReLU, whose kinks a difference in a hundred layers runs over.
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

    List<String> weights =
        graph.paramTable().keySet().stream().filter(tensor -> tensor.endsWith("_W")).toList();
    Random random = new Random(5);
    for (int which : new int[] {0, weights.size() / 2, weights.size() - 1}) {
      String tensor = weights.get(which);
      for (int i = 0; i < 10; i++) {
        long at = (long) (random.nextDouble() * graph.getParam(tensor).length());
        graph.setParams(end);
        double after = graph.getParam(tensor).ravel().getDouble(at);
        graph.setParams(start);
        double gradient = graph.getParam(tensor).ravel().getDouble(at) - after;
        double slope = slope(graph, tensor, batch, at);
        assertEquals(slope, gradient, 1e-5 + 1e-3 * Math.abs(slope), tensor);
      }
    }
    assertTrue(start.distance2(end) > 1e-3, "there is a gradient at all");
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
  void cpuHelpersAgree(
      String name, long parameters, int side, Supplier<ImageNetworkBuilder> network) {
    ComputationGraph plain =
        network.get().width(4).inputShape(3, side, side).numClasses(4).build().init();
    ComputationGraph helped =
        network.get().width(4).inputShape(3, side, side).numClasses(4).build().init();
    CpuHelpers.install(helped);
    INDArray x = batch(DataType.FLOAT, 4, side).getFeatures();
    assertTrue(plain.outputSingle(x).equalsWithEps(helped.outputSingle(x), 1e-5));
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
