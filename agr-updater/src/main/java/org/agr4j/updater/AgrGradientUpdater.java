package org.agr4j.updater;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.agr4j.internal.Require;
import org.agr4j.internal.kernel.BlockState;
import org.agr4j.internal.kernel.NonFiniteTensor;
import org.agr4j.internal.kernel.OptimizerStep;
import org.agr4j.internal.kernel.OptimizerSteps;
import org.agr4j.internal.layout.BlockRecording;
import org.agr4j.internal.layout.SkippedUpdates;
import org.agr4j.internal.layout.TensorBoundaries;
import org.agr4j.internal.parallel.SharedGradientsRound;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;

/**
 * The updater of one block of tensors: it brings what DL4J gives, and the configuration's numbers
 * of this iteration, to the optimizer's step, and says which tensor was not finite.
 *
 * @param <C> the configuration
 */
public abstract class AgrGradientUpdater<C extends AgrOptimizer> implements GradientUpdater<C> {
  /** Key of the steps made, one element for each tensor. */
  public static final String STEPS_STATE = BlockState.STEPS;

  /** Key of the steps skipped, one element for each tensor. */
  public static final String SKIPPED_STATE = BlockState.SKIPPED;

  private final C config;
  private BlockState state;
  private OptimizerStep steps;
  private BlockRecording recording; // null once its completeness was seen
  private boolean lastOfNetwork = true;

  AgrGradientUpdater(C config) {
    this.config = config;
  }

  @Override
  public final C getConfig() {
    return config;
  }

  /** The number of elements of each tensor of the block, in order. */
  public final long[] getTensorLengths() {
    return state.tensors().lengths();
  }

  /**
   * Replaces a block's gradient by its update, and the block's state by the next.
   *
   * <p>On a worker of a ParallelWrapper with shared gradients whatever is thrown here ends the
   * other workers' round, too, so that {@code fit} throws in place of waiting forever. Such a
   * wrapper keeps its failure: shut it down and build another one.
   *
   * @param gradient gradient of the block, of the shape and the type that the state was made for;
   *     modified
   * @param iteration DL4J's iteration, seen by schedules only: the step count is the state's own
   * @param epoch DL4J's epoch, likewise
   * @throws NonFiniteGradientException under {@link NonFinite#FAIL}, with gradient and state as
   *     they were; where a device does the step whole, by the last block of a network for any of
   *     its blocks under FAIL, with a zero update and the state as it was for these from the first
   *     such block on
   * @throws IllegalStateException if there is no state yet, the boundaries are not certain, or the
   *     system property {@value OptimizerSteps#PROPERTY} asks for a kernel that a driver refuses
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

    requireFinite(steps.takeOverdue(), "before", iteration, epoch);
    requireFinite(
        steps.step(flat, config.numbers(learningRate, strength), lastOfNetwork),
        "at",
        iteration,
        epoch);
    if (config.getNonFinite() == NonFinite.SKIP && steps.mayHaveSkipped()) {
      SkippedUpdates.addLater(() -> noteSkipped(gradient));
    }

    if (!contiguous) {
      gradient.assign(flat.reshape('c', gradient.shape()));
    }
  }

  private static void requireFinite(NonFiniteTensor found, String when, int iteration, int epoch) {
    if (found != null) {
      throw new NonFiniteGradientException(
          String.format(
              Locale.ROOT,
              "gradient of tensor %d of %d in its block (length %d) holds %s %s iteration %d, epoch"
                  + " %d",
              found.index(),
              found.count(),
              found.length(),
              Double.isNaN(found.sum()) ? "a NaN" : "an infinity",
              when,
              iteration,
              epoch));
    }
  }

  /** Notes what was skipped by where weight decay will see it: in the gradient that was given. */
  private void noteSkipped(INDArray gradient) {
    TensorBoundaries tensors = state.tensors();
    double[] sums = steps.sums();
    for (int i = 0; i < sums.length; i++) {
      if (!Double.isFinite(sums[i])) {
        SkippedUpdates.add(
            sums.length == 1
                ? gradient
                : flat(gradient).get(NDArrayIndex.interval(tensors.start(i), tensors.end(i))));
      }
    }
  }

  private void requireReadyFor(INDArray gradient) {
    if (state == null) {
      throw new IllegalStateException(
          "the updater has no state: set a view array or a state first");
    }
    if (gradient.length() != state.tensors().totalLength()) {
      throw new IllegalArgumentException(
          "gradient has "
              + gradient.length()
              + " elements, expected "
              + state.tensors().totalLength()
              + " for tensors of lengths "
              + state.tensors());
    }
    if (gradient.dataType() != state.dataType()) {
      throw new IllegalArgumentException(
          "gradient is "
              + gradient.dataType()
              + ", expected "
              + state.dataType()
              + " as the updater's state is");
    }
    if (recording != null) {
      recording.requireComplete();
      recording = null;
    }
  }

  private static boolean isContiguous(INDArray a) {
    return a.elementWiseStride() == 1 && (a.rank() <= 1 || a.ordering() == 'c');
  }

  private static INDArray flat(INDArray a) {
    return a.rank() == 1 ? a : a.reshape(a.length());
  }

  final void useBlockState(INDArray view, BlockRecording.Claim claim, boolean initialize) {
    useBlockState(view, claim.tensors(), initialize);
    recording = claim.recording();
    lastOfNetwork = claim.last();
  }

  final void useBlockState(INDArray view, TensorBoundaries tensors, boolean initialize) {
    config.requireStateOf(view.dataType());
    use(BlockState.ofView(config.formula(), view, tensors, initialize));
  }

  final void useTensorState(INDArray view, boolean initialize) {
    config.requireStateOf(view.dataType());
    use(BlockState.ofTensorView(config.formula(), view, initialize));
  }

  private void use(BlockState state) {
    this.state = state;
    steps = OptimizerSteps.of(state);
  }

  /**
   * Uses a state view for one tensor, as SameDiff sets it.
   *
   * @param viewArray state, used in place, of FLOAT or DOUBLE
   * @param gradientShape shape of the tensor
   * @param gradientOrder ignored: the state is in 'c' order whatever the gradient's
   * @param initialize whether to set the state to zero
   * @throws IllegalArgumentException if the state is of another length or type; says what to do
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
   * @param stateMap the arrays, used in place, of FLOAT or DOUBLE: each moment, {@link
   *     #STEPS_STATE} and {@link #SKIPPED_STATE}
   * @param initialize whether to set them to zero
   * @throws IllegalStateException if an array is missing or there is one too many
   * @throws IllegalArgumentException if one is of another type; says what to do
   */
  @Override
  public final void setState(Map<String, INDArray> stateMap, boolean initialize) {
    stateMap.values().forEach(array -> config.requireStateOf(array.dataType()));
    use(BlockState.ofMap(config.formula(), stateMap, initialize));
  }

  /**
   * Returns the state as views of its arrays.
   *
   * @return each moment (N elements), steps made and steps skipped (one element for each tensor)
   */
  @Override
  public final Map<String, INDArray> getState() {
    return state.asMap();
  }
}
