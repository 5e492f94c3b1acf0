package org.agr4j.layers.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/**
 * The gradients of fast layers, in FLOAT, against differences of the score that plain DL4J computes
 * in DOUBLE: DL4J's own backward pass has no part in it.
 */
class FiniteDifferencesTest {
  private static final double STEP = 1e-5;
  private static final int SAMPLES = 25;

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void ofParametersAndInput(CNN2DFormat format) {
    Agreement agreement =
        new Agreement(
            ConvolutionCases.network(
                format,
                ConvolutionCases.convolution(format, Activation.RELU.getActivationFunction())
                    .convolutionMode(ConvolutionMode.Same)
                    .stride(2, 1)
                    .build(),
                ConvolutionCases.convolution(format, Activation.IDENTITY.getActivationFunction())
                    .hasBias(false)
                    .build(),
                new BatchNormalization.Builder().dataFormat(format).build(),
                ConvolutionCases.convolution(format, Activation.RELU.getActivationFunction())
                    .kernelSize(1, 1)
                    .build()));
    DataSet data = ConvolutionCases.data(format, 4);
    Pair<Gradient, INDArray> gradients = Agreement.backward(agreement.fast(), data);
    MultiLayerNetwork exact = agreement.fast().convertDataType(DataType.DOUBLE);
    INDArray images = data.getFeatures().castTo(DataType.DOUBLE);
    DataSet inDouble = new DataSet(images, data.getLabels().castTo(DataType.DOUBLE));

    for (String name : exact.paramTable().keySet()) {
      if (name.endsWith("mean") || name.endsWith("log10stdev")) {
        continue; // batch norm's statistics are no parameters of the score
      }
      INDArray gradient = gradients.getFirst().getGradientFor(name);
      // DL4J divides by the number of examples in the updater.
      check(name, exact.getParam(name), gradient.div(data.numExamples()), exact, inDouble);
    }
    check("input", images, gradients.getSecond().div(data.numExamples()), exact, inDouble);
  }

  private static void check(
      String name, INDArray values, INDArray gradient, MultiLayerNetwork network, DataSet data) {
    Random random = new Random(name.hashCode());
    double largest = gradient.amaxNumber().doubleValue();
    for (int i = 0; i < SAMPLES; i++) {
      long[] at = new long[values.rank()];
      for (int d = 0; d < at.length; d++) {
        at[d] = random.nextInt((int) values.size(d));
      }
      double value = values.getDouble(at);
      double above = scoreWith(values, at, value + STEP, network, data);
      double below = scoreWith(values, at, value - STEP, network, data);
      values.putScalar(at, value);
      double expected = (above - below) / (2 * STEP);
      assertEquals(expected, gradient.getDouble(at), 1e-4 * largest + 1e-8, name);
    }
  }

  private static double scoreWith(
      INDArray values, long[] at, double value, MultiLayerNetwork network, DataSet data) {
    values.putScalar(at, value);
    return network.score(data, true);
  }
}
