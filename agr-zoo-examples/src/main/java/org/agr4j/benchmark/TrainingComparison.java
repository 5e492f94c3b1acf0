package org.agr4j.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.agr4j.Agr;
import org.agr4j.data.CifarFormat;
import org.agr4j.data.ImageIterator;
import org.agr4j.data.ImageSplits;
import org.agr4j.data.SyntheticCifar;
import org.agr4j.layers.cpu.FastCpuLayers;
import org.agr4j.updater.AgrMode;
import org.agr4j.updater.DirectGraphUpdater;
import org.agr4j.zoo.ResNet;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * Training steps of ResNet-18 on 32×32 images: plain DL4J, and DL4J with AGR4J's layer helpers,
 * with AdamW(AGR) and with AdamW, interleaved.
 */
public final class TrainingComparison {
  /** Steps of ours for each step of plain DL4J, which takes several times as long. */
  private static final int STEPS_A_ROUND = 4;

  /**
   * The outcome; each time is the median over the rounds.
   *
   * @param batchSize images in a step
   * @param width channels of the first stage
   * @param plainImagesPerSecond plain DL4J, AdamW(AGR)
   * @param imagesPerSecond with helpers, AdamW(AGR)
   * @param imagesPerSecondAgrOff with helpers, AdamW
   * @param stepMillis a step with helpers, AdamW(AGR)
   * @param updateMillis the updater's and decay's part of it
   * @param dataMillis making a batch from bytes, which another thread does during a step
   * @param scoreMillis reading the loss after a step
   * @param helpers what was in use
   */
  public record Result(
      int batchSize,
      int width,
      double plainImagesPerSecond,
      double imagesPerSecond,
      double imagesPerSecondAgrOff,
      double stepMillis,
      double updateMillis,
      double dataMillis,
      double scoreMillis,
      String helpers) {
    /** How many times faster than plain DL4J. */
    public double speedUp() {
      return imagesPerSecond / plainImagesPerSecond;
    }

    /** Time of training with AGR over without, minus 1. */
    public double agrCost() {
      return imagesPerSecondAgrOff / imagesPerSecond - 1;
    }

    /** The updater's share of a step. */
    public double updateShare() {
      return updateMillis / stepMillis;
    }
  }

  private TrainingComparison() {}

  /**
   * Measures training with plain DL4J, with fast layers, and with AGR off.
   *
   * @param batchSize images in a step
   * @param width channels of the first stage
   * @param rounds rounds to take the median of, at least 1
   * @param progress is told what is done next
   */
  public static Result measure(int batchSize, int width, int rounds, Consumer<String> progress) {
    DataSet batch = batch(batchSize);
    ComputationGraph plain = network(width, AgrMode.FIRST_MOMENT);
    ComputationGraph agr = network(width, AgrMode.FIRST_MOMENT);
    ComputationGraph off = network(width, AgrMode.OFF);
    String helpers = FastCpuLayers.install(agr);
    FastCpuLayers.install(off);
    DirectGraphUpdater.install(agr);
    DirectGraphUpdater.install(off);

    progress.accept("warming up");
    time(plain, batch, 1);
    time(agr, batch, 3);
    time(off, batch, 3);
    List<Double> plainTimes = new ArrayList<>();
    List<Double> agrTimes = new ArrayList<>();
    List<Double> offTimes = new ArrayList<>();
    List<Double> updateTimes = new ArrayList<>();
    List<Double> dataTimes = new ArrayList<>();
    List<Double> scoreTimes = new ArrayList<>();
    ImageSplits images =
        SyntheticCifar.generate(CifarFormat.CIFAR100, 1, STEPS_A_ROUND * rounds * batchSize, 1);
    ImageIterator batches =
        ImageIterator.shuffled(images.train(), images.standardization(), batchSize, 1);
    for (int round = 1; round <= rounds; round++) {
      progress.accept("round " + round + " of " + rounds);
      for (int step = 0; step < STEPS_A_ROUND; step++) {
        // The one that comes second finds other arrays in the cache: take turns at being second.
        if (step % 2 == 0) {
          agrTimes.add(time(agr, batch, 1));
          offTimes.add(time(off, batch, 1));
        } else {
          offTimes.add(time(off, batch, 1));
          agrTimes.add(time(agr, batch, 1));
        }
        dataTimes.add(time(batches::next));
      }
      scoreTimes.add(time(agr::score));
      updateTimes.add(timeUpdate(agr));
      plainTimes.add(time(plain, batch, 1));
    }
    return new Result(
        batchSize,
        width,
        batchSize / Median.of(plainTimes),
        batchSize / Median.of(agrTimes),
        batchSize / Median.of(offTimes),
        1000 * Median.of(agrTimes),
        1000 * Median.of(updateTimes),
        1000 * Median.of(dataTimes),
        1000 * Median.of(scoreTimes),
        helpers);
  }

  private static ComputationGraph network(int width, AgrMode mode) {
    ComputationGraphConfiguration conf =
        ResNet.resNet18().width(width).numClasses(100).updater(new NoOp()).build().conf();
    ComputationGraph graph = new ComputationGraph(Agr.adamW(1e-3).mode(mode).applyTo(conf));
    graph.init();
    return graph;
  }

  private static DataSet batch(int size) {
    Random random = new Random(1);
    INDArray labels = Nd4j.zeros(DataType.FLOAT, size, 100);
    for (int i = 0; i < size; i++) {
      labels.putScalar(i, random.nextInt(100), 1);
    }
    return new DataSet(Nd4j.randn(DataType.FLOAT, size, 3, 32, 32), labels);
  }

  /** Seconds of one step. */
  private static double time(ComputationGraph graph, DataSet batch, int steps) {
    long start = System.nanoTime();
    for (int i = 0; i < steps; i++) {
      graph.fit(batch);
    }
    return (System.nanoTime() - start) / 1e9 / steps;
  }

  private static double time(Supplier<?> work) {
    long start = System.nanoTime();
    work.get();
    return (System.nanoTime() - start) / 1e9;
  }

  /** Seconds of the updater alone, on what the last step left in the gradient. */
  private static double timeUpdate(ComputationGraph graph) {
    BaseMultiLayerUpdater<?> updater = graph.getUpdater();
    DefaultGradient gradient = new DefaultGradient(graph.getFlattenedGradients());
    long start = System.nanoTime();
    updater.update(gradient, 9, 0, 1, LayerWorkspaceMgr.noWorkspaces());
    return (System.nanoTime() - start) / 1e9;
  }
}
