package org.agr4j.spark;

import java.util.List;
import java.util.Map;
import org.agr4j.data.ImageSet;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
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
   * Measures.
   *
   * @param spark the cluster
   * @param settings model, workers, batch size
   * @param images shape and number of classes
   * @param graph its running statistics are replaced
   * @param paths files of training batches
   * @param loader reads them
   */
  static void measure(
      JavaSparkContext spark,
      ClusterSettings settings,
      ImageSet images,
      ComputationGraph graph,
      List<String> paths,
      BatchLoader loader) {
    int workers = Math.min(settings.workers(), paths.size());
    int steps = Math.min(MOST_STEPS, paths.size() / workers);
    ComputationGraph still =
        new ComputationGraph(
            settings
                .training()
                .model()
                .conf(images, settings.training().width(), settings.training().seed(), new Sgd(0)));
    still.init();
    still.setParams(graph.params());
    fill(still);
    ClusterSettings averaged =
        new ClusterSettings(settings.training(), ClusterMode.AVERAGING, workers, steps);
    new ParameterAveraging(spark, averaged)
        .train(
            still,
            paths.subList(0, workers * steps),
            loader,
            new WorkerStep(averaged, 0, 0, StepCounters.of(spark)));
    take(still, graph, steps);
  }

  private static void fill(ComputationGraph graph) {
    graph
        .paramTable()
        .forEach(
            (name, values) -> {
              if (isMean(name)) {
                values.assign(0);
              } else if (isLog(name)) {
                values.assign(LOG_OF_NOTHING);
              } else if (isVariance(name)) {
                values.assign(0);
              }
            });
  }

  private static void take(ComputationGraph from, ComputationGraph to, int steps) {
    Map<String, INDArray> measured = from.paramTable();
    to.paramTable()
        .forEach(
            (name, values) -> {
              if (isMean(name) || isVariance(name) || isLog(name)) {
                double seen = 1 - Math.pow(decay(to, name), steps);
                INDArray value = measured.get(name);
                values.assign(isLog(name) ? value.sub(Math.log10(seen) / 2) : value.div(seen));
              }
            });
  }

  private static double decay(ComputationGraph graph, String name) {
    String layer = name.substring(0, name.lastIndexOf('_'));
    return ((BatchNormalization) graph.getLayer(layer).conf().getLayer()).getDecay();
  }

  private static boolean isMean(String name) {
    return name.endsWith("_" + BatchNormalizationParamInitializer.GLOBAL_MEAN);
  }

  private static boolean isVariance(String name) {
    return name.endsWith("_" + BatchNormalizationParamInitializer.GLOBAL_VAR);
  }

  private static boolean isLog(String name) {
    return name.endsWith("_" + BatchNormalizationParamInitializer.GLOBAL_LOG_STD);
  }
}
