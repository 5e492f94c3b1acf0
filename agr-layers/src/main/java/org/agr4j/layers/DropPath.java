package org.agr4j.layers;

import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Stochastic depth for a branch of a residual block: a sample's branch is dropped with probability
 * p, else divided by 1 − p, in training only.
 *
 * <p>It is a DL4J dropout on the input of the layer it is given to; where branch and shortcut join,
 * {@link ResidualVertex} does both in one pass. One number a sample is drawn from ND4J's random
 * generator, so the same seed gives the same drops. Arrays: [N, …], the whole sample is kept or
 * dropped.
 *
 * <pre>{@code
 * new DropoutLayer.Builder().dropOut(new DropPath(0.1)).build()
 * }</pre>
 *
 * <p>Source: Huang et al., arXiv 1603.09382, section 3, with the inverse scaling of timm.
 */
public final class DropPath implements IDropout {
  private static final long serialVersionUID = 1L;

  @JsonProperty private final double probability;
  private transient double[] factors;

  /**
   * Drops a sample's branch with that probability.
   *
   * @throws IllegalArgumentException unless 0 ≤ probability &lt; 1
   */
  public DropPath(@JsonProperty("probability") double probability) {
    this.probability = Check.probability("probability", probability);
  }

  /**
   * The rates of a network of several stages: linear over all blocks, from 0 at the first to {@code
   * last} at the last.
   *
   * @param last rate of the last block, 0 ≤ last &lt; 1
   * @param depths number of blocks of each stage
   * @return a rate for each block of each stage
   */
  public static double[][] rates(double last, int... depths) {
    Check.probability("drop path", last);
    int blocks = 0;
    for (int depth : depths) {
      blocks += depth;
    }
    double[][] rates = new double[depths.length][];
    int block = 0;
    for (int stage = 0; stage < depths.length; stage++) {
      rates[stage] = new double[depths[stage]];
      for (int i = 0; i < depths[stage]; i++) {
        rates[stage][i] = blocks == 1 ? 0 : last * block / (blocks - 1);
        block++;
      }
    }
    return rates;
  }

  /** Draws 0 or 1 / (1 − p) for each of {@code samples}. */
  static double[] draw(double probability, long samples) {
    double[] factors = new double[Math.toIntExact(samples)];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = Nd4j.getRandom().nextDouble() < probability ? 0 : 1 / (1 - probability);
    }
    return factors;
  }

  /** out ← factor of the sample × in. */
  static INDArray scale(INDArray in, double[] factors, INDArray out) {
    for (int i = 0; i < factors.length; i++) {
      INDArray sample = out.slice(i);
      if (in != out) {
        sample.assign(in.slice(i));
      }
      sample.muli(factors[i]);
    }
    return out;
  }

  @Override
  public INDArray applyDropout(
      INDArray input, INDArray result, int iteration, int epoch, LayerWorkspaceMgr workspaces) {
    factors = draw(probability, input.size(0));
    return scale(input, factors, result);
  }

  @Override
  public INDArray backprop(
      INDArray gradientAtOutput, INDArray gradientAtInput, int iteration, int epoch) {
    if (factors == null) {
      throw new IllegalStateException("DropPath: backprop without applyDropout before it");
    }
    scale(gradientAtOutput, factors, gradientAtInput);
    factors = null;
    return gradientAtInput;
  }

  @Override
  public void clear() {
    factors = null;
  }

  @Override
  public DropPath clone() {
    return new DropPath(probability);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DropPath && ((DropPath) other).probability == probability;
  }

  @Override
  public int hashCode() {
    return Double.hashCode(probability);
  }

  @Override
  public String toString() {
    return "DropPath(" + probability + ")";
  }
}
