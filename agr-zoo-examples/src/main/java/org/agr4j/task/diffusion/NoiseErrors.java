package org.agr4j.task.diffusion;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.agr4j.data.ImageIterator;
import org.agr4j.diffusion.NoiseSchedule;
import org.agr4j.train.Measure;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * How well a network tells the noise in test images: the mean squared error over all times, and
 * over each quarter of them.
 *
 * <p>Image i is noised at a time of quarter i mod 4, time and noise drawn from a stream of its own,
 * which is the same in every epoch and every run: what differs between two numbers is the network.
 */
final class NoiseErrors {
  /** The mean over all times, which is compared. */
  static final Measure LOSS =
      new Measure("test_loss", "test loss", "Test loss", "squared error of the noise", true);

  private static final int QUARTERS = 4;
  private static final long SEED = 20_200_620; // of the numbers that all runs share
  private static final long FACTOR = 1_000_003L;

  private final double[] sums = new double[QUARTERS];
  private final int[] images = new int[QUARTERS];

  /** All of these measures; times grow from nearly an image to nearly noise. */
  static List<Measure> measures() {
    List<Measure> all = new ArrayList<>();
    all.add(LOSS.alsoCompared());
    all.add(Measure.trainLoss(LOSS.unit()));
    for (int quarter = 0; quarter < QUARTERS; quarter++) {
      all.add(
          new Measure(
              key(quarter),
              "times %d–%d%%".formatted(25 * quarter, 25 * (quarter + 1)),
              "Test loss, times %d–%d%%".formatted(25 * quarter, 25 * (quarter + 1)),
              LOSS.unit(),
              true));
    }
    return all;
  }

  private static String key(int quarter) {
    return "test_loss_quarter" + (quarter + 1);
  }

  /**
   * Measures a network.
   *
   * @param graph not modified
   * @param batches test images, in their order
   * @param schedule the noise
   * @return values by the keys of the measures
   */
  static Map<String, Double> of(
      ComputationGraph graph, ImageIterator batches, NoiseSchedule schedule) {
    NoiseErrors errors = new NoiseErrors();
    int first = 0;
    while (batches.hasNext()) {
      INDArray x = batches.next().getFeatures();
      errors.add(graph, x, first, schedule);
      first += (int) x.size(0);
    }
    return errors.values();
  }

  private void add(ComputationGraph graph, INDArray x, int first, NoiseSchedule schedule) {
    int n = (int) x.size(0);
    int[] times = new int[n];
    INDArray noise = x.ulike();
    for (int i = 0; i < n; i++) {
      Random random = new Random(SEED + FACTOR * (first + i));
      int quarter = (first + i) % QUARTERS;
      int from = schedule.steps() * quarter / QUARTERS;
      int to = schedule.steps() * (quarter + 1) / QUARTERS;
      times[i] = from + random.nextInt(to - from);
      noise.slice(i).assign(Noising.normal(random, x.slice(i)));
    }
    MultiDataSet batch = Noising.noised(x, times, noise, schedule);
    INDArray predicted = graph.output(batch.getFeatures())[0];
    INDArray difference = predicted.sub(batch.getLabels(0));
    double[] squares = difference.muli(difference).mean(1).toDoubleVector();
    for (int i = 0; i < n; i++) {
      sums[(first + i) % QUARTERS] += squares[i];
      images[(first + i) % QUARTERS]++;
    }
  }

  private Map<String, Double> values() {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put(LOSS.key(), 0.0);
    for (int quarter = 0; quarter < QUARTERS; quarter++) {
      double mean = sums[quarter] / images[quarter];
      values.put(key(quarter), mean);
      values.merge(LOSS.key(), mean / QUARTERS, Double::sum);
    }
    return values;
  }
}
