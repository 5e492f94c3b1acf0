package org.agr4j.layers.cpu;

import java.util.Arrays;

/**
 * Biases, GELU and layer norms of a transformer block on some rows of its matrices, by one thread.
 *
 * <p>As many rows at a time as make a loop long. Vectors of a block come as often as that ({@link
 * #repeated}).
 */
final class BlockRows {
  private final float[] x;
  private final float[] g;
  private final float[] other;
  private final float[] first;
  private final float[] second;
  private final float[] third;

  /** Memory for rows of at most so many elements. */
  BlockRows(int widest) {
    int length = FloatRows.LENGTH + widest;
    x = new float[length];
    g = new float[length];
    other = new float[length];
    first = new float[length];
    second = new float[length];
    third = new float[length];
  }

  /** A vector as the methods want it. */
  static float[] repeated(float[] vector) {
    return FloatRows.repeated(vector, vector.length, FloatRows.rowsTogether(vector.length));
  }

  /** rows ← rows + bias. */
  void add(HostMatrix rows, int row, int count, float[] bias) {
    int n = rows.width;
    int together = FloatRows.rowsTogether(n);
    for (int i = 0; i < count; i += together) {
      int length = Math.min(together, count - i) * n;
      rows.buffer.get(rows.index(row + i), x, 0, length);
      GeluLoop.add(x, bias, length);
      rows.buffer.put(rows.index(row + i), x, 0, length);
    }
  }

  /** Adds the sums over rows. */
  void sum(HostMatrix rows, int count, double[] sums) {
    int n = rows.width;
    int together = FloatRows.rowsTogether(n);
    Arrays.fill(first, 0, together * n, 0);
    for (int i = 0; i < count; i += together) {
      int length = Math.min(together, count - i) * n;
      rows.buffer.get(rows.index(i), x, 0, length);
      GeluLoop.add(first, x, length);
    }
    addUp(first, together * n, sums);
  }

