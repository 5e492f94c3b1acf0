package org.agr4j.spark;

import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Trains a network on a cluster with some batches. */
interface WindowTraining {
  /** The most batches that one call takes; after it the network stands still and can be saved. */
  int batches();

  /**
   * Trains a network on the batches of a window.
   *
   * @param graph its parameters, optimizer state, iteration and epoch count are replaced
   * @param paths the batches' files
   * @param loader reads them
   * @param step what is done around each step
   */
  void train(ComputationGraph graph, List<String> paths, BatchLoader loader, WorkerStep step);

  /** Gives back what it holds on this machine. */
  default void close() {}
}
