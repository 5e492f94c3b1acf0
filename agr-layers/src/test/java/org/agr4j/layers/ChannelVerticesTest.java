package org.agr4j.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agr4j.layers.cpu.ChannelShiftLoop;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A vector is added to all positions and gets the sum of their gradients; images are joined in
 * their channels, also after their configuration was cloned.
 */
class ChannelVerticesTest {
  private static final int N = 2;

  private static ComputationGraphConfiguration conf(DataType type, int shift) {
    return new NeuralNetConfiguration.Builder()
        .seed(5)
        .dataType(type)
        .updater(new NoOp())
        .weightInit(new NormalDistribution(0, 0.7))
        .graphBuilder()
        .addInputs("image", "time")
        .setInputTypes(LayerCase.image(2, 3, 3), InputType.feedForward(1))
        .addLayer("first", new PositionwiseDense.Builder().nOut(4).build(), "image")
        .addLayer("table", new TimeEmbedding.Builder().nOut(6).build(), "time")
        .addLayer("dense", new PositionwiseDense.Builder().nOut(shift).build(), "table")
        .addVertex("shifted", new ChannelShiftVertex(), "first", "dense")
        .addLayer("second", new PositionwiseDense.Builder().nOut(2).build(), "image")
        .addVertex("both", new ChannelConcatVertex(), "shifted", "second")
        .addLayer("vector", new ImageVector(), "both")
        .addLayer(
            "out",
            new LossLayer.Builder(LossFunction.MSE).activation(Activation.IDENTITY).build(),
            "vector")
        .setOutputs("out")
        .build();
  }

  private static ComputationGraph network(DataType type) {
    ComputationGraph network = new ComputationGraph(conf(type, 4).clone());
    network.init();
    Nd4j.getRandom().setSeed(2);
    network.setInputs(
        Nd4j.randn(DataType.DOUBLE, N, 2, 3, 3).castTo(type),
        Nd4j.createFromArray(new double[][] {{3}, {700}}).castTo(type));
    network.setLabels(Nd4j.randn(DataType.DOUBLE, N, 36).castTo(type));
    return network;
  }

  private static INDArray gradient(ComputationGraph network) {
    network.computeGradientAndScore();
    return network.gradient().gradient().div(N).castTo(DataType.DOUBLE);
  }

  @Test
  void gradientsAgreeWithDifferencesInBothTypes() {
    ComputationGraph network = network(DataType.DOUBLE);
    INDArray gradient = gradient(network);
    INDArray parameters = network.params();
    double step = 1e-6;
    for (int i = 0; i < parameters.length(); i++) {
      double at = parameters.getDouble(i);
      parameters.putScalar(i, at + step);
      network.computeGradientAndScore();
      double above = network.score();
      parameters.putScalar(i, at - step);
      network.computeGradientAndScore();
      parameters.putScalar(i, at);
      assertEquals((above - network.score()) / (2 * step), gradient.getDouble(i), 1e-7, "" + i);
    }
    ComputationGraph fast = network(DataType.FLOAT);
    fast.setParams(parameters.castTo(DataType.FLOAT));
    assertTrue(gradient(fast).sub(gradient).amaxNumber().doubleValue() < 1e-5);
  }

  /** One sample and more than there are chunks, one position, one channel, more than a piece. */
  @ParameterizedTest
  @CsvSource({"1, 1, 1", "1, 7, 3", "17, 3, 1", "3, 19, 5", "5, 33, 64", "20, 8, 96", "2, 3, 1100"})
  void shiftsInOnePassAsDoubleDoes(int samples, int side, int channels) {
    INDArray x = Nd4j.randn(DataType.DOUBLE, samples, side, side + 1, channels);
    INDArray shift = Nd4j.randn(DataType.DOUBLE, samples, channels);
    INDArray y = Nd4j.createUninitialized(DataType.FLOAT, x.shape(), 'c');
    ChannelShiftLoop.forward(x.castTo(DataType.FLOAT), shift.castTo(DataType.FLOAT), y);
    INDArray sum = x.add(shift.reshape('c', samples, 1, 1, channels));
    assertTrue(y.castTo(DataType.DOUBLE).sub(sum).amaxNumber().doubleValue() < 1e-6);

    INDArray dx = Nd4j.createUninitialized(DataType.FLOAT, x.shape(), 'c');
    INDArray dShift = Nd4j.createUninitialized(DataType.FLOAT, shift.shape(), 'c');
    INDArray dy = x.castTo(DataType.FLOAT);
    ChannelShiftLoop.backward(dy, dx, dShift);
    assertEquals(dy, dx);
    double error = dShift.castTo(DataType.DOUBLE).sub(x.sum(1, 2)).amaxNumber().doubleValue();
    assertTrue(error < 1e-6 * (10 + side * side), "off by " + error);
  }

  @Test
  void outputIsTheSum() {
    ComputationGraph network = network(DataType.DOUBLE);
    var found = network.feedForward(network.getInputs(), true);
    for (int n = 0; n < N; n++) {
      for (int c = 0; c < 4; c++) {
        double sum = found.get("first").getDouble(n, 1, 2, c) + found.get("dense").getDouble(n, c);
        assertEquals(sum, found.get("shifted").getDouble(n, 1, 2, c), 1e-14);
        assertEquals(sum, found.get("out").getDouble(n, c * 6 + 5), 1e-14, "channel by channel");
      }
      for (int c = 0; c < 2; c++) {
        double second = found.get("second").getDouble(n, 1, 2, c);
        assertEquals(second, found.get("out").getDouble(n, (4 + c) * 6 + 5), 1e-14);
      }
      double frequency = Math.pow(10_000, -2 / 6.0);
      double time = n == 0 ? 3 : 700;
      assertEquals(Math.cos(time * frequency), found.get("table").getDouble(n, 3), 1e-14);
    }
  }

  @Test
  void jsonKeepsTheConfigurationAndWrongInputIsNamed() {
    ComputationGraphConfiguration conf = conf(DataType.FLOAT, 4);
    assertEquals(conf, ComputationGraphConfiguration.fromJson(conf.toJson()));
    Exception e = assertThrows(Exception.class, () -> conf(DataType.FLOAT, 5));
    assertTrue(String.valueOf(e).contains("ChannelShiftVertex: expected an NHWC image"), "" + e);
    Exception other =
        assertThrows(
            Exception.class,
            () ->
                new ChannelConcatVertex()
                    .getOutputType(0, LayerCase.image(2, 3, 3), LayerCase.image(3, 3, 3)));
    assertTrue(
        String.valueOf(other).contains("ChannelConcatVertex: expected two NHWC"), "" + other);
    ComputationGraph network = network(DataType.FLOAT);
    Exception two =
        assertThrows(
            Exception.class,
            () -> network.output(Nd4j.rand(N, 2, 3, 3), Nd4j.rand(DataType.FLOAT, N, 2)));
    assertTrue(two.getMessage().contains("expected times [N, 1]"), two.getMessage());
    assertThrows(IllegalArgumentException.class, () -> new TimeEmbedding.Builder().nOut(5).build());
  }
}
