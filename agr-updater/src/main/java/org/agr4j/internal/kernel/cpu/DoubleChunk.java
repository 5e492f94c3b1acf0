package org.agr4j.internal.kernel.cpu;

import java.util.Arrays;
import org.agr4j.internal.kernel.Psi;
import org.agr4j.internal.kernel.StepCoefficients;

/**
 * A chunk of DOUBLE.
 *
 * <p>Every loop has a method of its own, reads and writes the same index of each array, and holds
 * no branch: so C2 turns it into vector code (0.9 ns an element for a whole AdamW step, measured
 * with 512-bit vectors). Look at the time of each loop when you change one.
 */
final class DoubleChunk extends Chunk {
  // Constant, and so are the distances in the loop of the sum: else it is no vector loop.
  private static final int LANES = SUM_LENGTH / 8;

  private final double[][] rows = new double[ROWS][LENGTH];
  private final double[] lanes = new double[LANES];

  @Override
  void read(int row, OffHeapArray from, long at, int n) {
    from.read(at, rows[row], n);
  }

  @Override
  void write(int row, OffHeapArray to, long at, int n) {
    to.write(at, rows[row], n);
  }

  @Override
  double absoluteSum(int n) {
    double[] g = rows[GRADIENT];
    if (n <= LANES) {
      return plainSum(g, n);
    }
    Arrays.fill(g, n, SUM_LENGTH, 0.0);
    foldToLanes(g, lanes);
    double sum = sumOf(lanes);
    return sum < Double.POSITIVE_INFINITY ? sum : plainSum(g, n);
  }

  /** lanes ← sums of eight |g|, in pairs, so that a sum is off by 3 roundings at most. */
  private static void foldToLanes(double[] g, double[] lanes) {
    for (int i = 0; i < LANES; i++) {
      lanes[i] =
          ((Math.abs(g[i]) + Math.abs(g[i + LANES]))
                  + (Math.abs(g[i + 2 * LANES]) + Math.abs(g[i + 3 * LANES])))
              + ((Math.abs(g[i + 4 * LANES]) + Math.abs(g[i + 5 * LANES]))
                  + (Math.abs(g[i + 6 * LANES]) + Math.abs(g[i + 7 * LANES])));
    }
  }

