package org.agr4j.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agr4j.updater.AdamWAgr;
import org.agr4j.updater.AgrMode;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;

/** Theorem 4.2 of the paper: Ψ as a learning rate of each element (docs/theory.md). */
class LearningRateTheoremTest {
  private static final AdamWAgr CONFIG = AdamWAgr.builder().learningRate(1).epsilon(1e-30).build();

  private static double[] lastUpdate(AgrMode mode, double[]... gradients) {
    AdamWAgr config = CONFIG.withMode(mode);
    int n = gradients[0].length;
    GradientUpdater<?> updater =
        config.instantiate(Nd4j.create(DataType.DOUBLE, config.stateSize(n)), true);
    INDArray update = null;
    for (int t = 0; t < gradients.length; t++) {
      update = Nd4j.createFromArray(gradients[t]);
      updater.applyUpdater(update, t, 0);
    }
    return update.toDoubleVector();
  }

  private static double[][] repeated(int steps, double... g) {
    double[][] all = new double[steps][];
    for (int t = 0; t < steps; t++) {
      all[t] = g.clone();
    }
    return all;
  }

  /** The case of the paper's proof: shares that stay the same over all steps. */
  @Test
  void constantSharesMakeTheRateOneMinusTheShareInTheFirstMoment() {
    double[] g = {3, -1, 0.5, 0.5};
    double[] plain = lastUpdate(AgrMode.OFF, repeated(7, g));
    double[] agr = lastUpdate(AgrMode.FIRST_MOMENT, repeated(7, g));
    double[] shares = {0.6, 0.2, 0.1, 0.1};
    for (int i = 0; i < g.length; i++) {
      assertEquals((1 - shares[i]) * plain[i], agr[i], 1e-12);
    }
  }

  /** The root of the second moment divides by the same 1 − α that the first was multiplied by. */
  @Test
  void constantSharesChangeNothingInAllMoments() {
    double[] g = {3, -1, 0.5, 0.5};
    double[] plain = lastUpdate(AgrMode.OFF, repeated(7, g));
    double[] agr = lastUpdate(AgrMode.ALL_MOMENTS, repeated(7, g));
    for (int i = 0; i < g.length; i++) {
      assertEquals(plain[i], agr[i], 1e-12);
    }
  }

  /** Shares that change weigh the past anew, and the sum of it may have the other sign. */
  @Test
  void sharesThatChangeAreNoRateAndCanTurnTheDirectionAround() {
    double[][] gradients = {{1, 1000}, {-0.95, 0.01}};
    double[] plain = lastUpdate(AgrMode.OFF, gradients);
    double[] agr = lastUpdate(AgrMode.FIRST_MOMENT, gradients);
    assertTrue(plain[0] < 0, "downhill of the last gradient: " + plain[0]);
    assertTrue(agr[0] > 0, "and uphill of it: " + agr[0]);
  }

  /** |m − m_plain| ≤ max α · (1−β₁) Σ β₁ⁱ |g|, and so the step's. */
  @Test
  void theChangeIsAtMostTheLargestShareOfWhatWasSummed() {
    java.util.Random random = new java.util.Random(5);
    for (int trial = 0; trial < 50; trial++) {
      int n = 2 + random.nextInt(20);
      double[][] gradients = new double[6][n];
      double[] absolute = new double[n];
      double[] most = new double[n];
      for (double[] g : gradients) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
          g[i] = Math.pow(random.nextGaussian(), 3);
          sum += Math.abs(g[i]);
        }
        for (int i = 0; i < n; i++) {
          absolute[i] = 0.9 * absolute[i] + 0.1 * Math.abs(g[i]);
          most[i] = Math.max(most[i], Math.abs(g[i]) / sum);
        }
      }
      double[] plain = lastUpdate(AgrMode.OFF, copy(gradients));
      double[] agr = lastUpdate(AgrMode.FIRST_MOMENT, copy(gradients));
      double[] v = new double[n];
      for (double[] g : gradients) {
        for (int i = 0; i < n; i++) {
          v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
        }
      }
      for (int i = 0; i < n; i++) {
        double scale = Math.sqrt(v[i] / (1 - Math.pow(0.999, 6))) * (1 - Math.pow(0.9, 6));
        double bound = most[i] * absolute[i] / scale;
        assertTrue(Math.abs(agr[i] - plain[i]) <= bound * (1 + 1e-9), "trial " + trial);
      }
    }
  }

  private static double[][] copy(double[][] a) {
    return java.util.Arrays.stream(a).map(double[]::clone).toArray(double[][]::new);
  }
}
