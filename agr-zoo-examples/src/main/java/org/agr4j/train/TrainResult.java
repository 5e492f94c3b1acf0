package org.agr4j.train;

import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;

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
  /** Saves what a run ends with: the network, beside the metrics that are there. */
  public static TrainResult save(
      TrainSettings settings, List<EpochMetrics> epochs, ComputationGraph graph, RunFolder folder) {
    return new TrainResult(
        settings,
        List.copyOf(epochs),
        graph,
        folder.write(RunFolder.MODEL, out -> ModelSerializer.writeModel(graph, out, true)),
        folder.path().resolve(RunFolder.METRICS));
  }

  /** Metrics of the last epoch. */
  public EpochMetrics last() {
    return epochs.get(epochs.size() - 1);
  }
}
