package org.agr4j.internal.kernel.cuda;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.agr4j.internal.kernel.BlockState;
import org.agr4j.internal.kernel.HostStep;
import org.agr4j.internal.kernel.NonFiniteTensor;
import org.agr4j.internal.kernel.Optimizer;
import org.agr4j.internal.kernel.StepNumbers;
import org.agr4j.internal.kernel.ops.Nd4jOpsKernel;
import org.agr4j.internal.layout.TensorBoundaries;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Three steps of small random blocks on a device, both optimizers, Ψ in the first moment and in
 * all, against {@link Nd4jOpsKernel} on the same backend, and under FAIL a gradient with a NaN
 * between the first and the second.
 */
final class SelfCheck {
  private static final Logger LOG = LoggerFactory.getLogger(SelfCheck.class);
  private static final int STEPS = 3;
  // A small one alone, several a thread block, and one of several thread blocks. In the first block
  // all arrays are aligned to 16 bytes, in the second no two are alike.
  private static final List<TensorBoundaries> BLOCKS =
      List.of(
          TensorBoundaries.ofLengths(1, 2, 300, 17, 64, 5_003, 700, 9),
          TensorBoundaries.ofLengths(1, 2, 300, 17, 64, 5_003, 700, 10));
  private static final int LONGEST = 5;
  private static final String NOT_REACHED = "the arrays are not where or what the kernel needs";

  private final Gpu gpu;
  private final DataType type;
  private final double tolerance;
  private final double toleranceOfSums;

  SelfCheck(Gpu gpu, DataType type) {
    this.gpu = gpu;
    this.type = type;
    tolerance = type == DataType.DOUBLE ? 1e-11 : 1e-4; // of the largest element of an array
    toleranceOfSums = type == DataType.DOUBLE ? 1e-12 : 1e-6;
  }

  /** Checks a device, and warns if something is wrong there. */
  static boolean passes(Gpu gpu, int device, DataType type) {
    String difference;
    try {
      difference = new SelfCheck(gpu, type).difference();
    } catch (CudaException e) {
      difference = e.getMessage();
    } catch (RuntimeException | LinkageError e) {
      difference = e.toString();
    }
    if (difference != null) {
      LOG.warn(
          "AGR4J's CUDA kernel is not used for {} on device {}, ND4J's operations are: {}",
          type,
          device,
          difference);
    }
    return difference == null;
  }

  /** What differs, or null if nothing does. */
  @SuppressWarnings("try") // the scope is there to be closed
  String difference() {
    try (MemoryWorkspace ignored = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      for (Optimizer optimizer : Optimizer.values()) {
        for (boolean all : new boolean[] {false, true}) {
          for (TensorBoundaries tensors : BLOCKS) {
            String difference = difference(optimizer, tensors, all);
            if (difference != null) {
              return String.format(
                  Locale.ROOT,
                  "%s%s, %d elements, %s",
                  optimizer,
                  all ? ", Ψ in all moments" : "",
                  tensors.totalLength(),
                  difference);
            }
          }
        }
      }
    }
    return null;
  }

  private String difference(Optimizer optimizer, TensorBoundaries tensors, boolean all) {
    long n = tensors.totalLength();
    int count = tensors.count();
    long stateLength = optimizer.moments() * n + (long) BlockState.COUNTERS * count;
    BlockState state = BlockState.ofView(optimizer, Nd4j.zeros(type, stateLength), tensors, false);
    BlockState expected =
        BlockState.ofView(optimizer, Nd4j.zeros(type, stateLength), tensors, false);
    HostStep ops = new HostStep(Nd4jOpsKernel.INSTANCE, expected);
    Verdict verdict = new Verdict(gpu); // its own: the thread's may be another network's
    GpuStep block = new GpuStep(gpu, g -> verdict, new Refusals(), state);
    StepNumbers numbers = new StepNumbers(0.1, 0.9, 0.95, 0.97, 1e-2, 1, all, 0, true, false);
    Random random = new Random(7);
    for (int t = 1; t <= STEPS; t++) {
      INDArray update = gradient(n, random);
      INDArray expectedUpdate = update.dup();
      if (t == 2) {
        String difference = holdsOnNaN(block, update.dup(), tensors, numbers);
        if (difference != null) {
          return difference;
        }
      }
      double[] expectedSums = sums(update, tensors);
      if (!block.launchOrThrow(update, numbers)) {
        return NOT_REACHED;
      }
      if (block.takeNonFinite() != null) {
        return "a NaN is reported of a finite gradient at step " + t;
      }
      ops.step(expectedUpdate, numbers, true);
      String difference =
          compare("‖g‖₁ at step " + t, expectedSums, block.sums(), toleranceOfSums, true);
      if (difference == null) {
        difference = compare("update of step " + t, expectedUpdate, update);
      }
      for (int k = 0; k < optimizer.moments() && difference == null; k++) {
        difference =
            compare(
                optimizer.momentKeys().get(k) + " after step " + t,
                expected.moments()[k],
                state.moments()[k]);
      }
      if (difference != null) {
        return difference;
      }
    }
    String counted = compare("steps made", expected.steps(), state.steps());
    return counted != null
        ? counted
        : compare("steps skipped", expected.skipped(), state.skipped());
  }

  /** A random gradient, one element away from where ND4J's memory starts. */
  private INDArray gradient(long n, Random random) {
    double[] values = random.doubles(n + n % 2, -1, 1).toArray();
    INDArray all = Nd4j.createFromArray(values).castTo(type);
    return all.get(NDArrayIndex.interval(n % 2, n + n % 2));
  }

  private static double[] sums(INDArray gradient, TensorBoundaries tensors) {
    double[] g = gradient.toDoubleVector();
    double[] sums = new double[tensors.count()];
    for (int i = 0; i < sums.length; i++) {
      for (int j = (int) tensors.start(i); j < tensors.end(i); j++) {
        sums[i] += Math.abs(g[j]);
      }
    }
    return sums;
  }

  /**
   * What is wrong with a step under FAIL that has to change nothing; the next would show it too.
   */
  private static String holdsOnNaN(
      GpuStep block, INDArray gradient, TensorBoundaries tensors, StepNumbers numbers) {
    gradient.putScalar(tensors.end(LONGEST) - 1, Double.NaN);
    if (!block.launchOrThrow(gradient, numbers)) {
      return NOT_REACHED;
    }
    NonFiniteTensor found = block.takeNonFinite();
    if (found == null || found.index() != LONGEST || !Double.isNaN(found.sum())) {
      return "of a NaN in tensor " + LONGEST + " is reported " + found;
    }
    return gradient.maxNumber().doubleValue() == 0 && gradient.minNumber().doubleValue() == 0
        ? null
        : "a gradient with a NaN gives another update than zero";
  }

  private String compare(String what, INDArray expected, INDArray actual) {
    return compare(what, expected.toDoubleVector(), actual.toDoubleVector(), tolerance, false);
  }

  private static String compare(
      String what, double[] expected, double[] actual, double tolerance, boolean ofEach) {
    double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    for (int i = 0; i < expected.length; i++) {
      double scale = ofEach ? Math.abs(expected[i]) : largest;
      if (!(Math.abs(expected[i] - actual[i]) <= tolerance * scale)) { // also where one is NaN
        return what + ", element " + i + " is " + actual[i] + ", expected " + expected[i];
      }
    }
    return null;
  }
}
