package org.agr4j.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InvalidInputTypeException;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The sum at the end of a block, drop path, and gradients that pass a frozen layer. */
class ResidualVertexTest {
  static List<GraphVertex> vertices() {
    return List.of(
        new ResidualVertex(),
        new ResidualVertex(0.5),
        new ResidualVertex(0, new Gelu()),
        new ResidualVertex(0.4, Gelu.withTanh()));
  }

  private static ComputationGraph network(DataType type, GraphVertex sum, boolean frozen) {
    PositionwiseDense dense =
        new PositionwiseDense.Builder().nOut(3).activation(new Gelu()).build();
    ComputationGraph network =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(type)
                .updater(new Sgd(0.1))
                .weightInit(new NormalDistribution(0, 0.7))
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(LayerCase.image(2, 3, 3))
                .addLayer("first", new PositionwiseDense.Builder().nOut(3).build(), "in")
                .addLayer("norm", new BatchNorm(), "first")
                .addLayer("branch", frozen ? new FrozenLayerWithBackprop(dense) : dense, "norm")
                .addVertex("sum", sum, "first", "branch")
                .addLayer("mean", new PositionMean(), "sum")
                .addLayer(
                    "out",
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build(),
                    "mean")
                .setOutputs("out")
                .build());
    network.init();
    return network;
  }

  private static INDArray images(DataType type, int n) {
    Nd4j.getRandom().setSeed(2);
    return Nd4j.randn(type, n, 2, 3, 3);
  }

  private static INDArray labels(DataType type, int n) {
    INDArray labels = Nd4j.zeros(type, n, 3);
    for (int i = 0; i < n; i++) {
      labels.putScalar(i, i % 3, 1);
    }
    return labels;
  }

  private static double score(ComputationGraph network, INDArray x) {
    gradient(network, x);
    return network.score();
  }

  private static INDArray gradient(ComputationGraph network, INDArray x) {
    Nd4j.getRandom().setSeed(9); // the same drops
    network.setInputs(x);
    network.setLabels(labels(x.dataType(), (int) x.size(0)));
    network.computeGradientAndScore();
    return network.gradient().gradient().dup();
  }

  /** Differences of the score with the same drops, which DL4J's own check cannot hold still. */
  @ParameterizedTest
  @MethodSource("vertices")
  void gradientsAgreeWithDifferences(GraphVertex sum) {
    for (boolean frozen : new boolean[] {false, true}) {
      ComputationGraph network = network(DataType.DOUBLE, sum, frozen);
      INDArray x = images(DataType.DOUBLE, 4);
      INDArray gradient = gradient(network, x).divi(4);
      INDArray first = network.params(); // the first layer's W comes first
      for (int i = 0; i < 9; i++) {
        double step = 1e-6;
        first.putScalar(i, first.getDouble(i) + step);
        double above = score(network, x);
        first.putScalar(i, first.getDouble(i) - 2 * step);
        double below = score(network, x);
        first.putScalar(i, first.getDouble(i) + step);

        assertEquals((above - below) / (2 * step), gradient.getDouble(i), 1e-7, sum + " " + frozen);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("vertices")
  void floatLoopsEqualOperationsInDouble(GraphVertex sum) {
    ComputationGraph exact = network(DataType.DOUBLE, sum, false);
    ComputationGraph fast = network(DataType.FLOAT, sum, false);
    fast.setParams(exact.params().castTo(DataType.FLOAT));
    exact.setParams(fast.params().castTo(DataType.DOUBLE));
    INDArray x = images(DataType.FLOAT, 9);
    assertEquals(score(exact, x.castTo(DataType.DOUBLE)), score(fast, x), 1e-5);
    assertArrayEquals(
        gradient(exact, x.castTo(DataType.DOUBLE)).toFloatVector(),
        gradient(fast, x).toFloatVector(),
        1e-4f);
  }

  @ParameterizedTest
  @MethodSource("vertices")
  void jsonYamlAndCloneKeepTheSettings(GraphVertex sum) {
    ComputationGraphConfiguration conf = network(DataType.FLOAT, sum, false).getConfiguration();
    assertEquals(conf, ComputationGraphConfiguration.fromJson(conf.toJson()));
    assertEquals(conf, ComputationGraphConfiguration.fromYaml(conf.toYaml()));
    assertEquals(sum, sum.clone());
    assertNotEquals(sum, new ResidualVertex(0.123));
  }

  @Test
  void dropsWholeSamplesAndKeepsTheMean() {
    INDArray ones = Nd4j.ones(DataType.FLOAT, 2000, 2, 3);
    Nd4j.getRandom().setSeed(4);
    DropPath drop = new DropPath(0.3);
    INDArray out = drop.applyDropout(ones, ones.dup(), 0, 0, LayerWorkspaceMgr.noWorkspaces());
    INDArray perSample = out.reshape(2000, 6);
    double kept = 0;
    for (int i = 0; i < 2000; i++) {
      double first = perSample.getDouble(i, 0);
      assertTrue(first == 0 || Math.abs(first - 1 / 0.7) < 1e-6);
      assertEquals(6 * first, perSample.getRow(i).sumNumber().doubleValue(), 1e-5);
      kept += first > 0 ? 1 : 0;
    }
    assertEquals(0.7, kept / 2000, 0.05);
    INDArray back = drop.backprop(ones, ones.dup(), 0, 0);
    assertEquals(out, back); // the same samples
    Nd4j.getRandom().setSeed(4);
    INDArray again =
        new DropPath(0.3).applyDropout(ones, ones.dup(), 0, 0, LayerWorkspaceMgr.noWorkspaces());
    assertEquals(out, again);
  }

  @Test
  void nothingIsDroppedInEvaluation() {
    INDArray x = images(DataType.FLOAT, 5);
    ComputationGraph with = network(DataType.FLOAT, new ResidualVertex(0.9), false);
    ComputationGraph without = network(DataType.FLOAT, new ResidualVertex(), false);
    without.setParams(with.params());
    assertEquals(without.outputSingle(x), with.outputSingle(x));
  }

  @Test
  void ratesRiseLinearlyOverAllBlocks() {
    double[][] rates = DropPath.rates(0.3, 1, 2, 1);
    assertArrayEquals(new double[] {0}, rates[0]);
    assertArrayEquals(new double[] {0.1, 0.2}, rates[1], 1e-12);
    assertArrayEquals(new double[] {0.3}, rates[2], 1e-12);
    assertArrayEquals(new double[] {0}, DropPath.rates(0.3, 1)[0]);
  }

  @Test
  void dropPathIsADl4jDropout() {
    ComputationGraphConfiguration conf =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(InputType.feedForward(3))
            .addLayer("drop", new DropoutLayer.Builder().dropOut(new DropPath(0.2)).build(), "in")
            .addLayer("out", new OutputLayer.Builder().nOut(3).build(), "drop")
            .setOutputs("out")
            .build();
    assertEquals(conf, ComputationGraphConfiguration.fromJson(conf.toJson()));
    ComputationGraph network = new ComputationGraph(conf);
    network.init();
    network.fit(new DataSet(Nd4j.rand(4, 3), labels(DataType.FLOAT, 4)));
  }

  @Test
  void inputsOfDifferentShapesAreRefused() {
    assertThrows(
        InvalidInputTypeException.class,
        () ->
            new ResidualVertex()
                .getOutputType(0, LayerCase.image(2, 2, 3), LayerCase.image(2, 2, 4)));
  }
}
