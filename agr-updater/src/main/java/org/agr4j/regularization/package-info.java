/**
 * What is done to a tensor's gradient before the updater, or to its update after it.
 *
 * <p>{@link org.agr4j.regularization.AgrRegularization} gives Ψ to any of DL4J's updaters; {@link
 * org.agr4j.regularization.DecoupledWeightDecay} is AdamW's decay and {@link
 * org.agr4j.regularization.ProximalWeightDecay} Adan's, which need the parameters that an updater
 * never sees.
 */
package org.agr4j.regularization;
