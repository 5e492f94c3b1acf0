/**
 * AdamW and Adan with Adaptive Gradient Regularization, as ND4J updaters.
 *
 * <p>{@link org.agr4j.updater.AdamWAgr} and {@link org.agr4j.updater.AdanAgr} are configurations,
 * values that are compared, cloned and written as JSON. What they instantiate makes the step of one
 * block of tensors; everything it remembers is in the block's state array.
 */
package org.agr4j.updater;
