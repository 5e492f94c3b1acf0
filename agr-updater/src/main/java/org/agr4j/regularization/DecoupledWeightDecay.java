package org.agr4j.regularization;

import org.agr4j.internal.kernel.cpu.ScaledSum;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.Axpy;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Decoupled weight decay, AdamW's: update ← update + ηλθ, so that θ ← (1 − ηλ)θ − update.
 *
 * <p>Unlike DL4J's {@code WeightDecay} it adds nothing to the score, so losses with and without it
 * can be compared. For example
 *
 * <pre>{@code
 * new NeuralNetConfiguration.Builder()
 *     .updater(new AdamWAgr(1e-3))
 *     .regularization(List.of(new DecoupledWeightDecay(1e-2)))
 * }</pre>
 *
 * <p>Source: arXiv 1711.05101, Algorithm 2; arXiv 2407.16944, Algorithm 1.
 */
public final class DecoupledWeightDecay extends WeightDecayAfterUpdate {
  private static final long serialVersionUID = 1L;

  /**
   * Creates a weight decay with a constant coefficient λ.
   *
   * @param coefficient λ ≥ 0
   */
  public DecoupledWeightDecay(double coefficient) {
    super(coefficient);
  }

  /**
   * Creates a weight decay whose coefficient λ follows a schedule.
   *
   * @param coefficient λ(iteration, epoch) ≥ 0
   */
  @JsonCreator
  public DecoupledWeightDecay(@JsonProperty("l2") ISchedule coefficient) {
    super(coefficient);
  }

  @Override
  void decay(INDArray parameter, INDArray update, double scale) {
    if (!ScaledSum.add(parameter, scale, update)) {
      Nd4j.exec(new Axpy(parameter, update, update, scale));
    }
  }

  @Override
  public DecoupledWeightDecay clone() {
    return new DecoupledWeightDecay(cloneOfCoefficient());
  }
}
