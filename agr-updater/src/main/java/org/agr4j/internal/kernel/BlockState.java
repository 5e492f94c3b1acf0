package org.agr4j.internal.kernel;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.agr4j.internal.layout.TensorBoundaries;
import org.nd4j.linalg.api.buffer.DataType;
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
public final class BlockState {
  /** State elements of a tensor besides its moments. */
  public static final int COUNTERS = 2;

  /** Key of the steps made, one element for each tensor. */
  public static final String STEPS = "STEPS";

  /** Key of the steps skipped, one element for each tensor. */
  public static final String SKIPPED = "SKIPPED";

  private final Optimizer optimizer;
  private final INDArray[] moments;
  private final INDArray steps;
  private final INDArray skipped;
  private final TensorBoundaries tensors;
  private final boolean onHost = Nd4j.getEnvironment().isCPU();
  private double[] stepCounts;

  private BlockState(
      Optimizer optimizer,
      INDArray[] moments,
      INDArray steps,
      INDArray skipped,
      TensorBoundaries tensors) {
    this.optimizer = optimizer;
    this.moments = moments;
    this.steps = steps;
    this.skipped = skipped;
    this.tensors = tensors;
    this.stepCounts = new double[tensors.count()];
  }

  /**
   * Finds the parts of a block's state in a state view.
   *
   * @param view used in place; moments, steps made, steps skipped
   * @param initialize whether to set it to zero
   * @throws IllegalArgumentException if it is not as long as the tensors need
   */
  public static BlockState ofView(
      Optimizer optimizer, INDArray view, TensorBoundaries tensors, boolean initialize) {
    long n = tensors.totalLength();
    int count = tensors.count();
    long counters = optimizer.moments() * n;
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
    INDArray[] moments = new INDArray[optimizer.moments()];
    for (int k = 0; k < moments.length; k++) {
      moments[k] = flat.get(NDArrayIndex.interval(k * n, (k + 1) * n));
    }
    return new BlockState(
        optimizer,
        moments,
        flat.get(NDArrayIndex.interval(counters, counters + count)),
        flat.get(NDArrayIndex.interval(counters + count, counters + 2L * count)),
        tensors);
  }

  /** The state of one tensor, whose length follows from its view's; else as {@link #ofView}. */
  public static BlockState ofTensorView(Optimizer optimizer, INDArray view, boolean initialize) {
    int moments = optimizer.moments();
    long elements = view.length() - COUNTERS;
    if (elements < moments || elements % moments != 0) {
      throw new IllegalArgumentException(
          "state view of one tensor has "
              + view.length()
              + " elements, expected "
              + moments
              + " for each element of the tensor and "
              + COUNTERS);
    }
    TensorBoundaries tensor = TensorBoundaries.ofLengths(elements / moments);
    return ofView(optimizer, view, tensor, initialize);
  }

  /**
   * The state of one tensor from arrays named as in {@link #asMap}, used in place.
   *
   * @throws IllegalStateException if an array is missing or there is one too many, or they are of
   *     several tensors
   */
  public static BlockState ofMap(
      Optimizer optimizer, Map<String, INDArray> arrays, boolean initialize) {
    Set<String> expected = new LinkedHashSet<>(optimizer.momentKeys());
    expected.add(STEPS);
    expected.add(SKIPPED);
    if (!arrays.keySet().equals(expected)) {
      throw new IllegalStateException(
          "state has the arrays " + arrays.keySet() + ", expected " + expected);
    }
    INDArray[] moments = new INDArray[optimizer.moments()];
    for (int k = 0; k < moments.length; k++) {
      moments[k] = flat(arrays.get(optimizer.momentKeys().get(k)));
    }
    INDArray steps = flat(arrays.get(STEPS));
    INDArray skipped = flat(arrays.get(SKIPPED));
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
    return new BlockState(optimizer, moments, steps, skipped, tensor);
  }

  private static INDArray flat(INDArray a) {
    return a.rank() == 1 ? a : a.reshape(a.length());
  }

  /** Views of the moments, N elements each, and of the counters, one element for each tensor. */
  public Map<String, INDArray> asMap() {
    Map<String, INDArray> arrays = new LinkedHashMap<>();
    for (int k = 0; k < moments.length; k++) {
      arrays.put(optimizer.momentKeys().get(k), moments[k]);
    }
    arrays.put(STEPS, steps);
    arrays.put(SKIPPED, skipped);
    return arrays;
  }

  /** The optimizer whose state this is. */
  public Optimizer optimizer() {
    return optimizer;
  }

  /** The type of all arrays. */
  public DataType dataType() {
    return moments[0].dataType();
  }

  /** Which slice of the block is which tensor. */
  public TensorBoundaries tensors() {
    return tensors;
  }

  /** The moments, N elements each; the caller must not change the array of arrays. */
  public INDArray[] moments() {
    return moments;
  }

  /** The steps made, one element for each tensor. */
  public INDArray steps() {
    return steps;
  }

  /** The steps skipped, one element for each tensor. */
  public INDArray skipped() {
    return skipped;
  }

  // On a CPU an ND4J operation on so few numbers costs as much as the step of a small tensor, and
  // on a GPU reading them one by one would make the host wait for each.

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
