package org.agr4j.diffusion;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How much noise an image has at each time of a diffusion.
 *
 * <pre>
 * β_t from the first to the last, linearly, t = 0 … T − 1      ᾱ_t = Π_{s ≤ t} (1 − β_s)
 * x_t = √ᾱ_t x₀ + √(1 − ᾱ_t) ε
 * </pre>
 *
 * <p>Source: Ho et al., arXiv 2006.11239, equation 4 and section 4.
 */
public final class NoiseSchedule {
  /** β of the first time in the paper. */
  public static final double FIRST_BETA = 1e-4;

  /** β of the last time in the paper. */
  public static final double LAST_BETA = 0.02;

  private final double[] betas;
  private final double[] alphaBars;

  private NoiseSchedule(double[] betas) {
    this.betas = betas;
    alphaBars = new double[betas.length];
    double product = 1;
    for (int t = 0; t < betas.length; t++) {
      product *= 1 - betas[t];
      alphaBars[t] = product;
    }
  }

  /** The paper's schedule: β from 1e-4 to .02. */
  public static NoiseSchedule linear(int steps) {
    return linear(steps, FIRST_BETA, LAST_BETA);
  }

  /**
   * A schedule whose β rise linearly.
   *
   * @param steps number T of times, at least 2
   * @param first β of time 0
   * @param last β of time T − 1
   * @throws IllegalArgumentException unless 0 &lt; first ≤ last &lt; 1
   */
  public static NoiseSchedule linear(int steps, double first, double last) {
    if (steps < 2) {
      throw new IllegalArgumentException("steps = " + steps + ", expected a whole number >= 2");
    }
    if (!(first > 0 && first <= last && last < 1)) {
      throw new IllegalArgumentException(
          "β from " + first + " to " + last + ", expected 0 < first <= last < 1");
    }
    double[] betas = new double[steps];
    for (int t = 0; t < steps; t++) {
      betas[t] = first + (last - first) * t / (steps - 1);
    }
    return new NoiseSchedule(betas);
  }

  /** Number T of times. */
  public int steps() {
    return betas.length;
  }

  /** β_t, the variance of the noise that is added on the way to time t. */
  public double beta(int t) {
    return betas[t];
  }

  /** ᾱ_t, the share of an image's variance that is left at time t. */
  public double alphaBar(int t) {
    return alphaBars[t];
  }

  /**
   * Noises images.
   *
   * @param x images [N, …], replaced by x_t
   * @param noise standard normal, of the same shape; not modified
   * @param times a time for each image
   */
  public void addNoise(INDArray x, INDArray noise, int... times) {
    for (int n = 0; n < times.length; n++) {
      double bar = alphaBars[times[n]];
      x.slice(n).muli(Math.sqrt(bar)).addi(noise.slice(n).mul(Math.sqrt(1 - bar)));
    }
  }
}
