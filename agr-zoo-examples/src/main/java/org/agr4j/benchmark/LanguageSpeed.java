package org.agr4j.benchmark;

import java.util.Random;
import java.util.function.Consumer;
import org.agr4j.Agr;
import org.agr4j.layers.cpu.ActivationMemory;
import org.agr4j.layers.cpu.FastCpuLayers;
import org.agr4j.updater.AgrMode;
import org.agr4j.updater.DirectGraphUpdater;
import org.agr4j.zoo.Albert;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * Training steps of ALBERT at its released size with AdamW(AGR) on every tensor, on made-up tokens
 * without padding.
 */
public final class LanguageSpeed {
  private static final int VOCABULARY = 30522;
  private static final int MOST_PREDICTIONS = 75;
  private static final double MASKED = 0.15;
  private static final int WARM_UP_STEPS = 8;
  private static final double WARM_UP_SECONDS = 10; // Java has compiled the loops by then
  private static final int STEPS_A_ROUND = 8;
  private static final int PASSES = 3; // forward, gradient of inputs, gradient of weights

  private final int length;
  private final int predictions;
  private final Albert albert;

  /**
   * The outcome; times are medians over the steps.
   *
   * @param model albert
   * @param length positions of a sequence
   * @param predictions masked positions of a sequence
   * @param batchSize sequences in a step
   * @param parameters length of the network's parameters
   * @param gflopPerSequence 10⁹ operations of a step for a sequence, as in {@link NetworkSpeed}
   * @param sequencesPerSecond sequences over the time of a step
   * @param bestSequencesPerSecond over that of the fastest step, which other processes hindered
   *     least
   * @param gflops 10⁹ operations a second
   * @param matmulPeakGflops of the fastest large matrix product in the same minutes
   * @param shareOfMatmulPeak the one over the other
   * @param stepMillis a step: forward, backward and optimizer
   * @param forwardMillis the forward pass but for the outputs' losses
   * @param backwardMillis the backward pass and the losses
   * @param optimizerMillis the updater, decay and subtraction
   * @param peakMemoryBytes physical memory of the process at its most, or null if unknown
   * @param layers what makes layers fast
   */
  public record Result(
      String model,
      int length,
      int predictions,
      int batchSize,
      long parameters,
      double gflopPerSequence,
      double sequencesPerSecond,
      double bestSequencesPerSecond,
      double gflops,
      double matmulPeakGflops,
      double shareOfMatmulPeak,
      double stepMillis,
      double forwardMillis,
      double backwardMillis,
      double optimizerMillis,
      Long peakMemoryBytes,
      String layers) {}

  /**
   * What is to be measured.
   *
   * @param length positions of a sequence, of which 15% are masked, at most 75
   */
  public LanguageSpeed(int length) {
    this.length = length;
    this.predictions = Math.max(1, (int) Math.min(MOST_PREDICTIONS, Math.round(MASKED * length)));
    this.albert =
        Albert.builder()
            .vocabulary(VOCABULARY)
            .length(length)
            .predictions(predictions)
            .updater(new NoOp())
            .build();
  }

  /**
   * Measures.
   *
   * @param batchSize sequences in a step
   * @param rounds rounds of 8 steps, at least 1; {@value #WARM_UP_SECONDS} seconds of steps go
   *     before
   * @param progress is told what is done next
   */
  public Result measure(int batchSize, int rounds, Consumer<String> progress) {
    Agr agr = Agr.adamW(1e-4).mode(AgrMode.ALL_MOMENTS).everyTensor();
    ComputationGraph graph = new ComputationGraph(agr.applyTo(albert.conf()));
    graph.init();
    String layers = FastCpuLayers.install(graph);
    DirectGraphUpdater.install(graph);
    InputType[] inputs = albert.inputTypes();
    ActivationMemory.reserve(graph, batchSize, inputs);
    PhaseClock clock = new PhaseClock();
    graph.addListeners(clock);
    MultiDataSet batch = batch(batchSize);
    MatmulPeak peak = new MatmulPeak();

    progress.accept("warming up");
    long warm = System.nanoTime() + Math.round(1e9 * WARM_UP_SECONDS);
    for (int step = 0; step < WARM_UP_STEPS || System.nanoTime() < warm; step++) {
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
    double gflopPerSequence = 2e-9 * PASSES * MultiplyAdds.of(albert.conf(), inputs);
    double perSecond = 1000 * batchSize / times.median();
    double best = 1000 * batchSize / times.least();
    return new Result(
        "albert",
        length,
        predictions,
        batchSize,
        graph.numParams(),
        gflopPerSequence,
        perSecond,
        best,
        gflopPerSequence * perSecond,
        peak.gflops(),
        gflopPerSequence * perSecond / peak.gflops(),
        times.median(),
        times.forward(),
        times.backward(),
        times.optimizer(),
        PeakMemory.bytes(),
        layers);
  }

  private MultiDataSet batch(int n) {
    Random random = new Random(1);
    INDArray order = Nd4j.zeros(DataType.FLOAT, n, 2);
    for (int i = 0; i < n; i++) {
      order.putScalar(i, random.nextInt(2), 1);
    }
    return new MultiDataSet(
        new INDArray[] {
          whole(random, VOCABULARY, n, length),
          whole(random, 2, n, length),
          Nd4j.ones(DataType.FLOAT, n, length),
          whole(random, length, n, predictions)
        },
        new INDArray[] {whole(random, VOCABULARY, n, predictions), order},
        null,
        new INDArray[] {Nd4j.ones(DataType.FLOAT, n, predictions), null});
  }

  private static INDArray whole(Random random, int bound, int n, int columns) {
    float[] numbers = new float[n * columns];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = random.nextInt(bound);
    }
    return Nd4j.createFromArray(numbers).reshape(n, columns);
  }
}
