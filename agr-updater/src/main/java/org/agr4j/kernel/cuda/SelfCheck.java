package org.agr4j.kernel.cuda;

import java.util.Random;
import org.agr4j.kernel.AdamWCoefficients;
import org.agr4j.kernel.AdanCoefficients;
import org.agr4j.kernel.Nd4jOpsKernel;
import org.agr4j.kernel.StepNumbers;
import org.agr4j.kernel.UpdateKernel;
import org.agr4j.layout.TensorBoundaries;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Three steps of a small random block on a device, both optimizers, Ψ in the first moment and in
 * all, against {@link Nd4jOpsKernel} on the same backend.
 */
final class SelfCheck {
  private static final Logger LOG = LoggerFactory.getLogger(SelfCheck.class);
  private static final int STEPS = 3;
  // A small one alone, several a thread block, and one of several thread blocks.
  private static final TensorBoundaries TENSORS =
      TensorBoundaries.ofLengths(1, 2, 300, 17, 64, 5_003, 700, 9);

  private final StepDevice device;
  private final DataType type;
  private final double tolerance;

  SelfCheck(StepDevice device, DataType type) {
    this.device = device;
    this.type = type;
    // Of the largest element of an array. ND4J rounds to FLOAT16 after each operation.
    tolerance = type == DataType.DOUBLE ? 1e-11 : type == DataType.FLOAT ? 1e-4 : 3e-2;
  }

  /** Checks a device, and warns if something is wrong there. */
  static boolean passes(StepDevice device, int number, DataType type) {
    String difference;
    try {
      difference = new SelfCheck(device, type).difference();
    } catch (CudaException e) {
      difference = e.getMessage();
    } catch (RuntimeException | LinkageError e) {
      difference = e.toString();
    }
    if (difference != null) {
      LOG.warn(
          "AGR4J's CUDA kernel is not used for {} on device {}, ND4J's operations are: {}",
          type,
          number,
          difference);
    }
    return difference == null;
  }

  /** What differs, or null if nothing does. */
  @SuppressWarnings("try") // the scope is there to be closed
  String difference() {
    try (MemoryWorkspace ignored = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      for (boolean adan : new boolean[] {false, true}) {
        for (boolean all : new boolean[] {false, true}) {
          String difference = difference(adan, all);
          if (difference != null) {
            return (adan ? "Adan" : "AdamW") + (all ? ", Ψ in all moments, " : ", ") + difference;
          }
        }
      }
    }
    return null;
  }

  private String difference(boolean adan, boolean all) {
    int arrays = adan ? 4 : 2;
    long n = TENSORS.totalLength();
    int count = TENSORS.count();
    INDArray state = Nd4j.zeros(type, arrays * n + 2L * count);
    INDArray[] moments = new INDArray[arrays];
    INDArray[] expected = new INDArray[arrays];
    for (int k = 0; k < arrays; k++) {
      moments[k] = state.get(NDArrayIndex.interval(k * n, (k + 1) * n));
      expected[k] = Nd4j.zeros(type, n);
    }
    INDArray steps = state.get(NDArrayIndex.interval(arrays * n, arrays * n + count));
    INDArray skipped =
        state.get(NDArrayIndex.interval(arrays * n + count, arrays * n + 2L * count));
    BlockSteps block = new BlockSteps(device, TENSORS, moments, steps, skipped);
    StepNumbers numbers = new StepNumbers(0.1, 0.9, 0.95, 0.97, 1e-2, 1, all, 0, false, true);
    Random random = new Random(7);
    for (int t = 1; t <= STEPS; t++) {
      double[] values = random.doubles(n, -1, 1).toArray();
      INDArray update = Nd4j.createFromArray(values).castTo(type);
      INDArray expectedUpdate = update.dup();
      if (!block.launchOrThrow(update, numbers)) {
        return "the arrays are not where or what the kernel needs";
      }
      step(expectedUpdate, expected, numbers, adan, t);
      String difference = compare("update of step " + t, expectedUpdate, update);
      for (int k = 0; k < arrays && difference == null; k++) {
        difference = compare("moment " + (k + 1) + " after step " + t, expected[k], moments[k]);
      }
      if (difference != null) {
        return difference;
      }
    }
    String counted = compare("steps made", Nd4j.zeros(type, count).addi(STEPS), steps);
    return counted != null ? counted : compare("steps skipped", Nd4j.zeros(type, count), skipped);
  }

  private static void step(INDArray g, INDArray[] s, StepNumbers c, boolean adan, int t) {
    UpdateKernel ops = Nd4jOpsKernel.INSTANCE;
    int count = TENSORS.count();
    double[] divisors = new double[count];
    ops.absoluteSums(g, TENSORS, divisors);
    for (int i = 0; i < count; i++) {
      if (TENSORS.length(i) == 1) {
        divisors[i] = Double.POSITIVE_INFINITY;
      }
    }
    double correction1 = 1 - Math.pow(c.beta1(), t);
    double correction2 = 1 - Math.pow(c.beta2(), t);
    double correction3 = 1 - Math.pow(c.beta3(), t);
    boolean all = c.psiInAllMoments();
    if (adan) {
      AdanCoefficients numbers =
          new AdanCoefficients(
              c.learningRate(),
              c.beta1(),
              c.beta2(),
              c.beta3(),
              c.epsilon(),
              correction1,
              correction2,
              correction3,
              t == 1,
              all);
      ops.adan(g, s[0], s[1], s[2], s[3], TENSORS, 0, count, divisors, numbers);
    } else {
      AdamWCoefficients numbers =
          new AdamWCoefficients(
              c.learningRate(), c.beta1(), c.beta2(), c.epsilon(), correction1, correction2, all);
      ops.adamW(g, s[0], s[1], TENSORS, 0, count, divisors, numbers);
    }
  }

  private String compare(String what, INDArray expected, INDArray actual) {
    double[] e = expected.toDoubleVector();
    double[] a = actual.toDoubleVector();
    double scale = 0;
    for (double x : e) {
      scale = Math.max(scale, Math.abs(x));
    }
    for (int i = 0; i < e.length; i++) {
      if (!(Math.abs(e[i] - a[i]) <= tolerance * scale)) { // also where one is NaN
        return what + ", element " + i + " is " + a[i] + ", expected " + e[i];
      }
    }
    return null;
  }
}
