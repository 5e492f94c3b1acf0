package org.agr4j.spark;

import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GLOBAL_LOG_STD;

import java.util.List;
import java.util.function.BiConsumer;
import org.agr4j.TensorRole;
import org.agr4j.layers.BatchNorm;
import org.agr4j.optimizer.L2Plan;
import org.agr4j.task.classification.ClassificationTask;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Measures a network's running means and variances anew, on the cluster.
 *
 * <p>Gradient sharing needs it: DL4J sends the changes of these statistics through the same
 * threshold as those of weights, by at most τ a step, and a variance that has to go from 1 to 0.02
 * is then far off for thousands of steps, and so is every test.
 *
 * <p>Each worker makes k steps at learning rate 0 from statistics of 0; with decay d that gives
 *
 * <pre>  (1 − d) Σᵢ dᵏ⁻ⁱ sᵢ = (1 − dᵏ) · (weighted mean of the batches' sᵢ)</pre>
 *
 * <p>which is averaged over workers and divided by 1 − dᵏ. Weights are not touched.
 */
final class BatchNormStatistics {
  /** With a decay of 0.9, 30 batches weigh what 19 equal ones would. */
  private static final int MOST_STEPS = 30;

  /** Stands for a variance of 0 where DL4J keeps the logarithm of the deviation. */
  private static final double LOG_OF_NOTHING = -10;

  private BatchNormStatistics() {}

  /**
   * Measures the running statistics of a network on the cluster.
   *
   * @param spark the cluster
   * @param settings model, workers, batch size
   * @param task the network
   * @param graph its running statistics are replaced
   * @param paths files of training batches
   * @param loader reads them
   */
  static void measure(
      JavaSparkContext spark,
      ClusterSettings settings,
      ClassificationTask task,
      ComputationGraph graph,
      List<String> paths,
      BatchLoader loader) {
    int workers = Math.min(settings.workers(), paths.size());
    int steps = Math.min(MOST_STEPS, paths.size() / workers);
    ComputationGraph still =
        new ComputationGraph(new L2Plan(new Sgd(0), 0).applyTo(task.network()));
    still.init();
    still.setParams(graph.params());
    fill(still);
    ClusterSettings averaged =
        new ClusterSettings(
            settings
                .run()
                .with(ClusterSettings.MODE, ClusterMode.AVERAGING)
                .with(ClusterSettings.WORKERS, workers)
                .with(ClusterSettings.AVERAGING_FREQUENCY, steps));
    new ParameterAveraging(spark, averaged)
        .train(
            still,
            paths.subList(0, workers * steps),
            loader,
            new WorkerStep(averaged, 0, 0, StepCounters.of(spark)));
    take(still, graph, steps);
  }

  /** Sets the running statistics to those of no batch at all. */
  private static void fill(ComputationGraph graph) {
    forEachStatistic(
        graph,
        (layer, key) ->
            layer.getParam(key).assign(key.equals(GLOBAL_LOG_STD) ? LOG_OF_NOTHING : 0));
  }

  private static void take(ComputationGraph from, ComputationGraph to, int steps) {
    forEachStatistic(
        to,
        (layer, key) -> {
          double seen = 1 - Math.pow(decay(layer.conf().getLayer()), steps);
          INDArray measured = from.getLayer(layer.conf().getLayer().getLayerName()).getParam(key);
          layer
              .getParam(key)
              .assign(
                  key.equals(GLOBAL_LOG_STD)
                      ? measured.sub(Math.log10(seen) / 2)
                      : measured.div(seen));
        });
  }

  /** Goes through what each layer says is a statistic, whatever layer it is. */
  private static void forEachStatistic(
      ComputationGraph graph, BiConsumer<Layer, String> layerAndKey) {
    for (Layer layer : graph.getLayers()) {
      for (String key : layer.paramTable().keySet()) {
        if (TensorRole.of(layer.conf().getLayer(), key) == TensorRole.STATISTIC) {
          layerAndKey.accept(layer, key);
        }
      }
    }
  }

  /** The share of a running statistic that stays each step. */
  private static double decay(org.deeplearning4j.nn.conf.layers.Layer layer) {
    if (layer instanceof BatchNormalization theirs) {
      return theirs.getDecay();
    }
    if (layer instanceof BatchNorm ours) {
      return ours.getDecay();
    }
    throw new IllegalStateException(
        "layer \"%s\" has running statistics and is a %s, expected BatchNormalization or BatchNorm"
            .formatted(layer.getLayerName(), layer.getClass().getSimpleName()));
  }
}
