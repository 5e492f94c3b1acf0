package org.agr4j.train;

import java.nio.file.Path;
import java.util.List;
import org.agr4j.run.EpochRecord;
import org.agr4j.settings.Settings;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * What a finished run came to: metrics, network, files.
 *
 * @param settings what was run
 * @param epochs what each epoch came to
 * @param graph the network that the measures are of: the trained one, or its weight average
 * @param model where it was saved; the trained one with its optimizer's state
 * @param metrics where the epochs were saved, one JSON object a line
 */
public record TrainResult(
    Settings settings, List<EpochRecord> epochs, ComputationGraph graph, Path model, Path metrics) {
  /** What the last epoch came to. */
  public EpochRecord last() {
    return epochs.get(epochs.size() - 1);
  }
}
