package org.agr4j.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.agr4j.regularization.DecoupledWeightDecay;
import org.agr4j.updater.AdamWAgr;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.regularization.L2Regularization;

/**
 * The paper's Algorithm 2 as printed, which decays twice: λθ is added to the gradient and
 * subtracted from the weights as well. DL4J's L2 beside ours gives it.
 */
class PrintedAlgorithmTest {
  private static final double RATE = 0.01;
  private static final double LAMBDA = 0.1;
  private static final double MULTIPLIER = 0.5;

  @Test
  void l2BesideDecoupledDecayIsAlgorithm2AsPrinted() {
    double[] theta = {1, -2, 0.5};
    double[] m = new double[3];
    double[] v = new double[3];
    // The printed decay has the schedule's multiplier, but not the rate, that ours is times.
    DecoupledWeightDecay decay = new DecoupledWeightDecay(LAMBDA / RATE);
    L2Regularization l2 = new L2Regularization(LAMBDA);
    AdamWAgr config = new AdamWAgr(MULTIPLIER * RATE);
    GradientUpdater<?> updater =
        config.instantiate(Nd4j.create(DataType.DOUBLE, config.stateSize(3)), true);
    INDArray parameters = Nd4j.createFromArray(theta.clone());
    for (int t = 1; t <= 5; t++) {
      double[] loss = {Math.cos(t), Math.sin(t), 0.3 * t};

      INDArray gradient = Nd4j.createFromArray(loss);
      l2.apply(parameters, gradient, MULTIPLIER * RATE, t - 1, 0);
      updater.applyUpdater(gradient, t - 1, 0);
      decay.apply(parameters, gradient, MULTIPLIER * RATE, t - 1, 0);
      parameters.subi(gradient);

      printed(theta, m, v, loss, t);
      for (int i = 0; i < 3; i++) {
        assertEquals(theta[i], parameters.getDouble(i), 1e-12, "step " + t);
      }
    }
  }

  private static void printed(double[] theta, double[] m, double[] v, double[] loss, int t) {
    double[] g = new double[3];
    double sum = 0;
    for (int i = 0; i < 3; i++) {
      g[i] = loss[i] + LAMBDA * theta[i];
      sum += Math.abs(g[i]);
    }
    for (int i = 0; i < 3; i++) {
      double shrunk = g[i] - g[i] * Math.abs(g[i]) / sum;
      m[i] = 0.9 * m[i] + 0.1 * shrunk;
      v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
      double mean = m[i] / (1 - Math.pow(0.9, t));
      double square = v[i] / (1 - Math.pow(0.999, t));
      theta[i] -= MULTIPLIER * (RATE * mean / (Math.sqrt(square) + 1e-8) + LAMBDA * theta[i]);
    }
  }
}
