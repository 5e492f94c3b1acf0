package org.agr4j.updater;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.agr4j.kernel.UpdateKernel;
import org.agr4j.layout.BlockRecording;
import org.agr4j.layout.Require;
import org.agr4j.layout.SkippedUpdates;
import org.agr4j.layout.TensorBoundaries;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;

/**
 * One step of an AGR optimizer over a block of tensors: sums, the check for NaN, step counts; the
 * arithmetic is its {@link UpdateKernel}'s.
 *
 * <p>State view of a block of N elements in T tensors, in this order: the moments, N elements each;
 * the steps made, T; the steps skipped, T. Every slot survives Spark's averaging: moments are
 * linear in the gradients, and a mean of step counts is the step count that fits a mean of moments
 * best.
 *
 * @param <C> the configuration
 */
public abstract class AgrGradientUpdater<C extends AgrOptimizer> implements GradientUpdater<C> {
  /** State elements of a tensor besides its moments: steps made, steps skipped. */
  static final int COUNTERS = 2;

  /** Key of the steps made, one element for each tensor. */
  public static final String STEPS_STATE = "STEPS";

  /** Key of the steps skipped, one element for each tensor. */
  public static final String SKIPPED_STATE = "SKIPPED";

  private final C config;
  private final String[] momentKeys;
  private final INDArray[] moments;
  private INDArray steps;
  private INDArray skipped;

  private TensorBoundaries tensors;
  private BlockRecording recording; // null once its completeness was seen
  private UpdateKernel kernel;
  private boolean onHost;
  private double[] stepCounts;
  private double[] sums;
  private double[] divisors;

  AgrGradientUpdater(C config, String... momentKeys) {
    this.config = config;
    this.momentKeys = momentKeys;
    this.moments = new INDArray[momentKeys.length];
  }

  /**
   * One step of the tensors {@code from} (inclusive) to {@code to} (exclusive).
   *
   * @param t their step, 1 at the first
   */
  abstract void update(
      UpdateKernel kernel,
      INDArray gradient,
      INDArray[] moments,
      TensorBoundaries tensors,
      int from,
      int to,
      double[] divisors,
      double learningRate,
      double t);

  /** The step count at which tensors forget their moments and start again, or 0 for never. */
  int restartEvery() {
    return 0;
  }

  @Override
  public final C getConfig() {
    return config;
  }

  /** Which slice of the block is which tensor. */
  public final TensorBoundaries getTensors() {
    return tensors;
  }

  /**
   * Replaces a block's gradient by its update, and the block's state by the next.
   *
   * @param gradient gradient of the block, of the shape the state was made for; modified
   * @param iteration DL4J's iteration, seen by schedules only: the step count is the state's own
   * @param epoch DL4J's epoch, likewise
   * @throws NonFiniteGradientException under {@link NonFinite#FAIL}, with gradient and state as
   *     they were
   * @throws IllegalStateException if there is no state yet, or the boundaries are not certain
   */
  @Override
  public final void applyUpdater(INDArray gradient, int iteration, int epoch) {
    requireReadyFor(gradient);
    SkippedUpdates.clear();
    double learningRate =
        Require.nonNegative("learningRate", config.getLearningRate(iteration, epoch));
    double strength = config.getAgrStrength(iteration, epoch);
    boolean contiguous = isContiguous(gradient);
    INDArray flat = flat(contiguous ? gradient : gradient.dup('c'));

    boolean allFinite = true;
    if (strength > 0 || config.getNonFinite() != NonFinite.PROPAGATE) {
      kernel.absoluteSums(flat, tensors, sums);
      allFinite = checkFinite(iteration, epoch);
    }
    setDivisors(strength);
    stepInRuns(flat, learningRate, allFinite);

    if (!contiguous) {
      gradient.assign(flat.reshape('c', gradient.shape()));
    }
  }

