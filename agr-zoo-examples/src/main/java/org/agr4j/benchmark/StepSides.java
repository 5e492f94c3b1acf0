package org.agr4j.benchmark;

import java.util.Arrays;
import org.agr4j.kernel.AdamWCoefficients;
import org.agr4j.kernel.AdanCoefficients;
import org.agr4j.kernel.Nd4jOpsKernel;
import org.agr4j.kernel.UpdateKernel;
import org.agr4j.layout.TensorBoundaries;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.Adam;

/**
 * One step of each optimizer over one block of FLOAT, for a benchmark to time.
 *
 * <p>The gradient is not renewed between steps: a step's time does not depend on the numbers, as
 * long as they stay in the normal range of FLOAT, which an update of about the learning rate does.
 * Memory: 8 arrays of the block's size, 6 without Adan.
 */
public final class StepSides {
  /** Names of the sides, in the order of a table. */
  public static final String SUBI = "subi";

  /** DL4J's Adam, native code. */
  public static final String DL4J_ADAM = "DL4J Adam";

  /** AdamW(AGR) as ND4J operations. */
  public static final String OPS_AGR = "AdamW(AGR), ND4J ops";

  /** AdamW(AGR), fused. */
  public static final String FUSED_AGR = "AdamW(AGR)";

  /** AdamW, fused, AGR off. */
  public static final String FUSED_OFF = "AdamW";

  /** Adan(AGR), fused. */
  public static final String ADAN_AGR = "Adan(AGR)";

  private final TensorBoundaries tensors;
  private final INDArray gradient;
  private final INDArray gradientRow;
  private final INDArray firstMoment;
  private final INDArray secondMoment;
  private final INDArray difference;
  private final INDArray lastGradient;
  private final INDArray parameters;
  private final GradientUpdater<?> adam;
  private final UpdateKernel fused;
  private final double[] sums;
  private final double[] off;
  private final AdamWCoefficients adamW =
      new AdamWCoefficients(
          1e-3, 0.9, 0.999, 1e-8, 1 - Math.pow(0.9, 9), 1 - Math.pow(0.999, 9), false);
  private final AdanCoefficients adan =
      new AdanCoefficients(
          1e-3,
          0.98,
          0.92,
          0.99,
          1e-8,
          1 - Math.pow(0.98, 9),
          1 - Math.pow(0.92, 9),
          1 - Math.pow(0.99, 9),
          false,
          false);

  /**
   * Allocates the arrays.
   *
   * @param lengths number of elements of each tensor of the block
   */
  public StepSides(long... lengths) {
    tensors = TensorBoundaries.ofLengths(lengths);
    long n = tensors.totalLength();
    gradient = Nd4j.randn(DataType.FLOAT, n).muli(0.01);
    gradientRow = gradient.reshape(1, n); // a view, of the shape DL4J gives its own updaters
    firstMoment = Nd4j.zeros(DataType.FLOAT, n);
    secondMoment = Nd4j.zeros(DataType.FLOAT, n);
    difference = Nd4j.zeros(DataType.FLOAT, n);
    lastGradient = Nd4j.zeros(DataType.FLOAT, n);
    parameters = Nd4j.randn(DataType.FLOAT, n);
    adam = new Adam(1e-3).instantiate(Nd4j.zeros(DataType.FLOAT, 1, 2 * n), true);
    fused = UpdateKernel.forState(firstMoment);
    sums = new double[tensors.count()];
    off = new double[tensors.count()];
    Arrays.fill(off, Double.POSITIVE_INFINITY);
  }

  /** parameters ← parameters − gradient, ND4J's: 12 bytes an element at the speed of memory. */
  public void subi() {
    parameters.subi(gradient);
  }

  /** A step of DL4J's Adam. */
  public void dl4jAdam() {
    adam.applyUpdater(gradientRow, 9, 0);
  }

  /** A step of AdamW(AGR) as ND4J operations. */
  public void opsAgr() {
    adamW(Nd4jOpsKernel.INSTANCE, sums);
  }

  /** A step of AdamW(AGR), fused. */
  public void fusedAgr() {
    adamW(fused, sums);
  }

  /** A step of AdamW, fused, with the check for NaN. */
  public void fusedOff() {
    adamW(fused, off);
  }

  /** A step of Adan(AGR), fused. */
  public void adanAgr() {
    fused.absoluteSums(gradient, tensors, sums);
    fused.adan(
        gradient,
        firstMoment,
        difference,
        secondMoment,
        lastGradient,
        tensors,
        0,
        tensors.count(),
        sums,
        adan);
  }

  private void adamW(UpdateKernel kernel, double[] divisors) {
    kernel.absoluteSums(gradient, tensors, sums);
    kernel.adamW(gradient, firstMoment, secondMoment, tensors, 0, tensors.count(), divisors, adamW);
  }

  /** The sides as a comparison. */
  public StepComparison comparison() {
    return new StepComparison()
        .side(SUBI, this::subi)
        .side(DL4J_ADAM, this::dl4jAdam)
        .side(FUSED_AGR, this::fusedAgr)
        .side(FUSED_OFF, this::fusedOff)
        .side(ADAN_AGR, this::adanAgr)
        .side(OPS_AGR, this::opsAgr);
  }
}
