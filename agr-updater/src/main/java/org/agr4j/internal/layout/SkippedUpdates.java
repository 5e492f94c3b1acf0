package org.agr4j.internal.layout;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The updates that the last optimizer step on this thread skipped, so that weight decay skips them
 * too.
 *
 * <p>DL4J calls an updater and then, on the same thread, each tensor's POST_UPDATER regularizations
 * with a view of the update. A tensor that {@link org.agr4j.updater.NonFinite#SKIP} leaves alone
 * must not be decayed either, and the view's place in memory is all that the two calls have in
 * common.
 */
public final class SkippedUpdates {
  private record Slice(long buffer, long offset, long length) {
    static Slice of(INDArray view) {
      // The platform's: on CUDA the other is of a copy on the host, which need not exist.
      return new Slice(view.data().platformAddress(), view.offset(), view.length());
    }
  }

  private static final ThreadLocal<List<Slice>> SKIPPED = ThreadLocal.withInitial(ArrayList::new);
  private static final ThreadLocal<Runnable> LATER = new ThreadLocal<>();

  private SkippedUpdates() {}

  /** Forgets what earlier steps on this thread skipped. */
  public static void clear() {
    SKIPPED.get().clear();
    LATER.remove();
  }

  /**
   * Puts off until {@link #contains} is asked what would make the host wait for a device.
   *
   * @param adder calls {@link #add} for what was skipped
   */
  public static void addLater(Runnable adder) {
    LATER.set(adder);
  }

  /**
   * Notes an update as skipped.
   *
   * @param update view of the tensor's update, not modified
   */
  public static void add(INDArray update) {
    SKIPPED.get().add(Slice.of(update));
  }

  /**
   * Whether the last step on this thread skipped a tensor.
   *
   * @param update view of the tensor's update, not modified
   */
  public static boolean contains(INDArray update) {
    Runnable later = LATER.get();
    if (later != null) {
      LATER.remove();
      later.run();
    }
    List<Slice> skipped = SKIPPED.get();
    return !skipped.isEmpty() && skipped.contains(Slice.of(update));
  }
}
