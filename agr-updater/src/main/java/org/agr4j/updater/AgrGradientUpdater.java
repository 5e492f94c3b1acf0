package org.agr4j.updater;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.agr4j.internal.parallel.SharedGradientsRound;
import org.agr4j.kernel.DeviceStep;
import org.agr4j.kernel.StepNumbers;
import org.agr4j.kernel.UpdateKernel;
import org.agr4j.layout.BlockRecording;
import org.agr4j.layout.Require;
import org.agr4j.layout.SkippedUpdates;
import org.agr4j.layout.TensorBoundaries;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;

/**
 * One step of an AGR optimizer over a block of tensors: sums, the check for NaN, step counts; the
 * arithmetic is its {@link UpdateKernel}'s.
 *
 * @param <C> the configuration
 */
public abstract class AgrGradientUpdater<C extends AgrOptimizer> implements GradientUpdater<C> {
  /** Key of the steps made, one element for each tensor. */
  public static final String STEPS_STATE = "STEPS";

  /** Key of the steps skipped, one element for each tensor. */
  public static final String SKIPPED_STATE = "SKIPPED";

  private final C config;
  private final String[] momentKeys;
  private BlockState state;
  private BlockRecording recording; // null once its completeness was seen
  private UpdateKernel kernel;
  private DeviceStep onDevice; // null where the host has a part in each step
  private boolean lastOfNetwork = true;
  private double[] sums;
  private double[] divisors;

  AgrGradientUpdater(C config, String... momentKeys) {
    this.config = config;
    this.momentKeys = momentKeys;
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

  /**
   * The numbers of a step that a device does whole.
   *
   * @param strength s of Ψ
   */
  abstract StepNumbers numbers(double learningRate, double strength);

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
    return state.tensors();
  }

  /**
   * Replaces a block's gradient by its update, and the block's state by the next.
   *
   * @param gradient gradient of the block, of the shape the state was made for; modified
   * @param iteration DL4J's iteration, seen by schedules only: the step count is the state's own
   * @param epoch DL4J's epoch, likewise
   * @throws NonFiniteGradientException under {@link NonFinite#FAIL}, with gradient and state as
   *     they were; where a device does the step whole, by the last block of a network for any of
   *     its blocks under FAIL, with a zero update and the state as it was for these from the first
   *     such block on
   *     <p>On a worker of a ParallelWrapper with shared gradients whatever is thrown here ends the
   *     other workers' round, too, so that {@code fit} throws in place of waiting forever; a
   *     wrapper that has failed is shut down and built again
   * @throws IllegalStateException if there is no state yet, the boundaries are not certain, or the
   *     system property {@value UpdateKernel#PROPERTY} asks for a kernel that a driver refuses
   */
  @Override
  public final void applyUpdater(INDArray gradient, int iteration, int epoch) {
    try {
      step(gradient, iteration, epoch);
    } catch (RuntimeException e) {
      SharedGradientsRound.fail(e);
      throw e;
    }
  }

  private void step(INDArray gradient, int iteration, int epoch) {
    requireReadyFor(gradient);
    SkippedUpdates.clear();
    double learningRate =
        Require.nonNegative("learningRate", config.getLearningRate(iteration, epoch));
    double strength = config.getAgrStrength(iteration, epoch);
    boolean contiguous = isContiguous(gradient);
    INDArray flat = flat(contiguous ? gradient : gradient.dup('c'));

    requireFinite(onDevice == null ? null : onDevice.takeOverdue(), "before", iteration, epoch);
    if (onDevice != null && onDevice.launch(flat, numbers(learningRate, strength))) {
      if (config.getNonFinite() == NonFinite.SKIP) {
        SkippedUpdates.addLater(() -> noteSkipped(gradient, onDevice.sums()));
      }
    } else {
      stepOnHost(gradient, flat, learningRate, strength, iteration, epoch);
    }
    // DL4J subtracts the updates next, and whatever this block's own rule is, blocks before it may
    // have met a NaN under FAIL.
    if (onDevice != null && (lastOfNetwork || onDevice.endsRound())) {
      requireFinite(onDevice.takeNonFinite(), "at", iteration, epoch);
    }

    if (!contiguous) {
      gradient.assign(flat.reshape('c', gradient.shape()));
    }
  }

