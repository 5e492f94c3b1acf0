package org.agr4j.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import org.agr4j.cpu.CpuHelpers;
import org.agr4j.data.ImageIterator;
import org.agr4j.data.ImageSplits;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;

/**
 * Trains a network from random weights: each epoch goes over the training images once, in an order
 * of its own, and ends with a test.
 *
 * <pre>{@code
 * ImageSplits data = DatasetChoice.CIFAR100.read(archive, 5000, 1000);
 * TrainResult result = Trainer.train(settings, data, RunFolder.create(folder), SILENT);
 * System.out.println(result.last().top1());
 * }</pre>
 */
public final class Trainer {
  private static final ObjectMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private Trainer() {}

  /**
   * Trains and saves: settings first, metrics after each epoch, the network at the end.
   *
   * @param settings what to run; the limits are the numbers of images in {@code data}
   * @param data images
   * @param folder where results go
   * @param report is told how it goes
   * @return metrics and network
   * @throws DivergedException if the loss becomes infinite or NaN
   * @throws org.agr4j.data.BadInputException if a result cannot be written
   */
  public static TrainResult train(
      TrainSettings settings, ImageSplits data, RunFolder folder, ProgressReport report) {
    if (settings.limitTrain() != data.train().size()
        || settings.limitTest() != data.test().size()) {
      throw new IllegalArgumentException(
          "data has %d training and %d test images, expected %d and %d"
              .formatted(
                  data.train().size(),
                  data.test().size(),
                  settings.limitTrain(),
                  settings.limitTest()));
    }
    folder.write(RunFolder.SETTINGS, json(settings) + "\n");
    ComputationGraph graph =
        new ComputationGraph(settings.optimizer().configure(settings, data.train()));
    graph.init();
    report.layers(CpuHelpers.install(graph));
    StepListener steps = new StepListener(settings, report);
    graph.setListeners(steps);
    ImageIterator train =
        ImageIterator.shuffled(
            data.train(), data.standardization(), settings.batchSize(), settings.seed());
    ImageIterator test =
        ImageIterator.inOrder(data.test(), data.standardization(), settings.batchSize());

    List<EpochMetrics> epochs = new ArrayList<>();
    StringBuilder lines = new StringBuilder();
    for (int epoch = 1; epoch <= settings.epochs(); epoch++) {
      graph.fit(train);
      EpochMetrics metrics = measure(epoch, graph, test, steps);
      epochs.add(metrics);
      folder.write(RunFolder.METRICS, lines.append(json(metrics)).append('\n').toString());
      report.epochEnd(metrics);
    }
    graph.setListeners();
    return new TrainResult(
        settings,
        List.copyOf(epochs),
        graph,
        folder.write(RunFolder.MODEL, out -> ModelSerializer.writeModel(graph, out, true)),
        folder.path().resolve(RunFolder.METRICS));
  }

  private static EpochMetrics measure(
      int epoch, ComputationGraph graph, ImageIterator test, StepListener steps) {
    long start = System.nanoTime();
    Scores scores = Scores.of(graph, test);
    if (!Double.isFinite(scores.loss())) {
      throw new DivergedException(
          "training diverged: the test loss is %s after epoch %d; lower --learning-rate"
              .formatted(scores.loss(), epoch));
    }
    return new EpochMetrics(
        epoch,
        steps.trainLoss(),
        scores.loss(),
        scores.top1(),
        scores.top5(),
        steps.imagesPerSecond(),
        steps.trainSeconds(),
        StepListener.seconds(start));
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of numbers and names is always JSON", e);
    }
  }
}
