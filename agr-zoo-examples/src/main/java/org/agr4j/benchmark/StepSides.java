package org.agr4j.benchmark;

import java.util.Arrays;
import org.agr4j.internal.kernel.OptimizerSteps;
import org.agr4j.updater.AdamWAgr;
import org.agr4j.updater.AdanAgr;
import org.agr4j.updater.AgrMode;
import org.agr4j.updater.AgrOptimizer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.Adam;

/**
 * One step of each optimizer over one block of FLOAT, as a network would make it, for a benchmark
 * to time.
 *
 * <p>The gradient is not renewed between steps: a step's time does not depend on the numbers, as
 * long as they stay in the normal range of FLOAT, which an update of about the learning rate does.
 * Memory: 14 arrays of the block's size.
 */
public final class StepSides {
  /** ND4J's in-place subtraction, 12 bytes an element at the speed of memory. */
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

  private final INDArray gradient;
  private final INDArray parameters;
  private final GradientUpdater<?> adam;
  private final GradientUpdater<?> adamWAgr;
  private final GradientUpdater<?> adamW;
  private final GradientUpdater<?> adanAgr;
  private final GradientUpdater<?> adamWAgrOps;

  /**
   * Allocates the arrays.
   *
   * @param lengths number of elements of each tensor of the block
   */
  public StepSides(long... lengths) {
    long n = Arrays.stream(lengths).sum();
    gradient = Nd4j.randn(DataType.FLOAT, n).muli(0.01);
    parameters = Nd4j.randn(DataType.FLOAT, n);
    adam = new Adam(1e-3).instantiate(Nd4j.zeros(DataType.FLOAT, 1, 2 * n), true);
    adamWAgr = updater(new AdamWAgr(), lengths);
    adamW = updater(new AdamWAgr().withMode(AgrMode.OFF), lengths);
    adanAgr = updater(new AdanAgr(), lengths);
    String chosen = System.getProperty(OptimizerSteps.PROPERTY);
    System.setProperty(OptimizerSteps.PROPERTY, "ops");
    try {
      adamWAgrOps = updater(new AdamWAgr(), lengths);
    } finally {
      if (chosen == null) {
        System.clearProperty(OptimizerSteps.PROPERTY);
      } else {
        System.setProperty(OptimizerSteps.PROPERTY, chosen);
      }
    }
  }

  private static GradientUpdater<?> updater(AgrOptimizer config, long[] lengths) {
    long state = Arrays.stream(lengths).map(config::stateSize).sum();
    return config.instantiate(Nd4j.create(DataType.FLOAT, state), lengths, true);
  }

  /** parameters ← parameters − gradient, ND4J's. */
  public void subi() {
    parameters.subi(gradient);
  }

  /** A step of DL4J's Adam. */
  public void dl4jAdam() {
    adam.applyUpdater(gradient.reshape(1, gradient.length()), 9, 0);
  }

  /** A step of AdamW(AGR) as ND4J operations. */
  public void opsAgr() {
    adamWAgrOps.applyUpdater(gradient, 9, 0);
  }

  /** A step of AdamW(AGR), fused. */
  public void fusedAgr() {
    adamWAgr.applyUpdater(gradient, 9, 0);
  }

  /** A step of AdamW, fused, with the check for NaN. */
  public void fusedOff() {
    adamW.applyUpdater(gradient, 9, 0);
  }

  /** A step of Adan(AGR), fused. */
  public void adanAgr() {
    adanAgr.applyUpdater(gradient, 9, 0);
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
