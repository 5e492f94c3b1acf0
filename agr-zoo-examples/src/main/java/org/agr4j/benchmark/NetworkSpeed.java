package org.agr4j.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.agr4j.Agr;
import org.agr4j.data.ImageIterator;
import org.agr4j.data.ImageSet;
import org.agr4j.data.Standardization;
import org.agr4j.input.BadInputException;
import org.agr4j.layers.cpu.ActivationMemory;
import org.agr4j.layers.cpu.FastCpuLayers;
import org.agr4j.updater.AgrMode;
import org.agr4j.updater.DirectGraphUpdater;
import org.agr4j.zoo.ImageNetworkBuilder;
import org.agr4j.zoo.NamedNetwork;
import org.agr4j.zoo.NetworkOptions;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * Training steps of one network of the zoo with AdamW(AGR) on made-up images: how many images a
 * second, where the time goes, and what share of the machine's arithmetic that is.
 */
public final class NetworkSpeed {
  // DL4J's workspaces of activation gradients know their sizes after four steps.
  private static final int WARM_UP_STEPS = 5;
  private static final int STEPS_A_ROUND = 4;
  private static final int CIFAR_SIDE = 32;
  private static final int PASSES = 3; // forward, gradient of inputs, gradient of weights

  private final NamedNetwork network;
  private final int side;
  private final int classes;
  private final ComputationGraphConfiguration conf;

  /**
   * The outcome; times are medians over the steps.
   *
   * @param model name of the network
   * @param side height and width of an image
   * @param classes number of classes
   * @param batchSize images in a step
   * @param parameters length of the network's parameters
   * @param gflopPerImage 10⁹ operations of a step for an image: two for each multiply-add of
   *     convolutions, dense layers and attention products, forward, and twice that backward
   * @param imagesPerSecond images over the time of a step
   * @param plainImagesPerSecond plain DL4J, or null if that was not measured
   * @param gflops 10⁹ operations a second
   * @param matmulPeakGflops of the fastest large matrix product in the same minutes
   * @param shareOfMatmulPeak the one over the other
   * @param stepMillis a step: forward, backward and optimizer
   * @param forwardMillis the forward pass
   * @param backwardMillis the backward pass and the loss
   * @param optimizerMillis the updater, decay and subtraction
   * @param dataMillis making a batch from bytes, which in training another thread does meanwhile
   * @param peakMemoryBytes physical memory of the process at its most, or null if unknown
   * @param layers what makes layers fast
   */
  public record Result(
      String model,
      int side,
      int classes,
      int batchSize,
      long parameters,
      double gflopPerImage,
      double imagesPerSecond,
      Double plainImagesPerSecond,
      double gflops,
      double matmulPeakGflops,
      double shareOfMatmulPeak,
      double stepMillis,
      double forwardMillis,
      double backwardMillis,
      double optimizerMillis,
      double dataMillis,
      Long peakMemoryBytes,
      String layers) {}

  /**
   * What is to be measured: 100 classes for 32×32 images, as in CIFAR-100, 200 for others.
   *
   * @param network which
   * @param side height and width of the images, or null for the network's usual one
   * @param width channels of the first stage, or null for the network's own
   * @param options drop path, patch and windows
   * @throws BadInputException if the network does not fit
   */
  public NetworkSpeed(NamedNetwork network, Integer side, Integer width, NetworkOptions options) {
    this.network = network;
    this.side = side == null ? network.usualSide() : side;
    this.classes = this.side == CIFAR_SIDE ? 100 : 200;
    try {
      ImageNetworkBuilder builder =
          network.builder(3, this.side, this.side, options).numClasses(classes);
      if (width != null) {
        builder.width(width);
      }
      conf = builder.updater(new NoOp()).build().conf();
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new BadInputException("--model " + network + " does not fit: " + e.getMessage(), e);
    }
  }