  private static double sumOf(double[] lanes) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    for (int i = 0; i < LANES; i += 4) {
      a += lanes[i];
      b += lanes[i + 1];
      c += lanes[i + 2];
      d += lanes[i + 3];
    }
    return (a + b) + (c + d);
  }

  /** Σ|g|, {@link Double#MAX_VALUE} where finite elements add up to more. */
  private static double plainSum(double[] g, int n) {
    double sum = 0;
    double largest = 0;
    for (int i = 0; i < n; i++) {
      sum += Math.abs(g[i]);
      largest = Math.max(largest, Math.abs(g[i]));
    }
    return sum == Double.POSITIVE_INFINITY && largest < sum ? Double.MAX_VALUE : sum;
  }

  @Override
  void adamW(int a, int b, double divisor, StepCoefficients c) {
    double[] g = rows[GRADIENT];
    double[] m = rows[FIRST_MOMENT];
    double[] v = rows[SECOND_MOMENT];
    double beta1 = c.first();
    double rest1 = (1 - c.first());
    double beta2 = c.second();
    double rest2 = (1 - c.second());
    double step = (c.learningRate() / c.firstCorrection());
    double root = (1 / Math.sqrt(c.secondCorrection()));
    double epsilon = c.epsilon();
    if (divisor == Psi.IDENTITY) {
      adamW(g, m, v, a, b, beta1, rest1, beta2, rest2, step, root, epsilon);
      return;
    }
    double scale = scale(divisor);
    double inverse = inverse(divisor * scale);
    if (c.psiInAllMoments()) {
      psi(g, a, b, scale, inverse);
      adamW(g, m, v, a, b, beta1, rest1, beta2, rest2, step, root, epsilon);
    } else {
      adamWAgr(g, m, v, a, b, scale, inverse, beta1, rest1, beta2, rest2, step, root, epsilon);
    }
  }

  /** A power of two that brings the divisor, and its inverse, into the range of DOUBLE. */
  private static double scale(double divisor) {
    return divisor < 0x1p-1000 ? 0x1p100 : divisor > 0x1p1000 ? 0x1p-100 : 1;
  }

  /** 1 / d, rounded down: then |g| / d never passes 1, and Ψ never flips a sign. */
  private static double inverse(double d) {
    double inverse = 1 / d;
    return inverse * d > 1 ? Math.nextDown(inverse) : inverse;
  }

  private static void psi(double[] g, int a, int b, double scale, double inverse) {
    for (int i = a; i < b; i++) {
      g[i] = g[i] * (1 - Math.abs(g[i]) * scale * inverse);
    }
  }

  private static void adamW(
      double[] g,
      double[] m,
      double[] v,
      int a,
      int b,
      double beta1,
      double rest1,
      double beta2,
      double rest2,
      double step,
      double root,
      double epsilon) {
    for (int i = a; i < b; i++) {
      double gi = g[i];
      double mi = beta1 * m[i] + rest1 * gi;
      double vi = beta2 * v[i] + rest2 * (gi * gi);
      m[i] = mi;
      v[i] = vi;
      g[i] = step * mi / (Math.sqrt(vi) * root + epsilon);
    }
  }

  private static void adamWAgr(
      double[] g,
      double[] m,
      double[] v,
      int a,
      int b,
      double scale,
      double inverse,
      double beta1,
      double rest1,
      double beta2,
      double rest2,
      double step,
      double root,
      double epsilon) {
    for (int i = a; i < b; i++) {
      double gi = g[i];
      double mi = beta1 * m[i] + rest1 * (gi * (1 - Math.abs(gi) * scale * inverse));
      double vi = beta2 * v[i] + rest2 * (gi * gi);
      m[i] = mi;
      v[i] = vi;
      g[i] = step * mi / (Math.sqrt(vi) * root + epsilon);
    }
  }

  @Override
  void adan(int a, int b, double divisor, StepCoefficients c) {
    double[] g = rows[GRADIENT];
    double[] m = rows[FIRST_MOMENT];
    double[] d = rows[DIFFERENCE];
    double[] n = rows[SECOND_MOMENT];
    double[] last = rows[LAST_GRADIENT];
    double beta1 = c.first();
    double rest1 = (1 - c.first());
    double beta2 = c.difference();
    double rest2 = (1 - c.difference());
    double beta3 = c.second();
    double rest3 = (1 - c.second());
    boolean identity = divisor == Psi.IDENTITY;
    double scale = scale(divisor);
    double inverse = inverse(divisor * scale);
    if (c.psiInAllMoments() && !identity) {
      psi(g, a, b, scale, inverse);
    }
    if (c.firstStep()) {
      System.arraycopy(g, a, last, a, b - a);
    }
    if (c.psiInAllMoments() || identity) {
      adanMoments(g, m, d, n, last, a, b, beta1, rest1, beta2, rest2, beta3, rest3);
    } else {
      adanMomentsAgr(
          g, m, d, n, last, a, b, scale, inverse, beta1, rest1, beta2, rest2, beta3, rest3);
    }
    System.arraycopy(g, a, last, a, b - a);
    double step = (c.learningRate() / c.firstCorrection());
    double stepD = (c.learningRate() * c.difference() / c.differenceCorrection());
    double root = (1 / Math.sqrt(c.secondCorrection()));
    adanUpdate(g, m, d, n, a, b, step, stepD, root, c.epsilon());
  }

  private static void adanMoments(
      double[] g,
      double[] m,
      double[] d,
      double[] n,
      double[] last,
      int a,
      int b,
      double beta1,
      double rest1,
      double beta2,
      double rest2,
      double beta3,
      double rest3) {
    for (int i = a; i < b; i++) {
      double gi = g[i];
      double difference = gi - last[i];
      double ahead = gi + beta2 * difference;
      m[i] = beta1 * m[i] + rest1 * gi;
      d[i] = beta2 * d[i] + rest2 * difference;
      n[i] = beta3 * n[i] + rest3 * (ahead * ahead);
    }
  }

  private static void adanMomentsAgr(
      double[] g,
      double[] m,
      double[] d,
      double[] n,
      double[] last,
      int a,
      int b,
      double scale,
      double inverse,
      double beta1,
      double rest1,
      double beta2,
      double rest2,
      double beta3,
      double rest3) {
    for (int i = a; i < b; i++) {
      double gi = g[i];
      double difference = gi - last[i];
      double ahead = gi + beta2 * difference;
      m[i] = beta1 * m[i] + rest1 * (gi * (1 - Math.abs(gi) * scale * inverse));
      d[i] = beta2 * d[i] + rest2 * difference;
      n[i] = beta3 * n[i] + rest3 * (ahead * ahead);
    }
  }

  private static void adanUpdate(
      double[] g,
      double[] m,
      double[] d,
      double[] n,
      int a,
      int b,
      double step,
      double stepD,
      double root,
      double epsilon) {
    for (int i = a; i < b; i++) {
      g[i] = (step * m[i] + stepD * d[i]) / (Math.sqrt(n[i]) * root + epsilon);
    }
  }
}
