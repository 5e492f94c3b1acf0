package org.agr4j.spark;

import java.util.Map;
import org.agr4j.layers.cpu.FastCpuLayers;
import org.agr4j.settings.LoopSettings;
import org.agr4j.train.GradientClipping;
import org.apache.spark.TaskContext;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.spark.api.TrainingHook;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What is done on a worker around each step: the layers get their fast helpers, the gradient is
 * clipped, dropout is seeded, images and losses are counted.
 *
 * <p>It also sets iteration and epoch, without which every schedule would begin anew: DL4J
 * 1.0.0-M2.1 copies neither with a configuration ({@code ComputationGraphConfiguration.clone}), so
 * that averaging workers begin each window at 0, and when sharing an executor begins each epoch at
 * what it last heard from others.
 *
 * <p>DL4J asks it as a hook when averaging and as a listener when sharing.
 */
final class WorkerStep extends BaseTrainingListener implements TrainingHook {
  private static final long serialVersionUID = 1L;

  private final long seed;
  private final int epoch;
  private final int firstIteration;
  private final double gradientClipping;
  private final StepCounters counters;
  private transient Model prepared;
  private transient double penalty;

  /**
   * Prepares the steps of a window or an epoch.
   *
   * @param settings seed and clipping
   * @param epoch 0 is the first
   * @param firstIteration steps a worker has made before
   * @param counters what is counted
   */
  WorkerStep(ClusterSettings settings, int epoch, int firstIteration, StepCounters counters) {
    this.seed = settings.run().get(LoopSettings.SEED);
    this.gradientClipping = settings.run().get(LoopSettings.GRADIENT_CLIPPING);
    this.epoch = epoch;
    this.firstIteration = firstIteration;
    this.counters = counters;
  }

  private void prepare(Model model) {
    if (prepared != model) {
      prepared = model;
      ((ComputationGraph) model).getConfiguration().setIterationCount(firstIteration);
      ((ComputationGraph) model).getConfiguration().setEpochCount(epoch);
      FastCpuLayers.install(model);
      if (gradientClipping > 0) {
        model.addListeners(new GradientClipping(gradientClipping));
      }
    }
  }

  @Override
  public void preUpdate(MultiDataSet batch, Model model) {
    if (prepared != model) {
      model.addListeners(this);
    }
    prepare(model);
    Nd4j.getRandom().setSeed(randomSeed(((ComputationGraph) model).getIterationCount()));
  }

  /** A function of the position, so that the same steps draw the same. */
  private long randomSeed(int iteration) {
    return (seed * 1_000_003L + TaskContext.getPartitionId()) * 1_000_003L + iteration;
  }

  @Override
  public void onEpochStart(Model model) {
    prepare(model);
  }

  /** DL4J's score includes L2; without it the losses of all optimizers are of one kind. */
  @Override
  public void onForwardPass(Model model, Map<String, INDArray> activations) {
    penalty = ((ComputationGraph) model).calcRegularizationScore(true);
  }

  @Override
  public void iterationDone(Model model, int iteration, int epochOfModel) {
    int images = model.batchSize();
    counters.lossSum().add((model.score() - penalty) * images);
    counters.images().add(images);
  }

  @Override
  public void preUpdate(DataSet batch, Model model) {
    // For MultiLayerNetwork only.
  }

  @Override
  public void postUpdate(DataSet batch, Model model) {
    // iterationDone has it.
  }

  @Override
  public void postUpdate(MultiDataSet batch, Model model) {
    // iterationDone has it.
  }
}