  /**
   * Measures the speed of training this network.
   *
   * @param batchSize images in a step
   * @param rounds rounds of 4 steps, at least 1
   * @param withPlain whether to time plain DL4J as well, a step a round
   * @param progress is told what is done next
   */
  public Result measure(int batchSize, int rounds, boolean withPlain, Consumer<String> progress) {
    ComputationGraph graph = graph();
    String layers = FastCpuLayers.install(graph);
    DirectGraphUpdater.install(graph);
    ActivationMemory.reserve(graph, batchSize, image());
    PhaseClock clock = new PhaseClock();
    graph.addListeners(clock);
    ImageIterator batches = batches(batchSize);
    MatmulPeak peak = new MatmulPeak();

    progress.accept("warming up");
    for (int step = 0; step < WARM_UP_STEPS; step++) {
      graph.fit(next(batches));
    }
    // The plain network's memory is not to count.
    Long memory = withPlain ? PeakMemory.bytes() : null;
    ComputationGraph plain = withPlain ? graph() : null;
    if (withPlain) {
      plain.fit(next(batches));
    }
    Times times = new Times();
    for (int round = 1; round <= rounds; round++) {
      progress.accept("round " + round + " of " + rounds);
      peak.measure();
      for (int step = 0; step < STEPS_A_ROUND; step++) {
        times.step(graph, clock, batches);
      }
      if (withPlain) {
        times.plainStep(plain, next(batches));
      }
    }
    peak.measure();
    if (!withPlain) {
      memory = PeakMemory.bytes();
    }
    double gflopPerImage = 2e-9 * PASSES * multiplyAdds();
    double imagesPerSecond = 1000 * batchSize / Median.of(times.step);
    double gflops = gflopPerImage * imagesPerSecond;
    return new Result(
        network.label(),
        side,
        classes,
        batchSize,
        graph.numParams(),
        gflopPerImage,
        imagesPerSecond,
        withPlain ? 1000 * batchSize / Median.of(times.plain) : null,
        gflops,
        peak.gflops(),
        gflops / peak.gflops(),
        Median.of(times.step),
        Median.of(times.forward),
        Median.of(times.backward),
        Median.of(times.optimizer),
        Median.of(times.data),
        memory,
        layers);
  }

  /** Multiply-adds of a forward pass over an image. */
  long multiplyAdds() {
    return MultiplyAdds.of(conf, image());
  }

  private InputType image() {
    return InputType.convolutional(side, side, 3);
  }

  private ComputationGraph graph() {
    ComputationGraph graph =
        new ComputationGraph(Agr.adamW(1e-3).mode(AgrMode.FIRST_MOMENT).applyTo(conf.clone()));
    graph.init();
    return graph;
  }

  private ImageIterator batches(int batchSize) {
    Random random = new Random(1);
    byte[] pixels = new byte[Math.multiplyExact(batchSize, 3 * side * side)];
    random.nextBytes(pixels);
    int[] labels = random.ints(batchSize, 0, classes).toArray();
    ImageSet images = new ImageSet(pixels, labels, 3, side, side, classes);
    double[] half = {0.5, 0.5, 0.5};
    return ImageIterator.shuffled(images, new Standardization(half, half), batchSize, 1);
  }

  private static DataSet next(ImageIterator batches) {
    if (!batches.hasNext()) {
      batches.reset();
    }
    return batches.next();
  }

  /** Milliseconds of each step so far. */
  private static final class Times {
    final List<Double> step = new ArrayList<>();
    final List<Double> forward = new ArrayList<>();
    final List<Double> backward = new ArrayList<>();
    final List<Double> optimizer = new ArrayList<>();
    final List<Double> data = new ArrayList<>();
    final List<Double> plain = new ArrayList<>();

    void step(ComputationGraph graph, PhaseClock clock, ImageIterator batches) {
      final long start = System.nanoTime();
      DataSet batch = next(batches);
      final long ready = System.nanoTime();
      graph.fit(batch);
      long end = System.nanoTime();
      data.add(millis(start, ready));
      forward.add(millis(ready, clock.forwardEnd()));
      backward.add(millis(clock.forwardEnd(), clock.backwardEnd()));
      optimizer.add(millis(clock.backwardEnd(), end));
      step.add(millis(ready, end));
    }

    void plainStep(ComputationGraph graph, DataSet batch) {
      long start = System.nanoTime();
      graph.fit(batch);
      plain.add(millis(start, System.nanoTime()));
    }

    private static double millis(long from, long to) {
      return (to - from) / 1e6;
    }
  }
}