  private void stepOnHost(
      INDArray gradient,
      INDArray flat,
      double learningRate,
      double strength,
      int iteration,
      int epoch) {
    if (onDevice != null && config.getNonFinite() == NonFinite.FAIL) {
      requireFinite(onDevice.takeNonFinite(), "at", iteration, epoch); // of the blocks before
    }
    boolean allFinite = true;
    if (strength > 0 || config.getNonFinite() != NonFinite.PROPAGATE) {
      kernel.absoluteSums(flat, state.tensors(), sums);
      allFinite = checkFinite(iteration, epoch);
    }
    setDivisors(strength);
    stepInRuns(flat, learningRate, allFinite);
    if (!allFinite) {
      noteSkipped(gradient, sums);
    }
  }

  private static void requireFinite(
      DeviceStep.NonFiniteTensor found, String when, int iteration, int epoch) {
    if (found != null) {
      throw nonFinite(
          found.index(), found.count(), found.length(), found.sum(), when, iteration, epoch);
    }
  }

  /** Notes what was skipped by where weight decay will see it: in the gradient that was given. */
  private void noteSkipped(INDArray gradient, double[] sums) {
    for (int i = 0; i < sums.length; i++) {
      if (!Double.isFinite(sums[i])) {
        SkippedUpdates.add(sums.length == 1 ? gradient : flat(gradient).get(tensor(i)));
      }
    }
  }

  private INDArrayIndex tensor(int i) {
    return NDArrayIndex.interval(getTensors().start(i), getTensors().end(i));
  }

  private void requireReadyFor(INDArray gradient) {
    if (state == null) {
      throw new IllegalStateException(
          "the updater has no state: set a view array or a state first");
    }
    if (gradient.length() != getTensors().totalLength()) {
      throw new IllegalArgumentException(
          "gradient has "
              + gradient.length()
              + " elements, expected "
              + getTensors().totalLength()
              + " for tensors of lengths "
              + getTensors());
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
          throw nonFinite(i, sums.length, getTensors().length(i), sums[i], "at", iteration, epoch);
        }
      }
    }
    return allFinite || config.getNonFinite() == NonFinite.PROPAGATE;
  }

  private static NonFiniteGradientException nonFinite(
      int tensor, int count, long length, double sum, String when, int iteration, int epoch) {
    return new NonFiniteGradientException(
        String.format(
            Locale.ROOT,
            "gradient of tensor %d of %d in its block (length %d) holds %s %s iteration %d, epoch"
                + " %d",
            tensor,
            count,
            length,
            Double.isNaN(sum) ? "a NaN" : "an infinity",
            when,
            iteration,
            epoch));
  }

  private void setDivisors(double strength) {
    for (int i = 0; i < divisors.length; i++) {
      boolean identity = strength == 0 || sums[i] == 0 || getTensors().length(i) == 1;
      divisors[i] = identity ? Double.POSITIVE_INFINITY : sums[i] / strength;
    }
  }

  /** Steps the tensors; neighbours that are at the same step go together. */
  private void stepInRuns(INDArray gradient, double learningRate, boolean allFinite) {
    TensorBoundaries tensors = state.tensors();
    double[] t = state.readSteps();
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
        update(
            kernel,
            gradient,
            state.moments(),
            tensors,
            from,
            to,
            divisors,
            learningRate,
            t[from] + 1);
        state.countStep(from, to);
      } else {
        for (int i = from; i < to; i++) {
          gradient.get(tensor(i)).assign(0);
        }
        state.countSkipped(from, to);
      }
      from = to;
    }
  }

  private void restart(double[] t) {
    for (int i = 0; i < t.length; i++) {
      if (t[i] >= restartEvery()) {
        t[i] = 0;
        state.forget(i);
      }
    }
  }

  private static boolean isContiguous(INDArray a) {
    return a.elementWiseStride() == 1 && (a.rank() <= 1 || a.ordering() == 'c');
  }

  final void useBlockState(INDArray view, BlockRecording.Claim claim, boolean initialize) {
    useBlockState(view, claim.tensors(), initialize);
    recording = claim.recording();
    lastOfNetwork = claim.last();
  }

  final void useBlockState(INDArray view, TensorBoundaries tensors, boolean initialize) {
    use(BlockState.ofView(momentKeys, view, tensors, initialize));
  }

  final void useTensorState(INDArray view, boolean initialize) {
    use(BlockState.ofTensorView(momentKeys, view, initialize));
  }

  private void use(BlockState state) {
    this.state = state;
    sums = new double[state.tensors().count()];
    divisors = new double[sums.length];
    kernel = UpdateKernel.forState(state.moments()[0]);
    Map<String, INDArray> arrays = state.asMap();
    onDevice =
        kernel.deviceStep(
            state.tensors(), state.moments(), arrays.get(STEPS_STATE), arrays.get(SKIPPED_STATE));
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
    use(BlockState.ofMap(momentKeys, stateMap, initialize));
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
    return state.asMap();
  }
}
