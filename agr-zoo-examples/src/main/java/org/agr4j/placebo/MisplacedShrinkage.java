package org.agr4j.placebo;

import java.util.SplittableRandom;

/**
 * The change that Ψ makes to a gradient, dealt to the wrong elements.
 *
 * <p>With α_i = |g_i|/‖g‖₁, strength s and a permutation π drawn for each tensor and step,
 *
 * <pre>
 *   Ψ(g)_i − g_i = −s g_i α_i        placebo_i = −c s g_i α_π(i)        c = ‖g α‖₂ / ‖g α_π‖₂
 * </pre>
 *
 * so that both changes have the same norm, and every element keeps its sign or nearly does. Where Ψ
 * is the identity (a gradient of zeros, a tensor of one element) the placebo is, too.
 *
 * <p>Memory: one array of DOUBLE of the longest tensor's length, kept between steps.
 */
final class MisplacedShrinkage {
  private double[] shares = {};

  /**
   * Computes the placebo's change of one tensor.
   *
   * @param g the gradient, not modified
   * @param strength s in [0, 1]
   * @param seed determines π
   * @param change as long as g, overwritten
   * @return whether there is any change; false leaves {@code change} undefined, as for a gradient
   *     that is not finite
   */
  boolean of(double[] g, double strength, long seed, double[] change) {
    double sum = 0;
    for (double x : g) {
      sum += Math.abs(x);
    }
    if (g.length < 2 || strength == 0 || sum == 0 || !Double.isFinite(sum)) {
      return false;
    }
    if (shares.length < g.length) {
      shares = new double[g.length];
    }
    double right = 0;
    for (int i = 0; i < g.length; i++) {
      shares[i] = Math.abs(g[i]) / sum;
      right += square(g[i] * shares[i]);
    }
    shuffle(shares, g.length, new SplittableRandom(seed));
    double wrong = 0;
    for (int i = 0; i < g.length; i++) {
      change[i] = -strength * g[i] * shares[i];
      wrong += square(g[i] * shares[i]);
    }
    if (wrong == 0) {
      return false; // every share met a zero
    }
    double scale = Math.sqrt(right / wrong);
    for (int i = 0; i < g.length; i++) {
      change[i] *= scale;
    }
    return true;
  }

  private static double square(double x) {
    return x * x;
  }

  /** Fisher and Yates's shuffle of the first elements. */
  private static void shuffle(double[] a, int length, SplittableRandom random) {
    for (int i = length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      double kept = a[i];
      a[i] = a[j];
      a[j] = kept;
    }
  }
}
