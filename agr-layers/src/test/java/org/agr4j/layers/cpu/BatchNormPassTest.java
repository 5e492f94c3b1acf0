package org.agr4j.layers.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The passes of batch norm against the formula in DOUBLE, one element after the other. */
class BatchNormPassTest {
  private static final double EPSILON = 1e-5;

  @ParameterizedTest
  @CsvSource({
    "1, 1, 2, 2",
    "2, 3, 5, 7",
    "3, 16, 8, 8",
    "1, 1030, 3, 2",
    "2, 1024, 2, 2",
    "4, 65, 33, 31",
    "7, 1, 64, 64",
    "5, 341, 9, 1"
  })
  void agreeWithTheFormula(int batch, int channels, int height, int width) {
    Random random = new Random(batch + channels);
    for (CNN2DFormat format : CNN2DFormat.values()) {
      boolean first = format == CNN2DFormat.NCHW;
      long[] shape =
          first
              ? new long[] {batch, channels, height, width}
              : new long[] {batch, height, width, channels};
      INDArray x = random(random, 5, shape); // far from 0, where sums of squares cancel
      INDArray dOut = random(random, 0.5, shape);
      INDArray gamma = random(random, 1, 1, channels);
      INDArray beta = random(random, 0, 1, channels);
      INDArray mean = Nd4j.create(DataType.FLOAT, channels);
      INDArray variance = Nd4j.create(DataType.FLOAT, channels);
      INDArray out = x.ulike();
      INDArray dGamma = gamma.ulike();
      INDArray dBeta = beta.ulike();
      INDArray dIn = x.ulike();
      BatchNormPass pass = BatchNormPass.over(x, format, gamma, EPSILON);
      pass.statistics(mean, variance);
      pass.normalize(mean, variance, beta, out);
      pass.backward(mean, variance, dOut, dGamma, dBeta, dIn);

      int[] ofChannel = first ? new int[] {1, 0, 2, 3} : new int[] {3, 0, 1, 2};
      for (int c = 0; c < channels; c += 1 + channels / 20) {
        double[] xs = channel(x, ofChannel, c);
        double[] dys = channel(dOut, ofChannel, c);
        double m = xs.length;
        double mu = 0;
        for (double value : xs) {
          mu += value / m;
        }
        double sigma2 = 0;
        double sumDy = 0;
        double sumProducts = 0;
        for (int i = 0; i < m; i++) {
          sigma2 += (xs[i] - mu) * (xs[i] - mu) / m;
          sumDy += dys[i];
          sumProducts += dys[i] * (xs[i] - mu);
        }
        double s = 1 / Math.sqrt(sigma2 + EPSILON);
        assertEquals(mu, mean.getDouble(c), 1e-5, "mean");
        assertEquals(sigma2, variance.getDouble(c), 1e-5 * (1 + sigma2), "variance");
        assertEquals(sumDy, dBeta.getDouble(c), 1e-5 * m, "dBeta");
        assertEquals(s * sumProducts, dGamma.getDouble(c), 1e-5 * m, "dGamma");
        double g = gamma.getDouble(c);
        double[] ys = channel(out, ofChannel, c);
        double[] dxs = channel(dIn, ofChannel, c);
        for (int i = 0; i < m; i++) {
          double centered = xs[i] - mu;
          assertEquals(g * s * centered + beta.getDouble(c), ys[i], 2e-5, "y");
          double dx = g * s * (dys[i] - sumDy / m - centered * s * s * sumProducts / m);
          assertEquals(dx, dxs[i], 2e-5 * (1 + Math.abs(g * s)), "dx");
        }
      }
    }
  }

  private static INDArray random(Random random, double center, long... shape) {
    float[] values = new float[(int) Nd4j.createUninitialized(DataType.FLOAT, shape).length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (center + random.nextGaussian());
    }
    return Nd4j.create(values, shape, 'c');
  }

  private static double[] channel(INDArray array, int[] ofChannel, int c) {
    return array.permute(ofChannel).slice(c).dup('c').data().asDouble();
  }
}
