/**
 * Adaptive Gradient Regularization for whole networks.
 *
 * <p>{@link org.agr4j.Agr} switches the configuration of a DL4J network to AdamW or Adan with AGR:
 * an {@link org.agr4j.OptimizerPlan}, which has an updater and a decay for each {@link
 * org.agr4j.TensorRole}.
 */
package org.agr4j;