  private static void addUp(float[] lanes, int length, double[] sums) {
    for (int at = 0; at < length; at += sums.length) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] += lanes[at + i];
      }
    }
  }

  /** y ← GELU(z + bias). */
  void gelu(HostMatrix z, HostMatrix y, int row, int count, float[] bias) {
    int n = z.width;
    int together = FloatRows.rowsTogether(n);
    for (int i = 0; i < count; i += together) {
      int length = Math.min(together, count - i) * n;
      z.buffer.get(z.index(row + i), x, 0, length);
      GeluLoop.add(x, bias, length);
      GeluLoop.value(x, length);
      y.buffer.put(y.index(row + i), x, 0, length);
    }
  }

  /** dz ← dz GELU′(z + bias), from row 0 on, and adds their sums over rows. */
  void geluBackward(HostMatrix z, int row, HostMatrix dz, int count, float[] bias, double[] dBias) {
    int n = z.width;
    int together = FloatRows.rowsTogether(n);
    Arrays.fill(first, 0, together * n, 0);
    for (int i = 0; i < count; i += together) {
      int length = Math.min(together, count - i) * n;
      z.buffer.get(z.index(row + i), x, 0, length);
      dz.buffer.get(dz.index(i), g, 0, length);
      GeluLoop.add(x, bias, length);
      GeluLoop.slope(x, g, other, length);
      GeluLoop.add(first, g, length);
      dz.buffer.put(dz.index(i), g, 0, length);
    }
    addUp(first, together * n, dBias);
  }

  /** s ← s + bias + residual, y ← norm of that; all begin at one row. */
  void normOfSum(HostMatrix s, HostMatrix residual, HostMatrix y, int row, int count, Norm norm) {
    int n = s.width;
    int together = FloatRows.rowsTogether(n);
    for (int i = 0; i < count; i += together) {
      int rows = Math.min(together, count - i);
      int length = rows * n;
      s.buffer.get(s.index(row + i), x, 0, length);
      residual.buffer.get(residual.index(row + i), other, 0, length);
      addTwo(x, other, norm.bias, length);
      s.buffer.put(s.index(row + i), x, 0, length);
      normalize(n, rows, norm.epsilon);
      affine(x, norm.gamma, norm.beta, length);
      y.buffer.put(y.index(row + i), x, 0, length);
    }
  }

  /** x becomes (x − mean) / deviation, which stays in {@code second}, inverted. */
  private void normalize(int n, int rows, double epsilon) {
    for (int j = 0; j < rows; j++) {
      int at = j * n;
      float mean = RowReductions.sum(x, at, n) / n;
      float variance = RowReductions.squares(x, at, n, mean) / n;
      Arrays.fill(first, at, at + n, mean);
      Arrays.fill(second, at, at + n, (float) (1 / Math.sqrt(variance + epsilon)));
    }
    differenceTimes(x, first, second, rows * n);
  }

  /**
   * Writes the gradient of a norm's sum, and sums those of its vectors in the norm.
   *
   * @param s from {@code row} on
   * @param dy from {@code dyRow} on
   * @param more added to dy, or null
   * @param ds the gradient, from row 0 on, like {@code more}
   * @param copy receives ds as well, from {@code copyRow} on, or null
   */
  void normBackward(
      HostMatrix s,
      int row,
      HostMatrix dy,
      int dyRow,
      HostMatrix more,
      HostMatrix ds,
      HostMatrix copy,
      int copyRow,
      int count,
      Norm norm) {
    int n = s.width;
    int together = FloatRows.rowsTogether(n);
    for (int i = 0; i < count; i += together) {
      int rows = Math.min(together, count - i);
      int length = rows * n;
      s.buffer.get(s.index(row + i), x, 0, length);
      dy.buffer.get(dy.index(dyRow + i), g, 0, length);
      if (more != null) {
        more.buffer.get(more.index(i), other, 0, length);
        GeluLoop.add(g, other, length);
      }
      normalize(n, rows, norm.epsilon);
      sums(g, x, norm.gammaSums, norm.betaSums, length);
      multiply(g, norm.gamma, length);
      for (int j = 0; j < rows; j++) {
        int at = j * n;
        Arrays.fill(first, at, at + n, RowReductions.sum(g, at, n) / n);
        Arrays.fill(third, at, at + n, RowReductions.dot(g, x, at, n) / n);
      }
      inputGradient(g, first, third, x, length);
      multiply(g, second, length);
      GeluLoop.add(norm.biasSums, g, length);
      ds.buffer.put(ds.index(i), g, 0, length);
      if (copy != null) {
        copy.buffer.put(copy.index(copyRow + i), g, 0, length);
      }
    }
  }

  private static void addTwo(float[] x, float[] y, float[] z, int n) {
    for (int i = 0; i < n; i++) {
      x[i] += y[i] + z[i];
    }
  }

  private static void differenceTimes(float[] x, float[] less, float[] factor, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = (x[i] - less[i]) * factor[i];
    }
  }

  private static void affine(float[] x, float[] scale, float[] shift, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = x[i] * scale[i] + shift[i];
    }
  }

  private static void sums(float[] dy, float[] x, float[] scaleSums, float[] shiftSums, int n) {
    for (int i = 0; i < n; i++) {
      scaleSums[i] += dy[i] * x[i];
      shiftSums[i] += dy[i];
    }
  }

  private static void multiply(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      x[i] *= y[i];
    }
  }

  private static void inputGradient(float[] g, float[] mean, float[] slope, float[] x, int n) {
    for (int i = 0; i < n; i++) {
      g[i] = (g[i] - mean[i]) - slope[i] * x[i];
    }
  }

  /** A norm of a sum with a bias: its vectors, and the sums of their gradients. */
  static final class Norm {
    private final double epsilon;
    private final float[] bias;
    private final float[] gamma;
    private final float[] beta;
    private final float[] biasSums;
    private final float[] gammaSums;
    private final float[] betaSums;
    private final double[] dBias;
    private final double[] dGamma;
    private final double[] dBeta;

    /**
     * A norm whose gradients are added to the given sums.
     *
     * @param bias repeated, as the other two
     */
    Norm(
        double epsilon,
        float[] bias,
        float[] gamma,
        float[] beta,
        double[] dBias,
        double[] dGamma,
        double[] dBeta) {
      this.epsilon = epsilon;
      this.bias = bias;
      this.gamma = gamma;
      this.beta = beta;
      this.dBias = dBias;
      this.dGamma = dGamma;
      this.dBeta = dBeta;
      biasSums = new float[bias.length];
      gammaSums = new float[bias.length];
      betaSums = new float[bias.length];
    }

    /** Adds what {@link #normBackward} has summed to the sums. */
    void addUp() {
      moveTo(dBias, biasSums);
      moveTo(dGamma, gammaSums);
      moveTo(dBeta, betaSums);
    }

    private static void moveTo(double[] sums, float[] lanes) {
      BlockRows.addUp(lanes, lanes.length, sums);
      Arrays.fill(lanes, 0);
    }
  }
}
