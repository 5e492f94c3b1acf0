package org.agr4j.internal.kernel.cpu;

import java.util.Arrays;
import org.agr4j.internal.kernel.Psi;
import org.agr4j.internal.kernel.StepCoefficients;

/**
 * A chunk of FLOAT.
 *
 * <p>Every loop has a method of its own, reads and writes the same index of each array, and holds
 * no branch: so C2 turns it into vector code (0.3 ns an element for a whole AdamW step, measured
 * with 512-bit vectors). Look at the time of each loop when you change one.
 */
final class FloatChunk extends Chunk {
  // Constant, and so are the distances in the loop of the sum: else it is no vector loop.
  private static final int LANES = SUM_LENGTH / 8;

  private final float[][] rows = new float[ROWS][LENGTH];
  private final float[] lanes = new float[LANES];

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
    float[] g = rows[GRADIENT];
    if (n <= LANES) {
      return plainSum(g, n);
    }
    Arrays.fill(g, n, SUM_LENGTH, 0f);
    foldToLanes(g, lanes);
    double sum = sumOf(lanes);
    return sum < Double.POSITIVE_INFINITY ? sum : plainSum(g, n);
  }

  /** lanes ← sums of eight |g|, in pairs, so that a sum is off by 3 roundings at most. */
  private static void foldToLanes(float[] g, float[] lanes) {
    for (int i = 0; i < LANES; i++) {
      lanes[i] =
          ((Math.abs(g[i]) + Math.abs(g[i + LANES]))
                  + (Math.abs(g[i + 2 * LANES]) + Math.abs(g[i + 3 * LANES])))
              + ((Math.abs(g[i + 4 * LANES]) + Math.abs(g[i + 5 * LANES]))
                  + (Math.abs(g[i + 6 * LANES]) + Math.abs(g[i + 7 * LANES])));
    }
  }

  private static double sumOf(float[] lanes) {
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

  private static double plainSum(float[] g, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += Math.abs(g[i]);
    }
    return sum;
  }

  @Override
  void adamW(int a, int b, double divisor, StepCoefficients c) {
    float[] g = rows[GRADIENT];
    float[] m = rows[FIRST_MOMENT];
    float[] v = rows[SECOND_MOMENT];
    float beta1 = (float) c.first();
    float rest1 = (float) (1 - c.first());
    float beta2 = (float) c.second();
    float rest2 = (float) (1 - c.second());
    float step = (float) (c.learningRate() / c.firstCorrection());
    float root = (float) (1 / Math.sqrt(c.secondCorrection()));
    float epsilon = (float) c.epsilon();
    if (divisor == Psi.IDENTITY) {
      adamW(g, m, v, a, b, beta1, rest1, beta2, rest2, step, root, epsilon);
      return;
    }
    float scale = scale(divisor);
    float inverse = inverse(divisor * scale);
    if (c.psiInAllMoments()) {
      psi(g, a, b, scale, inverse);
      adamW(g, m, v, a, b, beta1, rest1, beta2, rest2, step, root, epsilon);
    } else {
      adamWAgr(g, m, v, a, b, scale, inverse, beta1, rest1, beta2, rest2, step, root, epsilon);
    }
  }

  /** A power of two that brings the divisor, and its inverse, into the range of FLOAT. */
  private static float scale(double divisor) {
    return divisor < 0x1p-100 ? 0x1p64f : divisor > 0x1p100 ? 0x1p-64f : 1f;
  }

  /** 1 / d, rounded down: then |g| / d never passes 1, and Ψ never flips a sign. */
  private static float inverse(double d) {
    float inverse = (float) (1 / d);
    return inverse * d > 1 ? Math.nextDown(inverse) : inverse;
  }

  private static void psi(float[] g, int a, int b, float scale, float inverse) {
    for (int i = a; i < b; i++) {
      g[i] = g[i] * (1f - Math.abs(g[i]) * scale * inverse);
    }
  }

  private static void adamW(
      float[] g,
      float[] m,
      float[] v,
      int a,
      int b,
      float beta1,
      float rest1,
      float beta2,
      float rest2,
      float step,
      float root,
      float epsilon) {
    for (int i = a; i < b; i++) {
      float gi = g[i];
      float mi = beta1 * m[i] + rest1 * gi;
      float vi = beta2 * v[i] + rest2 * (gi * gi);
      m[i] = mi;
      v[i] = vi;
      g[i] = step * mi / ((float) Math.sqrt(vi) * root + epsilon);
    }
  }

  private static void adamWAgr(
      float[] g,
      float[] m,
      float[] v,
      int a,
      int b,
      float scale,
      float inverse,
      float beta1,
      float rest1,
      float beta2,
      float rest2,
      float step,
      float root,
      float epsilon) {
    for (int i = a; i < b; i++) {
      float gi = g[i];
      float mi = beta1 * m[i] + rest1 * (gi * (1f - Math.abs(gi) * scale * inverse));
      float vi = beta2 * v[i] + rest2 * (gi * gi);
      m[i] = mi;
      v[i] = vi;
      g[i] = step * mi / ((float) Math.sqrt(vi) * root + epsilon);
    }
  }

  @Override
  void adan(int a, int b, double divisor, StepCoefficients c) {
    float[] g = rows[GRADIENT];
    float[] m = rows[FIRST_MOMENT];
    float[] d = rows[DIFFERENCE];
    float[] n = rows[SECOND_MOMENT];
    float[] last = rows[LAST_GRADIENT];
    float beta1 = (float) c.first();
    float rest1 = (float) (1 - c.first());
    float beta2 = (float) c.difference();
    float rest2 = (float) (1 - c.difference());
    float beta3 = (float) c.second();
    float rest3 = (float) (1 - c.second());
    boolean identity = divisor == Psi.IDENTITY;
    float scale = scale(divisor);
    float inverse = inverse(divisor * scale);
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
    float step = (float) (c.learningRate() / c.firstCorrection());
    float stepD = (float) (c.learningRate() * c.difference() / c.differenceCorrection());
    float root = (float) (1 / Math.sqrt(c.secondCorrection()));
    adanUpdate(g, m, d, n, a, b, step, stepD, root, (float) c.epsilon());
  }

  private static void adanMoments(
      float[] g,
      float[] m,
      float[] d,
      float[] n,
      float[] last,
      int a,
      int b,
      float beta1,
      float rest1,
      float beta2,
      float rest2,
      float beta3,
      float rest3) {
    for (int i = a; i < b; i++) {
      float gi = g[i];
      float difference = gi - last[i];
      float ahead = gi + beta2 * difference;
      m[i] = beta1 * m[i] + rest1 * gi;
      d[i] = beta2 * d[i] + rest2 * difference;
      n[i] = beta3 * n[i] + rest3 * (ahead * ahead);
    }
  }

  private static void adanMomentsAgr(
      float[] g,
      float[] m,
      float[] d,
      float[] n,
      float[] last,
      int a,
      int b,
      float scale,
      float inverse,
      float beta1,
      float rest1,
      float beta2,
      float rest2,
      float beta3,
      float rest3) {
    for (int i = a; i < b; i++) {
      float gi = g[i];
      float difference = gi - last[i];
      float ahead = gi + beta2 * difference;
      m[i] = beta1 * m[i] + rest1 * (gi * (1f - Math.abs(gi) * scale * inverse));
      d[i] = beta2 * d[i] + rest2 * difference;
      n[i] = beta3 * n[i] + rest3 * (ahead * ahead);
    }
  }

  private static void adanUpdate(
      float[] g,
      float[] m,
      float[] d,
      float[] n,
      int a,
      int b,
      float step,
      float stepD,
      float root,
      float epsilon) {
    for (int i = a; i < b; i++) {
      g[i] = (step * m[i] + stepD * d[i]) / ((float) Math.sqrt(n[i]) * root + epsilon);
    }
  }
}
