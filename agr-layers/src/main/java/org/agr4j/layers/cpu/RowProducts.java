package org.agr4j.layers.cpu;

import java.util.Arrays;

/**
 * Products of small matrices whose rows are Java arrays of their own.
 *
 * <p>C2 makes vector code of a loop over several arrays where all have the same index; of one over
 * parts of the same array, at different offsets, it does not (49 against 8 GFLOP/s a thread). Rows
 * should be long: 128 elements give 38 GFLOP/s, 512 give 58.
 */
final class RowProducts {
  private static final int TILE = 8; // rows that stay in the first cache together

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
      for (int l = tile; l < end; l++) {
        if (terms < 4) {
          Arrays.fill(to[first + l], 0, n, 0);
        } else {
          float[] k = c[from + l];
          set(to[first + l], x[0], x[1], x[2], x[3], k[0], k[1], k[2], k[3], n);
        }
      }
      int j = terms < 4 ? 0 : 4;
      for (; j <= terms - 4; j += 4) {
        for (int l = tile; l < end; l++) {
          float[] k = c[from + l];
          add(
              to[first + l],
              x[j],
              x[j + 1],
              x[j + 2],
              x[j + 3],
              k[j],
              k[j + 1],
              k[j + 2],
              k[j + 3],
              n);
        }
      }
      for (; j < terms; j++) {
        for (int l = tile; l < end; l++) {
          add(to[first + l], x[j], c[from + l][j], n);
        }
      }
    }
  }

  /**
   * to[j] ← to[j] + Σₗ c[l][j] x[l].
   *
   * @param c coefficients, from row {@code from} on
   * @param x rows from {@code first} on
   * @param count number of l
   * @param to rows
   * @param rows number of j
   * @param n elements of a row
   */
  static void addTransposed(
      float[][] c, int from, float[][] x, int first, int count, float[][] to, int rows, int n) {
    int l = 0;
    for (; l <= count - 4; l += 4) {
      float[] p = c[from + l];
      float[] q = c[from + l + 1];
      float[] r = c[from + l + 2];
      float[] s = c[from + l + 3];
      float[] w = x[first + l];
      float[] y = x[first + l + 1];
      float[] z = x[first + l + 2];
      float[] v = x[first + l + 3];
      for (int j = 0; j < rows; j++) {
        add(to[j], w, y, z, v, p[j], q[j], r[j], s[j], n);
      }
    }
    for (; l < count; l++) {
      for (int j = 0; j < rows; j++) {
        add(to[j], x[first + l], c[from + l][j], n);
      }
    }
  }

  private static void set(
      float[] to,
      float[] w,
      float[] x,
      float[] y,
      float[] z,
      float a,
      float b,
      float c,
      float d,
      int n) {
    for (int i = 0; i < n; i++) {
      to[i] = Math.fma(a, w[i], b * x[i]) + Math.fma(c, y[i], d * z[i]);
    }
  }

  private static void add(
      float[] to,
      float[] w,
      float[] x,
      float[] y,
      float[] z,
      float a,
      float b,
      float c,
      float d,
      int n) {
    for (int i = 0; i < n; i++) {
      to[i] = Math.fma(a, w[i], b * x[i]) + Math.fma(c, y[i], Math.fma(d, z[i], to[i]));
    }
  }

  private static void add(float[] to, float[] x, float a, int n) {
    for (int i = 0; i < n; i++) {
      to[i] = Math.fma(a, x[i], to[i]);
    }
  }
}
