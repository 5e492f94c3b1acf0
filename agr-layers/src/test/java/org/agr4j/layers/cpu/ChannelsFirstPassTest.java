package org.agr4j.layers.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Batch norm's passes over images of few and many pixels, around the length of a chunk, and over
 * fewer and more channels than there are runs, against the formulas in DOUBLE.
 */
class ChannelsFirstPassTest {
  private static final double EPSILON = 1e-5;
  private static final double TOLERANCE = 2e-5;

  private INDArray x;
  private INDArray dy;
  private INDArray gamma;
  private INDArray beta;

  static List<long[]> shapes() {
    List<long[]> shapes = new ArrayList<>();
    for (int[] side : new int[][] {{1, 4}, {1, 5}, {4, 4}, {3, 7}, {31, 33}, {32, 32}, {25, 41}}) {
      for (int channels : new int[] {1, 3, 64, 65, 131}) {
        shapes.add(new long[] {3, channels, side[0], side[1]});
      }
    }
    shapes.add(new long[] {1, 2, 45, 46}); // two chunks and a rest
    return shapes;
  }

  private void draw(long[] shape) {
    Nd4j.getRandom().setSeed(5);
    x = Nd4j.randn(DataType.FLOAT, shape).addi(3);
    dy = Nd4j.randn(DataType.FLOAT, shape);
    gamma = Nd4j.rand(DataType.FLOAT, shape[1]);
    beta = Nd4j.rand(DataType.FLOAT, shape[1]);
  }

  private BatchNormPass pass() {
    return BatchNormPass.over(x, CNN2DFormat.NCHW, gamma, EPSILON);
  }

  private INDArray perChannel() {
    return Nd4j.create(DataType.FLOAT, gamma.length());
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void oneReadAndTwoGiveTheSameBits(long... shape) {
    draw(shape);
    INDArray mean = perChannel();
    INDArray variance = perChannel();
    INDArray y = x.ulike();
    pass().statistics(mean, variance);
    pass().normalize(mean, variance, beta, y);
    INDArray mean2 = perChannel();
    INDArray variance2 = perChannel();
    INDArray y2 = x.ulike();
    pass().forward(mean2, variance2, beta, y2);
    assertArrayEquals(mean.toFloatVector(), mean2.toFloatVector());
    assertArrayEquals(variance.toFloatVector(), variance2.toFloatVector());
    assertArrayEquals(y.data().asFloat(), y2.data().asFloat());
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void agreesWithTheFormulas(long... shape) {
    draw(shape);
    INDArray mean = perChannel();
    INDArray variance = perChannel();
    INDArray y = x.ulike();
    INDArray dx = x.ulike();
    INDArray dGamma = perChannel();
    INDArray dBeta = perChannel();
    pass().forward(mean, variance, beta, y);
    pass().backward(mean, variance, dy, dGamma, dBeta, dx);

    int[] others = {0, 2, 3};
    long[] column = {1, shape[1], 1, 1};
    double count = (double) x.length() / shape[1];
    INDArray in = x.castTo(DataType.DOUBLE);
    INDArray gradient = dy.castTo(DataType.DOUBLE);
    INDArray scale = gamma.castTo(DataType.DOUBLE).reshape(column);
    INDArray centered = in.sub(in.mean(true, others));
    INDArray square = centered.mul(centered).mean(true, others);
    INDArray s = Transforms.pow(square.add(EPSILON), -0.5);
    close(in.mean(others), mean);
    close(square, variance);
    close(centered.mul(s).mul(scale).add(beta.castTo(DataType.DOUBLE).reshape(column)), y);
    INDArray sum = gradient.sum(true, others);
    INDArray products = gradient.mul(centered).mul(s).sum(true, others);
    close(sum, dBeta);
    close(products, dGamma);
    INDArray slope = centered.mul(s).mul(products).div(count);
    close(gradient.sub(sum.div(count)).sub(slope).mul(s).mul(scale), dx);
  }

  /** Equal to a small part of the largest value. */
  private static void close(INDArray expected, INDArray found) {
    INDArray flat = found.castTo(DataType.DOUBLE).reshape(found.length());
    double largest = Math.max(1, expected.amaxNumber().doubleValue());
    double off = flat.sub(expected.reshape(expected.length())).amaxNumber().doubleValue();
    assertEquals(0, off / largest, TOLERANCE);
  }
}
