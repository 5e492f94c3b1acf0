package org.agr4j.layers.cpu;

import java.util.Arrays;

/**
 * Products of small matrices whose rows are Java arrays of their own.
 *
 * <p>C2 makes vector code of a loop over several arrays where all have the same index; of one over
 * parts of the same array, at different offsets, it does not: 58 against 8 GFLOP/s a thread. Two
 * rows at a time from three are as much as it takes, and the best there is. Rows should be long:
 * 128 elements are two thirds as fast as 512.
 *
 * <p>Inlined into the loops around them, the innermost ones became scalar code again (12 to 22
 * GFLOP/s). C2 inlines no method of more than 325 bytes: a branch that is never taken makes them as
 * long as that.
 */
final class RowProducts {
  /** As many rows as should be worked on together: of 512 elements they fit the first cache. */
  static final int TILE = 12;

  private RowProducts() {}

  /**
   * to[l] ← Σⱼ c[l][j] x[j].
   *
   * @param c coefficients; those of the first row written are in row {@code from}
   * @param terms number of j
   * @param x [terms] rows
   * @param to rows from {@code first} on are written
   * @param count number of rows
   * @param n elements of a row
   */
  static void multiply(
      float[][] c, int from, int terms, float[][] x, float[][] to, int first, int count, int n) {
    for (int tile = 0; tile < count; tile += TILE) {
      int end = Math.min(tile + TILE, count);
      int step;
      for (int j = 0; j < terms; j += step) {
        step = step(terms - j);
        float[] u = x[j];
        float[] v = step > 1 ? x[j + 1] : u;
        float[] w = step > 2 ? x[j + 2] : v;
        for (int l = tile; l < end; l += 2) {
          boolean two = l + 1 < end;
          float[] p = to[first + l];
          float[] q = two ? to[first + l + 1] : p;
          float[] k = c[from + l];
          float a = k[j];
          float b = step > 1 ? k[j + 1] : 0;
          float d = step > 2 ? k[j + 2] : 0;
          k = two ? c[from + l + 1] : ZERO;
          int at = two ? j : 0;
          float e = step > 1 ? k[at + 1] : 0;
          float f = step > 2 ? k[at + 2] : 0;
          if (j == 0 && step == 3 && two) {
            set(p, q, u, v, w, a, b, d, k[at], e, f, n);
            continue;
          }
          if (j == 0) {
            Arrays.fill(p, 0, n, 0);
            Arrays.fill(q, 0, n, 0);
          }
          combine(step, p, q, u, v, w, a, b, d, k[at], e, f, n);
        }
      }
    }
  }

  /** Coefficients of a second row where there is none: the first is added to twice, once by 0. */
  private static final float[] ZERO = new float[3];

  /** How many terms to add next, so that a single one is rarely left. */
  private static int step(int left) {
    return left == 4 ? 2 : Math.min(left, 3);
  }

  /**
   * to[j] ← to[j] + Σₗ c[l][j] x[l].
   *
   * @param c coefficients, from row {@code from} on
   * @param x rows from {@code first} on
   * @param count number of l, best up to {@link #TILE}
   * @param to rows
   * @param rows number of j
   * @param n elements of a row
   */
  static void addTransposed(
      float[][] c, int from, float[][] x, int first, int count, float[][] to, int rows, int n) {
    for (int j = 0; j < rows; j += 2) {
      boolean two = j + 1 < rows;
      float[] p = to[j];
      float[] q = two ? to[j + 1] : p;
      int step;
      for (int l = 0; l < count; l += step) {
        step = step(count - l);
        float[] k = c[from + l];
        float[] m = step > 1 ? c[from + l + 1] : k;
        float[] o = step > 2 ? c[from + l + 2] : k;
        float[] u = x[first + l];
        float[] v = step > 1 ? x[first + l + 1] : u;
        float[] w = step > 2 ? x[first + l + 2] : u;
        float b = step > 1 ? m[j] : 0;
        float d = step > 2 ? o[j] : 0;
        float e = two && step > 1 ? m[j + 1] : 0;
        float f = two && step > 2 ? o[j + 1] : 0;
        combine(step, p, q, u, v, w, k[j], b, d, two ? k[j + 1] : 0, e, f, n);
      }
    }
  }

  private static void combine(
      int terms,
      float[] p,
      float[] q,
      float[] x,
      float[] y,
      float[] z,
      float a,
      float b,
      float c,
      float d,
      float e,
      float f,
      int n) {
    if (terms == 3) {
      add(p, q, x, y, z, a, b, c, d, e, f, n);
    } else {
      add(p, q, x, y, a, b, d, e, n);
    }
  }

  /** p ← a x + b y + c z, q ← d x + e y + f z. */
  private static void set(
      float[] p,
      float[] q,
      float[] x,
      float[] y,
      float[] z,
      float a,
      float b,
      float c,
      float d,
      float e,
      float f,
      int n) {
    if (n < 0) {
      throw tooShort(
          a, b, c, d, e, f, a, b, c, d, e, f, a, b, c, d, e, f, a, b, c, d, e, f, a, b, c, d, e, f,
          a, b, c, d, e, f, a, b, c, d, e, f);
    }
    for (int i = 0; i < n; i++) {
      float u = x[i];
      float v = y[i];
      float w = z[i];
      p[i] = Math.fma(a, u, Math.fma(b, v, c * w));
      q[i] = Math.fma(d, u, Math.fma(e, v, f * w));
    }
  }

  /** p ← p + a x + b y + c z, q ← q + d x + e y + f z; q may be p. */
  private static void add(
      float[] p,
      float[] q,
      float[] x,
      float[] y,
      float[] z,
      float a,
      float b,
      float c,
      float d,
      float e,
      float f,
      int n) {
    if (n < 0) {
      throw tooShort(
          a, b, c, d, e, f, a, b, c, d, e, f, a, b, c, d, e, f, a, b, c, d, e, f, a, b, c, d, e, f,
          a, b, c, d, e, f, a, b, c, d, e, f);
    }
    for (int i = 0; i < n; i++) {
      float u = x[i];
      float v = y[i];
      float w = z[i];
      p[i] = Math.fma(a, u, Math.fma(b, v, Math.fma(c, w, p[i])));
      q[i] = Math.fma(d, u, Math.fma(e, v, Math.fma(f, w, q[i])));
    }
  }

  /** p ← p + a x + b y, q ← q + c x + d y; q may be p. */
  private static void add(
      float[] p, float[] q, float[] x, float[] y, float a, float b, float c, float d, int n) {
    if (n < 0) {
      throw tooShort(
          a, b, c, d, a, b, c, d, a, b, c, d, a, b, c, d, a, b, c, d, a, b, c, d, a, b, c, d, a, b,
          c, d, a, b, c, d, a, b, c, d, a, b, c, d, a, b, c, d);
    }
    for (int i = 0; i < n; i++) {
      float u = x[i];
      float v = y[i];
      p[i] = Math.fma(a, u, Math.fma(b, v, p[i]));
      q[i] = Math.fma(c, u, Math.fma(d, v, q[i]));
    }
  }

  /** Never called; its arguments make the methods above long. */
  private static IllegalArgumentException tooShort(float... coefficients) {
    return new IllegalArgumentException("n < 0 for " + Arrays.toString(coefficients));
  }
}
