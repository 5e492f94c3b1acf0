package org.agr4j.diffusion;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The times that a sample walks through, from noise to image, and the step from each to the next.
 *
 * <pre>
 * x̂₀ = (x − √(1 − ᾱ_t) ε̂) / √ᾱ_t
 * DDIM   x ← √ᾱ_p x̂₀ + √(1 − ᾱ_p − σ²) ε̂ + σ z     σ = η √((1 − ᾱ_p)/(1 − ᾱ_t)) √(1 − ᾱ_t/ᾱ_p)
 *        t = i ⌊T/S⌋ + 1 for i = S − 1 … 0, p the time that comes next, at last 0
 * DDPM   x ← (x − β_t/√(1 − ᾱ_t) ε̂) / √(1 − β_t) + √β_t z     t = T − 1 … 0, without z at last
 * </pre>
 *
 * <p>ε̂ is what the network says, z is standard normal. DDIM with η 0 draws nothing but the
 * beginning. Nothing is clipped.
 *
 * <p>Source: Song et al., arXiv 2010.02502, equations 12 and 16, with the times of the code that
 * the paper on AGR used; Ho et al., arXiv 2006.11239, algorithm 2 with σ² = β.
 */
public final class SamplingPath {
  private final NoiseSchedule schedule;
  private final int[] times;
  private final double eta;
  private final boolean ancestral;

  private SamplingPath(NoiseSchedule schedule, int[] times, double eta, boolean ancestral) {
    this.schedule = schedule;
    this.times = times;
    this.eta = eta;
    this.ancestral = ancestral;
  }

  /**
   * DDIM.
   *
   * @param schedule the noise that the network was trained with
   * @param steps number S of steps, 1 to T − 1
   * @param eta η, 0 for no noise on the way to 1 for as much as DDPM's smaller variance
   * @throws IllegalArgumentException if they are outside of that
   */
  public static SamplingPath ddim(NoiseSchedule schedule, int steps, double eta) {
    int total = schedule.steps();
    if (steps < 1 || steps > total - 1) {
      throw new IllegalArgumentException(
          "steps = " + steps + ", expected 1 to " + (total - 1) + ", with " + total + " times");
    }
    if (!(eta >= 0 && eta <= 1)) {
      throw new IllegalArgumentException("eta = " + eta + ", expected a number from 0 to 1");
    }
    int[] times = new int[steps];
    for (int i = 0; i < steps; i++) {
      times[i] = i * (total / steps) + 1;
    }
    return new SamplingPath(schedule, times, eta, false);
  }

  /** DDPM's own sampler, which takes every time. */
  public static SamplingPath ddpm(NoiseSchedule schedule) {
    int[] times = new int[schedule.steps()];
    for (int t = 0; t < times.length; t++) {
      times[t] = t;
    }
    return new SamplingPath(schedule, times, 1, true);
  }

  /** Number of steps, each of which asks the network once. */
  public int steps() {
    return times.length;
  }

  /**
   * The time of a step.
   *
   * @param step counts from 0, the noisiest
   */
  public int time(int step) {
    return times[times.length - 1 - step];
  }

  /** The time that a step leads to. */
  public int next(int step) {
    return step + 1 < times.length ? time(step + 1) : 0;
  }

  /** Whether a step adds noise of its own. */
  public boolean draws(int step) {
    return ancestral ? time(step) > 0 : eta > 0;
  }

  /**
   * Makes a step.
   *
   * @param step counts from 0, the noisiest
   * @param x images [N, …] at its time, replaced by those at the next
   * @param predicted ε̂ of the same shape; not modified
   * @param noise z of the same shape, where the step {@link #draws}; not modified
   */
  public void step(int step, INDArray x, INDArray predicted, INDArray noise) {
    int t = time(step);
    double bar = schedule.alphaBar(t);
    if (ancestral) {
      double beta = schedule.beta(t);
      x.subi(predicted.mul(beta / Math.sqrt(1 - bar))).divi(Math.sqrt(1 - beta));
      if (draws(step)) {
        x.addi(noise.mul(Math.sqrt(beta)));
      }
      return;
    }
    double next = schedule.alphaBar(next(step));
    double sigma = eta * Math.sqrt((1 - next) / (1 - bar) * (1 - bar / next));
    double ofImage = Math.sqrt(next / bar);
    double ofNoise =
        Math.sqrt(Math.max(0, 1 - next - sigma * sigma)) - ofImage * Math.sqrt(1 - bar);
    x.muli(ofImage).addi(predicted.mul(ofNoise));
    if (draws(step)) {
      x.addi(noise.mul(sigma));
    }
  }
}
