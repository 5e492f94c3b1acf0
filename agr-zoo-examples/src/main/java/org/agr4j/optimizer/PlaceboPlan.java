package org.agr4j.optimizer;

import org.agr4j.OptimizerPlan;
import org.agr4j.TensorRole;
import org.agr4j.placebo.Placebo;
import org.agr4j.updater.AgrMode;
import org.agr4j.updater.AgrOptimizer;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * The plan of an AGR optimizer with a placebo wherever Ψ would act.
 *
 * @param agr the plan with AGR
 * @param seed determines the placebo's permutations
 */
record PlaceboPlan(OptimizerPlan agr, long seed) implements OptimizerPlan {
  @Override
  public IUpdater updater(TensorRole role) {
    AgrOptimizer updater = (AgrOptimizer) agr.updater(role);
    return updater.getAgrMode() == AgrMode.OFF ? updater : new Placebo(updater, seed);
  }

  @Override
  public Regularization decay(TensorRole role) {
    return agr.decay(role);
  }
}
