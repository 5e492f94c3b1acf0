package org.agr4j.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agr4j.data.ImageBatch;
import org.agr4j.data.ImageSplits;
import org.agr4j.layers.cpu.FastCpuLayers;
import org.agr4j.optimizer.OptimizerSettings;
import org.agr4j.settings.LoopSettings;
import org.agr4j.task.classification.ClassificationTask;
import org.agr4j.train.GradientClipping;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/**
 * What parameter averaging should come to, without Spark: the same batches, DL4J's plain {@code
 * fit}, and the average written out. With one worker it is training on one machine.
 */
final class AveragingOnOneMachine {
  private final ClusterSettings settings;
  private final ClassificationTask task;
  private final ImageSplits data;
  private final BatchFolder batches;

  AveragingOnOneMachine(ClusterSettings settings, Path folder) {
    this.settings = settings;
    this.task = SmallClusterRuns.task(settings);
    this.data = task.images();
    this.batches =
        BatchFolder.export(
            folder.toUri().toString(), settings.run(), data, new Configuration(), images -> {});
  }

  ComputationGraph untrained() {
    ComputationGraph graph =
        new ComputationGraph(
            OptimizerSettings.plan(settings.run(), settings.stepsPerEpoch())
                .applyTo(task.network()));
    graph.init();
    return graph;
  }

  ComputationGraph train() {
    ComputationGraph graph = untrained();
    for (int epoch = 0; epoch < settings.run().get(LoopSettings.EPOCHS); epoch++) {
      List<Integer> order = batches.order(epoch + 1);
      int window = settings.workers() * settings.averagingFrequency();
      for (int done = 0; done < order.size(); done += window) {
        List<Integer> some = order.subList(done, Math.min(done + window, order.size()));
        int iteration = epoch * settings.stepsPerEpoch() + done / settings.workers();
        average(graph, some, epoch, iteration);
      }
    }
    return graph;
  }

  private void average(ComputationGraph graph, List<Integer> some, int epoch, int iteration) {
    int workers = Math.min(settings.workers(), some.size());
    List<ComputationGraph> trained = new ArrayList<>();
    for (int worker = 0; worker < workers; worker++) {
      ComputationGraph own = untrained();
      own.setParams(graph.params().dup());
      own.getUpdater().setStateViewArray(graph.getUpdater().getStateViewArray().dup());
      own.getConfiguration().setIterationCount(iteration);
      own.getConfiguration().setEpochCount(epoch);
      own.setListeners(new GradientClipping(settings.run().get(LoopSettings.GRADIENT_CLIPPING)));
      FastCpuLayers.install(own);
      int from = worker * some.size() / workers;
      int to = (worker + 1) * some.size() / workers;
      some.subList(from, to).forEach(batch -> own.fit(read(batch, epoch)));
      trained.add(own);
    }
    INDArray params = trained.get(0).params().dup();
    INDArray state = trained.get(0).getUpdater().getStateViewArray().dup();
    for (ComputationGraph other : trained.subList(1, workers)) {
      params.addi(other.params());
      state.addi(other.getUpdater().getStateViewArray());
    }
    graph.setParams(params.divi(workers));
    graph.getUpdater().setStateViewArray(state.divi(workers));
  }

  private DataSet read(int batch, int epoch) {
    Path file = Path.of(java.net.URI.create(batches.trainPaths(List.of(batch)).get(0)).getPath());
    try (var in = Files.newInputStream(file)) {
      return ImageBatch.read(file.toString(), in)
          .toDataSet(
              data.standardization(),
              task.augmentation(),
              settings.run().get(LoopSettings.SEED),
              epoch);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