  private void requireReadyFor(INDArray gradient) {
    if (steps == null) {
      throw new IllegalStateException(
          "the updater has no state: set a view array or a state first");
    }
    if (gradient.length() != tensors.totalLength()) {
      throw new IllegalArgumentException(
          "gradient has "
              + gradient.length()
              + " elements, expected "
              + tensors.totalLength()
              + " for tensors of lengths "
              + tensors);
    }
    if (recording != null) {
      recording.requireComplete();
      recording = null;
    }
  }

  /** Whether the block is all finite; throws if it is not and has to be. */
  private boolean checkFinite(int iteration, int epoch) {
    boolean allFinite = true;
    for (int i = 0; i < sums.length; i++) {
      if (!Double.isFinite(sums[i])) {
        allFinite = false;
        if (config.getNonFinite() == NonFinite.FAIL) {
          throw new NonFiniteGradientException(
              String.format(
                  "gradient of tensor %d of %d in its block (length %d) holds %s at iteration %d, epoch"
                      + " %d",
                  i,
                  sums.length,
                  tensors.length(i),
                  Double.isNaN(sums[i]) ? "a NaN" : "an infinity",
                  iteration,
                  epoch));
        }
      }
    }
    return allFinite || config.getNonFinite() == NonFinite.PROPAGATE;
  }

  private void setDivisors(double strength) {
    for (int i = 0; i < divisors.length; i++) {
      boolean identity = strength == 0 || sums[i] == 0 || tensors.length(i) == 1;
      divisors[i] = identity ? Double.POSITIVE_INFINITY : sums[i] / strength;
    }
  }

  /** Steps the tensors; neighbours that are at the same step go together. */
  private void stepInRuns(INDArray gradient, double learningRate, boolean allFinite) {
    readSteps();
    double[] t = stepCounts;
    if (restartEvery() > 0) {
      restart(t);
    }
    int from = 0;
    while (from < t.length) {
      boolean finite = allFinite || Double.isFinite(sums[from]);
      int to = from + 1;
      while (to < t.length
          && t[to] == t[from]
          && finite == (allFinite || Double.isFinite(sums[to]))) {
        to++;
      }
      if (finite) {
        update(kernel, gradient, moments, tensors, from, to, divisors, learningRate, t[from] + 1);
        increment(steps, from, to);
      } else {
        for (int i = from; i < to; i++) {
          INDArray update = slice(gradient, i);
          update.assign(0);
          SkippedUpdates.add(update);
        }
        increment(skipped, from, to);
      }
      from = to;
    }
  }

  // On a CPU an ND4J operation on so few numbers costs as much as the step of a small tensor; on a
  // GPU
  // reading numbers one by one would make the host wait for each.

