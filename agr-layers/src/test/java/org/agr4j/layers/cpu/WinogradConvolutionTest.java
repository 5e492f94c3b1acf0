package org.agr4j.layers.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** A 3×3 convolution as the data gradient of another is the operation conv2d in DOUBLE. */
class WinogradConvolutionTest {
  // Of the largest output; Winograd's transformations multiply by up to 8 and divide by up to 24.
  private static final double TOLERANCE = 2e-5;

  @BeforeAll
  static void needsOneDnn() {
    Assumptions.assumeTrue(FastCpuLayers.oneDnnBuilt());
  }

  @ParameterizedTest(name = "{0} images, {1} to {2} channels, side {3}")
  @CsvSource({
    "1, 16, 16, 1",
    "3, 16, 32, 2",
    "2, 32, 16, 3",
    "5, 48, 16, 4",
    "1, 16, 80, 5",
    "2, 64, 64, 6",
    "4, 64, 128, 8",
    "3, 128, 64, 7",
    "2, 32, 48, 13",
    "2, 16, 16, 33",
    "32, 64, 64, 16",
    "8, 256, 256, 4"
  })
  void isTheConvolution(int batch, int in, int out, int side) {
    Nd4j.getRandom().setSeed(1000L * side + in);
    INDArray x = Nd4j.randn(DataType.FLOAT, batch, in, side, side).addi(0.3);
    INDArray w = Nd4j.randn(DataType.FLOAT, out, in, 3, 3);
    int[] three = {3, 3};
    int[] one = {1, 1};
    assertTrue(WinogradConvolution.fits(x, false, w, three, one, one, false));
    INDArray expected = Nd4j.create(DataType.DOUBLE, batch, out, side, side);
    Nd4j.exec(
        DynamicCustomOp.builder("conv2d")
            .addInputs(x.castTo(DataType.DOUBLE), w.castTo(DataType.DOUBLE))
            .addOutputs(expected)
            .addIntegerArguments(3, 3, 1, 1, 1, 1, 1, 1, 0, 0, 1)
            .build());
    INDArray turned = Nd4j.createUninitialized(DataType.FLOAT, 3, 3, out, in);
    INDArray first = Nd4j.createUninitialized(DataType.FLOAT, batch, out, side, side);
    WinogradConvolution.forward(x, w, false, turned, first);
    close(expected, first);
    INDArray last = Nd4j.createUninitialized(DataType.FLOAT, batch, side, side, out);
    WinogradConvolution.forward(x.permute(0, 2, 3, 1).dup('c'), w, true, turned, last);
    close(expected, last.permute(0, 3, 1, 2));
  }

  /** The operation refuses some of them and gives wrong numbers for others. */
  @Test
  void imagesThatAreNotSquareAreLeftAlone() {
    int[] three = {3, 3};
    int[] one = {1, 1};
    INDArray w = Nd4j.create(DataType.FLOAT, 16, 32, 3, 3);
    INDArray first = Nd4j.create(DataType.FLOAT, 2, 32, 8, 7);
    assertFalse(WinogradConvolution.fits(first, false, w, three, one, one, false));
    INDArray last = Nd4j.create(DataType.FLOAT, 2, 7, 8, 32);
    assertFalse(WinogradConvolution.fits(last, true, w, three, one, one, false));
  }

  private static void close(INDArray expected, INDArray actual) {
    double largest = expected.amaxNumber().doubleValue();
    double off = expected.sub(actual.castTo(DataType.DOUBLE)).amaxNumber().doubleValue();
    assertTrue(off <= TOLERANCE * largest, () -> off + " of " + largest);
  }

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void layersThatTakeItAgree(CNN2DFormat format) {
    for (ConvolutionMode mode : List.of(ConvolutionMode.Same, ConvolutionMode.Truncate)) {
      for (boolean bias : new boolean[] {true, false}) {
        ConvolutionLayer.Builder second =
            ConvolutionCases.convolution(format, Activation.RELU.getActivationFunction())
                .nOut(32)
                .hasBias(bias)
                .convolutionMode(mode);
        if (mode == ConvolutionMode.Truncate) {
          second.padding(1, 1);
        }
        ConvolutionLayer first =
            ConvolutionCases.convolution(format, Activation.IDENTITY.getActivationFunction())
                .kernelSize(3, 2) // so that its output is square
                .nOut(16)
                .build();
        Agreement agreement =
            new Agreement(ConvolutionCases.network(format, first, second.build()));
        agreement.check(ConvolutionCases.data(format, 3));
        DataSet other = ConvolutionCases.data(format, 2);
        for (INDArray images : Layouts.of(other.getFeatures())) {
          assertEquals(other.getFeatures(), images);
          agreement.check(new DataSet(images, other.getLabels()));
        }
      }
    }
  }
}
