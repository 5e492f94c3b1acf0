package org.agr4j.spark;

import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.Repartition;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;

/**
 * DL4J's parameter averaging: W workers train for f steps from the same network, then
 *
 * <pre>  θ ← (θ₁ + … + θ_W)/W,    state ← (state₁ + … + state_W)/W</pre>
 *
 * <p>The step counts that AGR4J's optimizers keep in their state are averaged with it and stay what
 * they are where all workers made as many steps. One call is one such window, so that the driver
 * knows the true number of steps, which DL4J's own counter overstates after a window that was not
 * full, and can save in between.
 */
final class ParameterAveraging implements WindowTraining {
  private final JavaSparkContext spark;
  private final ClusterSettings settings;

  ParameterAveraging(JavaSparkContext spark, ClusterSettings settings) {
    this.spark = spark;
    this.settings = settings;
  }

  @Override
  public int batches() {
    return settings.workers() * settings.averagingFrequency();
  }

  @Override
  public void train(
      ComputationGraph graph, List<String> paths, BatchLoader loader, WorkerStep step) {
    int batchSize = settings.batchSize();
    ParameterAveragingTrainingMaster master =
        new ParameterAveragingTrainingMaster.Builder(settings.workers(), batchSize)
            .batchSizePerWorker(batchSize)
            .averagingFrequency(settings.averagingFrequency())
            .saveUpdater(true) // or every window would begin with a new optimizer
            // DL4J would prefetch on a thread whose exceptions end the executor, unheard.
            .workerPrefetchNumBatches(0)
            .rddTrainingApproach(RDDTrainingApproach.Direct)
            .repartionData(Repartition.Never)
            .trainingHooks(step)
            .build();
    int workers = Math.min(settings.workers(), paths.size());
    new SparkComputationGraph(spark, graph, master)
        .fitPaths(spark.parallelize(paths, workers), loader);
  }
}