  private void readSteps() {
    if (onHost) {
      for (int i = 0; i < stepCounts.length; i++) {
        stepCounts[i] = steps.getDouble(i);
      }
    } else {
      stepCounts = steps.dup().toDoubleVector();
    }
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

  private void restart(double[] t) {
    for (int i = 0; i < t.length; i++) {
      if (t[i] >= restartEvery()) {
        t[i] = 0;
        steps.putScalar(i, 0);
        for (INDArray moment : moments) {
          slice(moment, i).assign(0);
        }
      }
    }
  }

  private INDArray slice(INDArray block, int i) {
    return block.get(NDArrayIndex.interval(tensors.start(i), tensors.end(i)));
  }

  private static boolean isContiguous(INDArray a) {
    return a.elementWiseStride() == 1 && (a.rank() <= 1 || a.ordering() == 'c');
  }

  final void useBlockState(INDArray view, BlockRecording.Claim claim, boolean initialize) {
    recording = claim.recording();
    useState(view, claim.tensors(), initialize);
  }

  final void useBlockState(INDArray view, TensorBoundaries tensors, boolean initialize) {
    long expected = moments.length * tensors.totalLength() + (long) COUNTERS * tensors.count();
    if (view.length() != expected) {
      throw new IllegalArgumentException(
          "state view of tensors of lengths "
              + tensors
              + " has "
              + view.length()
              + " elements, expected "
              + expected);
    }
    useState(view, tensors, initialize);
  }

  final void useTensorState(INDArray view, boolean initialize) {
    long elements = view.length() - COUNTERS;
    if (elements < moments.length || elements % moments.length != 0) {
      throw new IllegalArgumentException(
          "state view of one tensor has "
              + view.length()
              + " elements, expected "
              + moments.length
              + " for each element of the tensor and "
              + COUNTERS);
    }
    useState(view, TensorBoundaries.ofLengths(elements / moments.length), initialize);
  }

  private void useState(INDArray view, TensorBoundaries tensors, boolean initialize) {
    INDArray flat = view.reshape(view.length());
    if (initialize) {
      flat.assign(0);
    }
    long n = tensors.totalLength();
    for (int k = 0; k < moments.length; k++) {
      moments[k] = flat.get(NDArrayIndex.interval(k * n, (k + 1) * n));
    }
    long counters = moments.length * n;
    int count = tensors.count();
    steps = flat.get(NDArrayIndex.interval(counters, counters + count));
    skipped = flat.get(NDArrayIndex.interval(counters + count, counters + 2L * count));
    useTensors(tensors);
  }

  private void useTensors(TensorBoundaries tensors) {
    this.tensors = tensors;
    onHost = Nd4j.getEnvironment().isCPU();
    stepCounts = new double[tensors.count()];
    sums = new double[tensors.count()];
    divisors = new double[tensors.count()];
    kernel = UpdateKernel.forState(moments[0]);
  }

  /**
   * Uses a state view for one tensor, as SameDiff sets it.
   *
   * @param viewArray state, used in place
   * @param gradientShape shape of the tensor
   * @param gradientOrder ignored: the state is in 'c' order whatever the gradient's
   * @param initialize whether to set the state to zero
   */
  @Override
  public final void setStateViewArray(
      INDArray viewArray, long[] gradientShape, char gradientOrder, boolean initialize) {
    long elements = Arrays.stream(gradientShape).reduce(1, Math::multiplyExact);
    if (viewArray.length() != config.stateLength(elements)) {
      throw new IllegalArgumentException(
          "state view of a tensor of shape "
              + Arrays.toString(gradientShape)
              + " has "
              + viewArray.length()
              + " elements, expected "
              + config.stateLength(elements));
    }
    useTensorState(viewArray, initialize);
  }

  /**
   * Uses named state arrays for one tensor, as SameDiff restores them.
   *
   * @param stateMap the arrays, used in place: each moment, {@link #STEPS_STATE} and {@link
   *     #SKIPPED_STATE}
   * @param initialize whether to set them to zero
   * @throws IllegalStateException if an array is missing or there is one too many
   */
  @Override
  public final void setState(Map<String, INDArray> stateMap, boolean initialize) {
    Map<String, INDArray> expected = getState();
    if (!stateMap.keySet().equals(expected.keySet())) {
      throw new IllegalStateException(
          "state has the arrays " + stateMap.keySet() + ", expected " + expected.keySet());
    }
    for (int k = 0; k < moments.length; k++) {
      moments[k] = flat(stateMap.get(momentKeys[k]));
    }
    steps = flat(stateMap.get(STEPS_STATE));
    skipped = flat(stateMap.get(SKIPPED_STATE));
    if (steps.length() != 1 || skipped.length() != 1) {
      throw new IllegalStateException(
          "state is of "
              + steps.length()
              + " tensors, expected one: a block is restored by its view");
    }
    if (initialize) {
      stateMap.values().forEach(a -> a.assign(0));
    }
    useTensors(TensorBoundaries.ofLengths(moments[0].length()));
  }

  private static INDArray flat(INDArray a) {
    return a.rank() == 1 ? a : a.reshape(a.length());
  }

  /**
   * The state, as views.
   *
   * @return each moment (N elements), steps made and steps skipped (one element for each tensor)
   */
  @Override
  public final Map<String, INDArray> getState() {
    Map<String, INDArray> state = new LinkedHashMap<>();
    for (int k = 0; k < moments.length; k++) {
      state.put(momentKeys[k], moments[k]);
    }
    state.put(STEPS_STATE, steps);
    state.put(SKIPPED_STATE, skipped);
    return state;
  }
}
