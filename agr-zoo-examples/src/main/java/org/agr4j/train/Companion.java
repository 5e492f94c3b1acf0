package org.agr4j.train;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import org.agr4j.run.EpochMeter;
import org.agr4j.run.EpochRecord;
import org.agr4j.run.RunFolder;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.TrainingListener;

/**
 * Rides along with a run, without the loop knowing what it does: statistics, a weight average,
 * sheets of samples, DL4J's page. It may be saved with the checkpoints and goes on from there.
 *
 * <p>Calls come on the thread that trains, in this order: {@link #restore} if a checkpoint has
 * something of it, {@link #begin}, then for each epoch {@link #afterStep}s, {@link #afterEpoch},
 * {@link #measured}, {@link #measure}, {@link #afterMeasures}, and {@link #end}.
 */
public interface Companion {
  /** A companion that is nothing but a listener of DL4J's. */
  static Companion listening(TrainingListener listener) {
    return new Companion() {
      @Override
      public List<TrainingListener> listeners() {
        return List.of(listener);
      }
    };
  }

  /** The name of what it saves in checkpoints, always the same; empty if it never does. */
  default String savedAs() {
    return "";
  }

  /** Whether it has something to save. */
  default boolean isSaved() {
    return !savedAs().isEmpty();
  }

  /**
   * Writes what it needs to go on.
   *
   * @param out stays open
   */
  default void save(OutputStream out) throws IOException {}

  /**
   * Reads what {@link #save} wrote.
   *
   * @throws IOException if it is something else; the checkpoint then cannot be read
   */
  default void restore(byte[] saved) throws IOException {}

  /**
   * A run begins, or goes on.
   *
   * @param graph the network
   * @param at where the run stands
   * @param folder the run's folder
   * @param report is told what a user should know
   */
  default void begin(
      ComputationGraph graph, EpochMeter at, RunFolder folder, ProgressReport report) {}

  /** The DL4J listeners that the network gets; asked for after {@link #begin}. */
  default List<TrainingListener> listeners() {
    return List.of();
  }

  /** A step, or a window of steps on a cluster, was done. */
  default void afterStep(ComputationGraph graph, EpochMeter at) {}

  /** An epoch was trained, and is not measured yet. */
  default void afterEpoch(ComputationGraph graph, EpochMeter at) {}

  /**
   * The network to measure, and to save as {@code model.zip}, in place of the one that is trained;
   * the same for most. The trained one is then measured and saved beside it.
   */
  default ComputationGraph measured(ComputationGraph graph) {
    return graph;
  }

  /**
   * Measures a network after an epoch, beside what the task measures: values by the keys of the
   * task's measures, which not every epoch has to have. It is asked for each network that is
   * measured.
   *
   * @param graph not modified
   * @param epoch the epoch; 1 is the first
   */
  default Map<String, Double> measure(ComputationGraph graph, int epoch) {
    return Map.of();
  }

  /** Is called when an epoch was measured. */
  default void afterMeasures(ComputationGraph graph, EpochRecord record) {}

  /** The run is finished and its network saved. */
  default void end(ComputationGraph graph) {}
}
