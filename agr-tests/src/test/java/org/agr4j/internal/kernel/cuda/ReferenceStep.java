package org.agr4j.internal.kernel.cuda;

import org.agr4j.internal.kernel.Optimizer;
import org.agr4j.internal.kernel.StepNumbers;
import org.agr4j.internal.layout.TensorBoundaries;

/** One step as the formulas at AdamWAgr and AdanAgr say it, in double, element by element. */
final class ReferenceStep {
  private ReferenceStep() {}

  /**
   * Replaces a block's rows by the next ones.
   *
   * @param rows as in {@link GuardedBlock}
   */
  static void step(double[][] rows, TensorBoundaries tensors, StepNumbers c, Optimizer optimizer) {
    double[] steps = rows[rows.length - 2];
    for (int i = 0; i < tensors.count(); i++) {
      int a = (int) tensors.start(i);
      int b = (int) tensors.end(i);
      double sum = 0;
      for (int j = a; j < b; j++) {
        sum += Math.abs(rows[0][j]);
      }
      if (c.restartEvery() > 0 && steps[i] >= c.restartEvery()) {
        steps[i] = 0;
        for (int row = 1; row < rows.length - 2; row++) {
          java.util.Arrays.fill(rows[row], a, b, 0);
        }
      }
      if (c.skipIfNonFinite() && !Double.isFinite(sum)) {
        java.util.Arrays.fill(rows[0], a, b, 0);
        rows[rows.length - 1][i]++;
        continue;
      }
      steps[i]++;
      double share = sum == 0 || b - a == 1 ? 0 : c.strength() / sum;
      for (int j = a; j < b; j++) {
        if (optimizer == Optimizer.ADAN) {
          adan(rows, j, share, c, steps[i]);
        } else {
          adamW(rows, j, share, c, steps[i]);
        }
      }
    }
  }

  private static void adamW(double[][] rows, int j, double share, StepNumbers c, double t) {
    double g = rows[0][j];
    double psi = g * (1 - Math.abs(g) * share);
    double seen = c.psiInAllMoments() ? psi : g;
    double m = c.beta1() * rows[1][j] + (1 - c.beta1()) * psi;
    double v = c.beta2() * rows[2][j] + (1 - c.beta2()) * seen * seen;
    rows[1][j] = m;
    rows[2][j] = v;
    double first = m / (1 - Math.pow(c.beta1(), t));
    double second = v / (1 - Math.pow(c.beta2(), t));
    rows[0][j] = c.learningRate() * first / (Math.sqrt(second) + c.epsilon());
  }

  private static void adan(double[][] rows, int j, double share, StepNumbers c, double t) {
    double g = rows[0][j];
    double psi = g * (1 - Math.abs(g) * share);
    double seen = c.psiInAllMoments() ? psi : g;
    double difference = t == 1 ? 0 : seen - rows[4][j];
    double ahead = seen + c.beta2() * difference;
    double m = c.beta1() * rows[1][j] + (1 - c.beta1()) * psi;
    double d = c.beta2() * rows[2][j] + (1 - c.beta2()) * difference;
    double n = c.beta3() * rows[3][j] + (1 - c.beta3()) * ahead * ahead;
    rows[1][j] = m;
    rows[2][j] = d;
    rows[3][j] = n;
    rows[4][j] = seen;
    double first = m / (1 - Math.pow(c.beta1(), t)) + c.beta2() * d / (1 - Math.pow(c.beta2(), t));
    double second = Math.sqrt(n) / Math.sqrt(1 - Math.pow(c.beta3(), t));
    rows[0][j] = c.learningRate() * first / (second + c.epsilon());
  }
}
