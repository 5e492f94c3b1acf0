package org.agr4j.optimizer;

import org.agr4j.OptimizerPlan;
import org.agr4j.TensorRole;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * One updater for every tensor, and L2 for the weights: λθ is added to their gradient, as weight
 * decay is commonly understood with DL4J's own optimizers.
 *
 * @param updater the updater
 * @param l2 λ ≥ 0
 */
public record L2Plan(IUpdater updater, double l2) implements OptimizerPlan {
  @Override
  public IUpdater updater(TensorRole role) {
    return updater.clone();
  }

  @Override
  public Regularization decay(TensorRole role) {
    return l2 == 0 || role != TensorRole.WEIGHT ? null : new L2Regularization(l2);
  }
}
