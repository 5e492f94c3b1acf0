package org.agr4j.layers.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** A 3×3 convolution in tiles and its gradients are conv2d and conv2d_bp in DOUBLE. */
class TiledConvolutionTest {
  // Of the largest number; the transformations multiply by up to 8 and divide by up to 24.
  private static final double TOLERANCE = 2e-5;

  @ParameterizedTest(name = "{0} images {1}×{2}, {3} to {4} channels")
  @CsvSource({
    "1, 1, 1, 1, 1",
    "2, 1, 5, 3, 2",
    "3, 2, 3, 1, 5",
    "1, 4, 4, 16, 16",
    "2, 5, 8, 7, 20",
    "4, 6, 7, 33, 9",
    "2, 9, 12, 64, 65",
    "17, 8, 8, 24, 16",
    "3, 13, 17, 20, 12",
    "1, 33, 34, 8, 4",
    "2, 3, 70, 40, 8",
    "2, 8, 8, 1100, 6",
    "2, 8, 4, 6, 1030",
    "8, 16, 16, 64, 128",
    "8, 4, 4, 256, 256"
  })
  void isTheConvolution(int samples, int height, int width, int in, int out) {
    Nd4j.getRandom().setSeed(100L * height + in);
    INDArray x = Nd4j.randn(DataType.FLOAT, samples, height, width, in).addi(0.3);
    INDArray w = Nd4j.randn(DataType.FLOAT, out, 3, 3, in);
    INDArray dy = Nd4j.randn(DataType.FLOAT, samples, height, width, out).addi(0.2);
    INDArray y = junk(dy.shape());
    INDArray dx = junk(x.shape());
    INDArray dw = junk(w.shape());
    TiledConvolution tiled =
        new TiledConvolution(samples, height, width, TiledConvolutionTest::junk);
    tiled.forward(x, w, y);
    tiled.backward(x, w, dy, dx, dw);

    INDArray expected = Nd4j.create(DataType.DOUBLE, y.shape());
    Nd4j.exec(operation("conv2d").addInputs(exact(x), exact(w)).addOutputs(expected).build());
    close(expected, y);
    INDArray ofInput = Nd4j.create(DataType.DOUBLE, x.shape());
    INDArray ofWeights = Nd4j.create(DataType.DOUBLE, w.shape());
    Nd4j.exec(
        operation("conv2d_bp")
            .addInputs(exact(x), exact(w), exact(dy))
            .addOutputs(ofInput, ofWeights)
            .build());
    close(ofInput, dx);
    close(ofWeights, dw);
  }

  /** What memory held before is not to be seen. */
  private static INDArray junk(long... shape) {
    return Nd4j.valueArrayOf(shape, Float.NaN, DataType.FLOAT);
  }

  private static INDArray exact(INDArray x) {
    return x.castTo(DataType.DOUBLE);
  }

  private static DynamicCustomOp.DynamicCustomOpsBuilder operation(String name) {
    return DynamicCustomOp.builder(name).addIntegerArguments(3, 3, 1, 1, 1, 1, 1, 1, 0, 1, 2);
  }

  private static void close(INDArray expected, INDArray actual) {
    double largest = expected.amaxNumber().doubleValue();
    double off = expected.sub(exact(actual)).amaxNumber().doubleValue();
    assertTrue(off <= TOLERANCE * largest, () -> off + " of " + largest);
  }

  @Test
  void isLeftToOneDnnForLargeBatchesAndFewChannels() {
    assertEquals(true, pays(8, 16, 64, 64));
    assertEquals(false, pays(16, 16, 64, 64));
    assertEquals(false, pays(8, 16, 32, 64));
    assertEquals(false, pays(8, 16, 64, 32));
    assertEquals(false, pays(2, 8, 64, 64));
    assertEquals(false, pays(8, 256, 256, 256));
  }

  private static boolean pays(int samples, int side, int in, int out) {
    return TiledConvolution.pays(
        Nd4j.createUninitialized(DataType.FLOAT, samples, side, side, in),
        Nd4j.createUninitialized(DataType.FLOAT, out, 3, 3, in));
  }
}
