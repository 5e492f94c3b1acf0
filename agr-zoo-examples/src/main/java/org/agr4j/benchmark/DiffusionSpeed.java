package org.agr4j.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.agr4j.Agr;
import org.agr4j.diffusion.NoiseSchedule;
import org.agr4j.diffusion.Sampler;
import org.agr4j.diffusion.SamplingPath;
import org.agr4j.input.BadInputException;
import org.agr4j.layers.cpu.ActivationMemory;
import org.agr4j.layers.cpu.FastCpuLayers;
import org.agr4j.updater.AgrMode;
import org.agr4j.updater.DirectGraphUpdater;
import org.agr4j.zoo.DiffusionUnet;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * Training steps of the diffusion U-Net with AdamW(AGR) on made-up images, and steps of DDIM with
 * the same network.
 */
public final class DiffusionSpeed {
  private static final int CHANNELS = 3;
  private static final int TIMES = 1000;
  private static final int WARM_UP_STEPS = 8;
  private static final int STEPS_A_ROUND = 8;
  private static final int SAMPLING_STEPS = 8;
  private static final int PASSES = 3; // forward, gradient of inputs, gradient of weights

  private final int side;
  private final int width;
  private final int groups;
  private final ComputationGraphConfiguration conf;

  /**
   * The outcome; times are medians over the steps.
   *
   * @param model ddpm-unet
   * @param side height and width of an image
   * @param width channels of the first level
   * @param groups of each norm
   * @param batchSize images in a step
   * @param parameters length of the network's parameters
   * @param gflopPerImage 10⁹ operations of a step for an image, as in {@link NetworkSpeed}
   * @param imagesPerSecond images over the time of a step
   * @param bestImagesPerSecond over that of the fastest step, which other processes hindered least
   * @param gflops 10⁹ operations a second
   * @param matmulPeakGflops of the fastest large matrix product in the same minutes
   * @param shareOfMatmulPeak the one over the other
   * @param stepMillis a step: forward, backward and optimizer
   * @param forwardMillis the forward pass
   * @param backwardMillis the backward pass and the loss
   * @param optimizerMillis the updater, decay and subtraction
   * @param peakMemoryBytes physical memory of the process after training, or null if unknown
   * @param inferenceMillis a forward pass over a batch without training
   * @param samplingMillis a step of DDIM over a batch
   * @param layers what makes layers fast
   */
  public record Result(
      String model,
      int side,
      int width,
      int groups,
      int batchSize,
      long parameters,
      double gflopPerImage,
      double imagesPerSecond,
      double bestImagesPerSecond,
      double gflops,
      double matmulPeakGflops,
      double shareOfMatmulPeak,
      double stepMillis,
      double forwardMillis,
      double backwardMillis,
      double optimizerMillis,
      Long peakMemoryBytes,
      double inferenceMillis,
      double samplingMillis,
      String layers) {}

  /**
   * What is to be measured.
   *
   * @param side height and width of the images
   * @param width channels of the first level
   * @param groups of each norm, or null for {@link DiffusionUnet#fittingGroups}
   * @throws BadInputException if the network does not fit
   */
  public DiffusionSpeed(int side, int width, Integer groups) {
    this.side = side;
    this.width = width;
    this.groups = groups == null ? DiffusionUnet.fittingGroups(width) : groups;
    try {
      conf =
          DiffusionUnet.builder()
              .inputShape(CHANNELS, side, side)
              .width(width)
              .groups(this.groups)
              .updater(new NoOp())
              .build()
              .conf();
    } catch (IllegalArgumentException e) {
      throw new BadInputException("--model ddpm-unet does not fit: " + e.getMessage(), e);
    }
  }

  /**
   * Measures.
   *
   * @param batchSize images in a step
   * @param rounds rounds of 8 steps, at least 1
   * @param progress is told what is done next
   */
  public Result measure(int batchSize, int rounds, Consumer<String> progress) {
    ComputationGraph graph =
        new ComputationGraph(Agr.adamW(1e-4).mode(AgrMode.FIRST_MOMENT).applyTo(conf.clone()));
    graph.init();
    String layers = FastCpuLayers.install(graph);
    DirectGraphUpdater.install(graph);
    InputType[] inputs = {InputType.convolutional(side, side, CHANNELS), InputType.feedForward(1)};
    ActivationMemory.reserve(graph, batchSize, inputs);
    PhaseClock clock = new PhaseClock();
    graph.addListeners(clock);
    MultiDataSet batch = batch(batchSize);
    MatmulPeak peak = new MatmulPeak();

    progress.accept("warming up");
    for (int step = 0; step < WARM_UP_STEPS; step++) {
      graph.fit(batch);
    }
    StepTimes times = new StepTimes();
    for (int round = 1; round <= rounds; round++) {
      progress.accept("round " + round + " of " + rounds);
      peak.measure();
      for (int step = 0; step < STEPS_A_ROUND; step++) {
        times.step(graph, clock, batch);
      }
    }
    final Long memory = PeakMemory.bytes();
    progress.accept("sampling");
    List<Double> inference = new ArrayList<>();
    List<Double> sampling = new ArrayList<>();
    sample(graph, batch, inference, sampling);
    double gflopPerImage = 2e-9 * PASSES * MultiplyAdds.of(conf, inputs);
    double perSecond = 1000 * batchSize / times.median();
    double best = 1000 * batchSize / times.least();
    return new Result(
        "ddpm-unet",
        side,
        width,
        groups,
        batchSize,
        graph.numParams(),
        gflopPerImage,
        perSecond,
        best,
        gflopPerImage * perSecond,
        peak.gflops(),
        gflopPerImage * perSecond / peak.gflops(),
        times.median(),
        times.forward(),
        times.backward(),
        times.optimizer(),
        memory,
        Median.of(inference),
        Median.of(sampling),
        layers);
  }

  /** Milliseconds of forward passes and of DDIM's steps, in turns. */
  private void sample(
      ComputationGraph graph, MultiDataSet batch, List<Double> inference, List<Double> sampling) {
    int n = Math.toIntExact(batch.getFeatures(0).size(0));
    long[] shape = {CHANNELS, side, side};
    SamplingPath path = SamplingPath.ddim(NoiseSchedule.linear(TIMES), SAMPLING_STEPS, 0);
    Sampler sampler = new Sampler(graph, path, shape, 1);
    graph.output(batch.getFeatures());
    long[] before = {0};
    sampler.images(
        0,
        n,
        done -> {
          long now = System.nanoTime();
          if (before[0] > 0) {
            sampling.add((now - before[0]) / 1e6);
          }
          long start = System.nanoTime();
          graph.output(batch.getFeatures());
          before[0] = System.nanoTime();
          inference.add((before[0] - start) / 1e6);
        });
  }

  private MultiDataSet batch(int n) {
    Random random = new Random(1);
    INDArray images = normal(random, n * CHANNELS * side * side);
    INDArray noise = normal(random, n * CHANNELS * side * side);
    INDArray times = Nd4j.createFromArray(random.ints(n, 0, TIMES).toArray());
    return new MultiDataSet(
        new INDArray[] {
          images.reshape('c', n, CHANNELS, side, side),
          times.castTo(DataType.FLOAT).reshape('c', n, 1)
        },
        new INDArray[] {noise.reshape('c', n, (long) CHANNELS * side * side)});
  }

  private static INDArray normal(Random random, int length) {
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return Nd4j.createFromArray(numbers);
  }
}
