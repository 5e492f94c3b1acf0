package org.agr4j.train;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.agr4j.input.BadInputException;
import org.agr4j.run.EpochMeter;
import org.agr4j.run.RowArray;
import org.agr4j.run.RunFolder;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Averages the weights over the steps of a run, and has the average measured and saved in their
 * place:
 *
 * <pre>
 *   a₀ = w₀
 *   aₜ = decay · aₜ₋₁ + (1 − decay) · wₜ      after step t
 * </pre>
 *
 * <p>w are all parameters of the network in the form it keeps them, the running statistics of batch
 * norm among them; DL4J's own layer keeps the logarithm of a deviation, so that the average of
 * those is a geometric mean. Training does not see a.
 *
 * <p>Memory: the parameters once more, and the activations of a second network while it is
 * measured. Time: a pass over both arrays each step. Sources: Polyak and Juditsky (1992); the
 * released code of ConvNeXt (timm's {@code ModelEma}) and of DDPM.
 */
final class WeightAverage implements Companion {
  private static final double MOST_OF_THE_START = 0.1;
  private static final double LITTLE_OF_THE_START = 0.01;

  private final double decay;
  private final Consumer<ComputationGraph> prepare;
  private INDArray average; // null before begin, unless it was restored
  private ComputationGraph averaged; // its parameters are the average

  /**
   * An average that is still to begin.
   *
   * @param decay share of the average that stays in a step, 0 to 1
   * @param prepare makes a network ready to be measured
   */
  WeightAverage(double decay, Consumer<ComputationGraph> prepare) {
    this.decay = decay;
    this.prepare = prepare;
  }

  /**
   * A line about an average that is still more than a tenth initial weights when a run ends, and
   * the decay with which it would be a hundredth.
   *
   * @param decay share of the average that stays in a step, 0 for no average
   * @param steps steps of the run, at least 1
   */
  static Optional<String> slowness(double decay, long steps) {
    double start = Math.pow(decay, steps);
    if (start <= MOST_OF_THE_START) {
      return Optional.empty();
    }
    BigDecimal less =
        new BigDecimal(1 - Math.pow(LITTLE_OF_THE_START, 1.0 / steps))
            .round(new MathContext(1, RoundingMode.HALF_UP));
    return Optional.of(
        String.format(
            Locale.ROOT,
            "Note: after %,d steps the average of the weights is still to %.1f%% the initial ones; "
                + "--weight-average %s would leave 1%%.",
            steps,
            100 * start,
            BigDecimal.ONE.subtract(less).toPlainString()));
  }

  @Override
  public String savedAs() {
    return "weight-average.bin";
  }

  @Override
  public void save(OutputStream out) throws IOException {
    DataOutputStream data = new DataOutputStream(out);
    Nd4j.write(average, data);
    data.flush();
  }

  @Override
  public void restore(byte[] saved) throws IOException {
    average =
        RowArray.read(
            new DataInputStream(new ByteArrayInputStream(saved)),
            saved.length,
            1,
            Integer.MAX_VALUE);
  }

  @Override
  public void begin(
      ComputationGraph graph, EpochMeter at, RunFolder folder, ProgressReport report) {
    INDArray weights = graph.params();
    if (average == null) {
      requireBeginning(at, folder);
      average = weights.dup();
    } else if (average.length() != weights.length() || average.dataType() != weights.dataType()) {
      throw new BadInputException(
          "%s has a checkpoint with %,d averaged weights of type %s, expected %,d of type %s"
              .formatted(
                  folder.path(),
                  average.length(),
                  average.dataType(),
                  weights.length(),
                  weights.dataType()));
    }
    averaged = new ComputationGraph(graph.getConfiguration().clone());
    averaged.init(average, false);
    prepare.accept(averaged);
  }

  private static void requireBeginning(EpochMeter at, RunFolder folder) {
    if (at.epoch() > 1 || at.examples() > 0) {
      throw new BadInputException(
          folder.path()
              + " has a checkpoint without averaged weights, expected them with --weight-average");
    }
  }

  @Override
  public void afterStep(ComputationGraph graph, EpochMeter at) {
    INDArray weights = graph.params();
    boolean isDouble = weights.dataType() == DataType.DOUBLE;
    // Rounded as the arithmetic does: 0.9999 in FLOAT and 10⁻⁴ are not 1 together, and weights
    // that stand still would be averaged to 1.00017 times what they are.
    double stays = isDouble ? decay : (float) decay;
    average.muli(stays);
    if (isDouble || weights.dataType() == DataType.FLOAT) {
      // In place: a product of all weights would take their memory a third time.
      Nd4j.getBlasWrapper().level1().axpy(weights.length(), 1 - stays, weights, average);
    } else {
      average.addi(weights.mul(1 - stays));
    }
  }

  @Override
  public ComputationGraph measured(ComputationGraph graph) {
    averaged.getConfiguration().setIterationCount(graph.getIterationCount());
    averaged.getConfiguration().setEpochCount(graph.getEpochCount());
    return averaged;
  }
}
