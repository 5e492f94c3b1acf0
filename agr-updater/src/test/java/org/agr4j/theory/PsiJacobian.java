package org.agr4j.theory;

import java.util.Arrays;

/**
 * The Jacobian of Ψ at a gradient, signs removed: A = I − 2 diag(α) + α² 1ᵀ with α the shares and
 * α² element by element. Its norm is that of Ψ's Jacobian, which is D A D with D = diag(sign g).
 */
public final class PsiJacobian {
  private final double[] shares;

  /** The Jacobian at a gradient whose elements are not all zero. */
  public PsiJacobian(double[] g) {
    double sum = Arrays.stream(g).map(Math::abs).sum();
    shares = Arrays.stream(g).map(x -> Math.abs(x) / sum).toArray();
  }

  /** α. */
  public double[] shares() {
    return shares;
  }

  /** A x. */
  double[] times(double[] x) {
    double sum = Arrays.stream(x).sum();
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = (1 - 2 * shares[i]) * x[i] + shares[i] * shares[i] * sum;
    }
    return y;
  }

  private double[] transposedTimes(double[] y) {
    double dot = 0;
    for (int i = 0; i < y.length; i++) {
      dot += shares[i] * shares[i] * y[i];
    }
    double[] x = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      x[i] = (1 - 2 * shares[i]) * y[i] + dot;
    }
    return x;
  }

  /** ‖A‖₂ from below, by power iteration; every iterate is a lower bound. */
  public double norm() {
    double largest = 0;
    double[] x = new double[shares.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = 1 + 0.1 * Math.sin(i); // no direction that an example was built of
    }
    for (int k = 0; k < 200; k++) {
      double length = length(x);
      double[] scaled = Arrays.stream(x).map(v -> v / length).toArray();
      double[] y = times(scaled);
      double found = length(y);
      boolean settled = Math.abs(found - largest) < 1e-13 * found;
      largest = Math.max(largest, found);
      if (settled) {
        break;
      }
      x = transposedTimes(y);
    }
    return largest;
  }

  /** √n. */
  public double bySize() {
    return Math.sqrt(shares.length);
  }

  /** √(1 + (n−1) Σα²). */
  public double byShares() {
    return Math.sqrt(1 + (shares.length - 1) * Arrays.stream(shares).map(a -> a * a).sum());
  }

  /** 1 + √n ‖α²‖₂. */
  public double bySmallShares() {
    return 1 + Math.sqrt(shares.length * Arrays.stream(shares).map(a -> a * a * a * a).sum());
  }

  static double length(double[] x) {
    return Math.sqrt(Arrays.stream(x).map(v -> v * v).sum());
  }
}
