package org.agr4j.layout;

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
      return new Slice(view.data().address(), view.offset(), view.length());
    }
  }

  private static final ThreadLocal<List<Slice>> SKIPPED = ThreadLocal.withInitial(ArrayList::new);

  private SkippedUpdates() {}

  /** Forgets what earlier steps on this thread skipped. */
  public static void clear() {
    SKIPPED.get().clear();
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
    List<Slice> skipped = SKIPPED.get();
    return !skipped.isEmpty() && skipped.contains(Slice.of(update));
  }
}
