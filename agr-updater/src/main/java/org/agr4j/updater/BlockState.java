package org.agr4j.updater;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.agr4j.layout.TensorBoundaries;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * An optimizer's state of a block of N elements in T tensors: its moments, and for each tensor the
 * steps made and the steps skipped.
 *
 * <p>A state view holds them in this order: the moments, N elements each; the steps made, T; the
 * steps skipped, T. Every slot survives Spark's averaging: moments are linear in the gradients, and
 * a mean of step counts is the step count that fits a mean of moments best.
 */
final class BlockState {
  /** State elements of a tensor besides its moments. */
  static final int COUNTERS = 2;

  private final String[] momentKeys;
  private final INDArray[] moments;
  private final INDArray steps;
  private final INDArray skipped;
  private final TensorBoundaries tensors;
  private final boolean onHost = Nd4j.getEnvironment().isCPU();
  private double[] stepCounts;

  private BlockState(
      String[] momentKeys,
      INDArray[] moments,
      INDArray steps,
      INDArray skipped,
      TensorBoundaries tensors) {
    this.momentKeys = momentKeys;
    this.moments = moments;
    this.steps = steps;
    this.skipped = skipped;
    this.tensors = tensors;
    this.stepCounts = new double[tensors.count()];
  }

  /** The state that a view holds, used in place. */
  static BlockState ofView(
      String[] momentKeys, INDArray view, TensorBoundaries tensors, boolean initialize) {
    long n = tensors.totalLength();
    int count = tensors.count();
    long counters = momentKeys.length * n;
    if (view.length() != counters + (long) COUNTERS * count) {
      throw new IllegalArgumentException(
          "state view of tensors of lengths "
              + tensors
              + " has "
              + view.length()
              + " elements, expected "
              + (counters + (long) COUNTERS * count));
    }
    INDArray flat = flat(view);
    if (initialize) {
      flat.assign(0);
    }
    INDArray[] moments = new INDArray[momentKeys.length];
    for (int k = 0; k < moments.length; k++) {
      moments[k] = flat.get(NDArrayIndex.interval(k * n, (k + 1) * n));
    }
    return new BlockState(
        momentKeys,
        moments,
        flat.get(NDArrayIndex.interval(counters, counters + count)),
        flat.get(NDArrayIndex.interval(counters + count, counters + 2L * count)),
        tensors);
  }

  /** The state of one tensor, whose length follows from its view's. */
  static BlockState ofTensorView(String[] momentKeys, INDArray view, boolean initialize) {
    long elements = view.length() - COUNTERS;
    if (elements < momentKeys.length || elements % momentKeys.length != 0) {
      throw new IllegalArgumentException(
          "state view of one tensor has "
              + view.length()
              + " elements, expected "
              + momentKeys.length
              + " for each element of the tensor and "
              + COUNTERS);
    }
    TensorBoundaries tensor = TensorBoundaries.ofLengths(elements / momentKeys.length);
    return ofView(momentKeys, view, tensor, initialize);
  }

  /** The state of one tensor from arrays named as in {@link #asMap}, used in place. */
  static BlockState ofMap(String[] momentKeys, Map<String, INDArray> arrays, boolean initialize) {
    Set<String> expected = new LinkedHashSet<>(List.of(momentKeys));
    expected.add(AgrGradientUpdater.STEPS_STATE);
    expected.add(AgrGradientUpdater.SKIPPED_STATE);
    if (!arrays.keySet().equals(expected)) {
      throw new IllegalStateException(
          "state has the arrays " + arrays.keySet() + ", expected " + expected);
    }
    INDArray[] moments = new INDArray[momentKeys.length];
    for (int k = 0; k < moments.length; k++) {
      moments[k] = flat(arrays.get(momentKeys[k]));
    }
    INDArray steps = flat(arrays.get(AgrGradientUpdater.STEPS_STATE));
    INDArray skipped = flat(arrays.get(AgrGradientUpdater.SKIPPED_STATE));
    if (steps.length() != 1 || skipped.length() != 1) {
      throw new IllegalStateException(
          "state is of "
              + steps.length()
              + " tensors, expected one: a block is restored by its view");
    }
    if (initialize) {
      arrays.values().forEach(a -> a.assign(0));
    }
    TensorBoundaries tensor = TensorBoundaries.ofLengths(moments[0].length());
    return new BlockState(momentKeys, moments, steps, skipped, tensor);
  }

  private static INDArray flat(INDArray a) {
    return a.rank() == 1 ? a : a.reshape(a.length());
  }

  /** Views of the moments, N elements each, and of the counters, one element for each tensor. */
  Map<String, INDArray> asMap() {
    Map<String, INDArray> arrays = new LinkedHashMap<>();
    for (int k = 0; k < moments.length; k++) {
      arrays.put(momentKeys[k], moments[k]);
    }
    arrays.put(AgrGradientUpdater.STEPS_STATE, steps);
    arrays.put(AgrGradientUpdater.SKIPPED_STATE, skipped);
    return arrays;
  }

  TensorBoundaries tensors() {
    return tensors;
  }

  INDArray[] moments() {
    return moments;
  }

  // On a CPU an ND4J operation on so few numbers costs as much as the step of a small tensor, and
  // on
  // a GPU reading them one by one would make the host wait for each.

  /** Steps made by each tensor; the caller may change the array until it is read again. */
  double[] readSteps() {
    if (onHost) {
      for (int i = 0; i < stepCounts.length; i++) {
        stepCounts[i] = steps.getDouble(i);
      }
    } else {
      stepCounts = steps.dup().toDoubleVector();
    }
    return stepCounts;
  }

  /** Counts a step of the tensors {@code from} (inclusive) to {@code to} (exclusive). */
  void countStep(int from, int to) {
    increment(steps, from, to);
  }

  /** Counts a skipped step of the tensors {@code from} (inclusive) to {@code to} (exclusive). */
  void countSkipped(int from, int to) {
    increment(skipped, from, to);
  }

  private void increment(INDArray counters, int from, int to) {
    if (onHost) {
      for (int i = from; i < to; i++) {
        counters.putScalar(i, counters.getDouble(i) + 1);
      }
    } else {
      counters.get(NDArrayIndex.interval(from, to)).addi(1);
    }
  }

  /** Sets a tensor's moments and steps to zero. */
  void forget(int i) {
    steps.putScalar(i, 0);
    for (INDArray moment : moments) {
      moment.get(NDArrayIndex.interval(tensors.start(i), tensors.end(i))).assign(0);
    }
  }
}
