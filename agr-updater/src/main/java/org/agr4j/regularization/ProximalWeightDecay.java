package org.agr4j.regularization;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.Axpy;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Proximal weight decay, Adan's: update ← (update + ηλθ)/(1 + ηλ), so that θ ← (θ − update)/(1 +
 * ηλ).
 *
 * <p>It adds nothing to the score.
 *
 * <p>Source: arXiv 2208.06677, Algorithm 1; arXiv 2407.16944, Algorithm 2.
 */
public final class ProximalWeightDecay extends WeightDecayAfterUpdate {
  private static final long serialVersionUID = 1L;

  /**
   * Creates a weight decay with a constant coefficient λ.
   *
   * @param coefficient λ ≥ 0
   */
  public ProximalWeightDecay(double coefficient) {
    super(coefficient);
  }

  /**
   * Creates a weight decay whose coefficient λ follows a schedule.
   *
   * @param coefficient λ(iteration, epoch) ≥ 0
   */
  @JsonCreator
  public ProximalWeightDecay(@JsonProperty("l2") ISchedule coefficient) {
    super(coefficient);
  }

  @Override
  void decay(INDArray parameter, INDArray update, double scale) {
    Nd4j.exec(new Axpy(parameter, update, update, scale));
    update.divi(1 + scale);
  }

  @Override
  public ProximalWeightDecay clone() {
    return new ProximalWeightDecay(cloneOfCoefficient());
  }
}
