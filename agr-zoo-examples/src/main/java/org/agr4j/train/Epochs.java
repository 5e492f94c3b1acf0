package org.agr4j.train;

import java.util.Map;
import org.agr4j.run.EpochMeter;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Carries the epochs of a run out: on this machine ({@link LocalEpochs}), or on a cluster. */
public interface Epochs extends AutoCloseable {
  /** Is told how an epoch goes. */
  interface Watch {
    /** So far the epoch has come. */
    void progress(EpochMeter now);

    /**
     * The network stands still and may be saved.
     *
     * @param at so far the epoch has come
     * @param isEnd whether that is its end, which is saved in any case
     */
    void standsStill(EpochMeter at, boolean isEnd);
  }

  /** Steps of the optimizer in an epoch, which schedules go by. */
  int stepsPerEpoch();

  /**
   * Makes a network that was built or restored ready, before the first epoch.
   *
   * @return one line: what computes its layers; empty if there is nothing to say
   */
  default String prepare(ComputationGraph graph) {
    return "";
  }

  /**
   * Trains an epoch, or what is left of it.
   *
   * @param graph the network; its iteration and epoch are counted on
   * @param meter where the epoch stands; is moved on
   * @param watch is told of every step, or every few
   * @throws DivergedException if the loss becomes infinite or NaN
   */
  void train(ComputationGraph graph, EpochMeter meter, Watch watch);

  /** Makes a network ready that is measured and never trained. */
  default void prepareToMeasure(ComputationGraph graph) {}

  /** Measures a network, as {@link Task#measure}. */
  Map<String, Double> measure(ComputationGraph graph);

  /** The last epoch has ended well; not called after a failure. */
  default void end() {}

  @Override
  default void close() {}
}
