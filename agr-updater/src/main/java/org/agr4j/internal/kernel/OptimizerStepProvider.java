package org.agr4j.internal.kernel;

/**
 * One way to make steps, found by {@link java.util.ServiceLoader}. The class of a provider must
 * load where its backend is not on the class path.
 */
public interface OptimizerStepProvider {
  /** The value of {@value OptimizerSteps#PROPERTY} that chooses this way. */
  String name();

  /**
   * Makes the steps of a block with this state.
   *
   * @param state the block's state, whose type and backend decide
   * @return the steps, or null if this provider cannot make them, after a warning where that is a
   *     surprise
   */
  OptimizerStep stepsOf(BlockState state);
}
