package org.agr4j.train;

import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * A finished run.
 *
 * @param settings what was run
 * @param epochs metrics, one for each epoch
 * @param graph the trained network
 * @param model where the network was saved, optimizer state included
 * @param metrics where the metrics were saved, one JSON object a line
 */
public record TrainResult(
    TrainSettings settings,
    List<EpochMetrics> epochs,
    ComputationGraph graph,
    Path model,
    Path metrics) {
  /** Metrics of the last epoch. */
  public EpochMetrics last() {
    return epochs.get(epochs.size() - 1);
  }
}
