package org.agr4j.train;

import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * The training examples of a run in minibatches. An epoch goes over all of them once, in an order
 * of its own, and can be entered at any position.
 *
 * <p>One thread uses them, after {@link #enter}; it need not be the one that trains.
 */
public interface Batches extends AutoCloseable {
  /**
   * Goes to a position, from which {@link #next} goes on.
   *
   * @param position seed, epoch, and how many of its examples are left out
   */
  void enter(Position position);

  /** Whether the epoch has more. */
  boolean hasNext();

  /** The next minibatch, the caller's own; the last of an epoch may be smaller. */
  MultiDataSet next();

  /** Ends the threads that make them. */
  @Override
  default void close() {}
}
