package org.agr4j.internal.layout;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * Recovers the tensor boundaries that DL4J drops when it merges tensors into blocks.
 *
 * <p>{@code BaseMultiLayerUpdater}'s constructor first asks {@link IUpdater#stateSize} once for
 * each tensor of the network, in order, and then calls {@link IUpdater#instantiate} once for each
 * block, in the same order and on the same thread. What the first loop asks is recorded here, and
 * each block claims its tensors from the front. Other callers of {@code stateSize} (memory reports,
 * SameDiff) are told apart by the call stack.
 *
 * <p>One recording belongs to one run of that constructor. A run that was cut short leaves records
 * that no block claims. Those of another network are dropped; those of the same network cannot be
 * told from its next run's, whose blocks then do not fit or claim too little, so that {@link
 * #claim} or, at their first step, {@link #requireComplete} fails. Sizes that do not add up are an
 * error, never a guess.
 */
public final class BlockRecording {
  private static final ThreadLocal<BlockRecording> CURRENT = new ThreadLocal<>();
  private static final StackWalker STACK =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

  private record Tensor(IUpdater updater, long length) {}

  private final Deque<Tensor> unclaimed = new ArrayDeque<>();
  private long stateLength;
  private boolean claiming;
  private volatile int unclaimedCount; // read by the training thread

  private BlockRecording() {}

  /**
   * Called by {@link IUpdater#stateSize}: records a tensor if DL4J is laying out a network's
   * blocks.
   *
   * @param updater the configuration that was asked
   * @param length number of elements of the tensor
   * @param stateLength number of elements of its state
   * @throws IllegalArgumentException if the network's state is longer than DL4J can address
   */
  public static void record(IUpdater updater, long length, long stateLength) {
    if (length == 0 || !isOnStack(BaseMultiLayerUpdater.class, "<init>")) {
      return;
    }
    BlockRecording recording = CURRENT.get();
    if (recording == null || recording.claiming) {
      recording = new BlockRecording();
      CURRENT.set(recording);
    }
    recording.stateLength += stateLength;
    if (recording.stateLength > Integer.MAX_VALUE) {
      CURRENT.remove();
      throw new IllegalArgumentException(
          "the updater's state needs "
              + recording.stateLength
              + " elements or more, expected at most "
              + Integer.MAX_VALUE
              + ", which is as far as DL4J counts");
    }
    recording.unclaimed.add(new Tensor(updater, length));
    recording.unclaimedCount++;
  }

  /** Whether DL4J is instantiating the updater of a block, as against that of a single tensor. */
  public static boolean isBlockBeingBuilt() {
    return isOnStack(UpdaterBlock.class, "init");
  }

  /**
   * A block's tensors, the recording they came from, and whether they were its last: the block that
   * steps after all others of its network.
   */
  public record Claim(TensorBoundaries tensors, BlockRecording recording, boolean last) {}

  /**
   * Called by {@link IUpdater#instantiate} for a block: claims the next tensors of the network.
   *
   * @param updater the configuration of the block
   * @param stateLength length of the block's state view
   * @param stateSize state elements of a tensor of the given length
   * @return the block's tensors
   * @throws IllegalStateException if the recorded tensors do not fill the state view exactly
   */
  public static Claim claim(IUpdater updater, long stateLength, LongUnaryOperator stateSize) {
    BlockRecording recording = CURRENT.get();
    if (recording == null) {
      throw new IllegalStateException(
          "no tensor sizes are known for a block with "
              + stateLength
              + " state elements: its updater was instantiated on another thread than its sizes were"
              + " asked on, or outside of DL4J's network updater");
    }
    if (!recording.claiming) {
      recording.dropWhatAnotherNetworkLeft(updater);
      recording.claiming = true;
    }
    List<Long> lengths = new ArrayList<>();
    long claimed = 0;
    while (claimed < stateLength && !recording.unclaimed.isEmpty()) {
      Tensor next = recording.unclaimed.peek();
      if (!next.updater.equals(updater)) {
        break; // DL4J merges tensors with equal updaters only
      }
      recording.unclaimed.remove();
      recording.unclaimedCount--;
      lengths.add(next.length);
      claimed += stateSize.applyAsLong(next.length);
    }
    if (recording.unclaimed.isEmpty()) {
      CURRENT.remove();
    }
    if (claimed != stateLength) {
      CURRENT.remove();
      throw new IllegalStateException(
          "tensors of lengths "
              + lengths
              + " need "
              + claimed
              + " state elements, but their block's state view has "
              + stateLength
              + ": the tensors that DL4J merged cannot be told apart; build the network again");
    }
    return new Claim(
        TensorBoundaries.ofLengths(lengths.stream().mapToLong(Long::longValue).toArray()),
        recording,
        recording.unclaimed.isEmpty());
  }

  /**
   * Drops the records of a network that was not built to its end. Each network's layers have
   * configurations of their own, and the first block's is the one that was asked first.
   */
  private void dropWhatAnotherNetworkLeft(IUpdater first) {
    if (unclaimed.stream().anyMatch(tensor -> tensor.updater == first)) {
      while (unclaimed.peek().updater != first) {
        unclaimed.remove();
        unclaimedCount--;
      }
    }
  }

  /**
   * Checks that every recorded tensor was claimed by a block, which holds whenever the network was
   * built in one go.
   *
   * @throws IllegalStateException if tensors are left, so that the blocks' boundaries are not
   *     certain
   */
  public void requireComplete() {
    if (unclaimedCount != 0) {
      throw new IllegalStateException(
          unclaimedCount
              + " tensors were announced to the updater but belong to no block: an earlier network"
              + " on this thread was not built to its end; build this one again (or call"
              + " setUpdater(null) on it)");
    }
  }

  private static boolean isOnStack(Class<?> declaringClass, String method) {
    return STACK.walk(
        frames ->
            frames.anyMatch(
                f -> f.getDeclaringClass() == declaringClass && f.getMethodName().equals(method)));
  }
}
