package org.agr4j.layers.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** A network with CPU helpers computes what plain DL4J computes, within FLOAT rounding. */
class LayerAgreementTest {
  // Of the largest element: sums of a few hundred products, in another order.
  private static final double TOLERANCE = 2e-5;

  static Stream<Arguments> layers() {
    return Stream.of(
        layer("convolution 3x3", convolution(3, 1, false).build()),
        layer("convolution 3x3 with bias", convolution(3, 1, true).build()),
        layer("convolution 1x1", convolution(1, 1, false).build()),
        layer("convolution 3x3 stride 2", convolution(3, 2, false).build()),
        layer("convolution 1x1 stride 2", convolution(1, 2, true).build()),
        layer("convolution 5x5 same", same(convolution(5, 2, true)).build()),
        layer("convolution ReLU", convolution(3, 1, true).activation(Activation.RELU).build()),
        layer("convolution tanh", convolution(3, 1, true).activation(Activation.TANH).build()),
        layer("convolution ReLU6", relu6(convolution(3, 1, true)).build()),
        layer("convolution dropout", convolution(3, 1, true).dropOut(1.0).build()),
        layer("batch norm", new BatchNormalization()),
        layer("batch norm log std", new BatchNormalization.Builder().useLogStd(true).build()),
        layer("ReLU", new ActivationLayer(Activation.RELU)),
        layer("dropout off", new DropoutLayer(1.0)),
        layer("max pool", new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build()),
        layer("dense", new DenseLayer.Builder().nOut(20).activation(Activation.RELU).build()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layers")
  void layerAgrees(String name, Layer layer) {
    assertAgree(SmallNetworks.around(layer), SmallNetworks.around(layer), 9);
  }

  @Test
  void residualBlocksAgree() {
    assertAgree(SmallNetworks.residual(), SmallNetworks.residual(), 8);
  }

  /** Convolutions with ReLU whose activations go to several places. */
  @Test
  void branchesAgree() {
    ComputationGraph fast = SmallNetworks.branches();
    assertTrue(KeptActivations.keepTheirSigns(fast));
    assertAgree(SmallNetworks.branches(), fast, 7);
  }

  /** What is flattened for a dense layer or a loss is another layer's input, too. */
  @Test
  void flattenedBranchesAgree() {
    for (Layer flat :
        List.of(
            new DenseLayer.Builder().nOut(6).dropOut(new GaussianNoise(1)).build(),
            new LossLayer.Builder(LossFunction.MSE).activation(Activation.TANH).build())) {
      ComputationGraph fast = SmallNetworks.flattened(flat);
      FastCpuLayers.install(fast);
      ComputationGraph plain = SmallNetworks.flattened(flat);
      assertStepsAgree(plain, fast, SmallNetworks.twoLabels(4, plain));
    }
  }

  /** DL4J's batch norm keeps a normalized copy; another layer may overwrite what it normalized. */
  @Test
  void batchNormOfWhatIsOverwrittenAgrees() {
    ComputationGraph plain = SmallNetworks.besideNoise();
    ComputationGraph fast = SmallNetworks.besideNoise();
    FastCpuLayers.install(fast);
    DataSet data = SmallNetworks.data(4, 1);
    assertStepsAgree(plain, fast, data.toMultiDataSet());
  }

  private static void assertStepsAgree(
      ComputationGraph plain, ComputationGraph fast, MultiDataSet data) {
    for (ComputationGraph network : List.of(plain, fast)) {
      Nd4j.getRandom().setSeed(3);
      network.fit(data);
      network.fit(data);
    }
    assertClose("parameters", plain.params(), fast.params(), TOLERANCE);
  }

  @Test
  void batchNormAfterDenseAgrees() {
    assertAgree(SmallNetworks.denseBatchNorm(), SmallNetworks.denseBatchNorm(), 16);
  }

  @Test
  void batchSizesMayChangeAndInferenceMayComeBetween() {
    ComputationGraph plain = SmallNetworks.residual();
    ComputationGraph fast = SmallNetworks.residual();
    FastCpuLayers.install(fast);
    for (int batch : new int[] {8, 3, 8, 1}) {
      DataSet data = SmallNetworks.data(batch, batch);
      plain.fit(data);
      fast.fit(data);
      INDArray images = SmallNetworks.data(5, 99).getFeatures();
      assertClose("output", plain.outputSingle(images), fast.outputSingle(images), 10 * TOLERANCE);
    }
    // Batch norm's running mean and variance are parameters, so they are compared too.
    assertClose("parameters", plain.params(), fast.params(), 10 * TOLERANCE);
  }

  @Test
  void scoringATrainedBatchDoesNotDisturbTheGradient() {
    ComputationGraph plain = SmallNetworks.residual();
    ComputationGraph fast = SmallNetworks.residual();
    FastCpuLayers.install(fast);
    DataSet data = SmallNetworks.data(6, 6);
    fast.score(data, true);
    fast.score(data, false);
    plain.score(data, true);
    assertGradientsAgree(plain, fast, data);
  }

  private static void assertAgree(ComputationGraph plain, ComputationGraph fast, int batch) {
    FastCpuLayers.install(fast);
    DataSet data = SmallNetworks.data(batch, 1);
    for (boolean training : new boolean[] {true, false}) {
      Map<String, INDArray> expected = plain.feedForward(data.getFeatures(), training);
      Map<String, INDArray> actual = fast.feedForward(data.getFeatures(), training);
      assertEquals(expected.keySet(), actual.keySet());
      expected.forEach((name, a) -> assertClose(name, a, actual.get(name), TOLERANCE));
    }
    assertGradientsAgree(plain, fast, data);
  }

  /**
   * Against plain DL4J, and more closely against DL4J in DOUBLE, which shows whose rounding it is.
   */
  private static void assertGradientsAgree(
      ComputationGraph plain, ComputationGraph fast, DataSet data) {
    ComputationGraph exact = plain.convertDataType(DataType.DOUBLE);
    Map<String, INDArray> expected = gradients(exact, data);
    Map<String, INDArray> ofPlain = gradients(plain, data);
    Map<String, INDArray> actual = gradients(fast, data);
    assertEquals(expected.keySet(), actual.keySet());
    assertEquals(exact.score(), fast.score(), 1e-5);
    double largest = exact.gradient().gradient().amaxNumber().doubleValue();
    expected.forEach(
        (name, g) -> {
          // A gradient that is zero but for rounding (a bias before batch norm) has no scale.
          double scale = Math.max(g.amaxNumber().doubleValue(), 1e-3 * largest);
          assertDistance("gradient " + name, g, actual.get(name), TOLERANCE * scale);
          assertDistance(
              "gradient " + name, ofPlain.get(name), actual.get(name), 10 * TOLERANCE * scale);
        });
  }

  private static Map<String, INDArray> gradients(ComputationGraph network, DataSet data) {
    DataType type = network.params().dataType();
    network.setInput(0, data.getFeatures().castTo(type));
    network.setLabel(0, data.getLabels().castTo(type));
    network.computeGradientAndScore();
    return network.gradient().gradientForVariable();
  }

  private static void assertClose(String what, INDArray a, INDArray b, double tolerance) {
    assertDistance(what, a, b, tolerance * Math.max(1e-6, a.amaxNumber().doubleValue()));
  }

  private static void assertDistance(String what, INDArray a, INDArray b, double limit) {
    assertArrayEquals(a.shape(), b.shape(), what);
    double distance = a.castTo(b.dataType()).sub(b).amaxNumber().doubleValue();
    assertTrue(distance <= limit, () -> what + " is off by " + distance + ", limit " + limit);
  }

  private static Arguments layer(String name, Layer layer) {
    return Arguments.of(name, layer);
  }

  private static ConvolutionLayer.Builder convolution(int kernel, int stride, boolean bias) {
    return new ConvolutionLayer.Builder(kernel, kernel)
        .stride(stride, stride)
        .padding(kernel / 2, kernel / 2)
        .nOut(12)
        .hasBias(bias)
        .biasInit(bias ? 0.1 : 0)
        .activation(Activation.IDENTITY);
  }

  private static ConvolutionLayer.Builder same(ConvolutionLayer.Builder convolution) {
    return convolution.padding(0, 0).convolutionMode(ConvolutionMode.Same);
  }

  private static ConvolutionLayer.Builder relu6(ConvolutionLayer.Builder convolution) {
    return convolution.activation(new ActivationReLU(6.0, null, null));
  }
}
