package org.agr4j.train;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * A task's batches with its transforms applied, one made ahead on a thread of its own while the
 * step before it is trained. The batches are the same bits with and without that thread.
 *
 * <p>Memory: one batch more.
 */
final class PreparedBatches implements AutoCloseable {
  private final Batches batches;
  private final List<BatchTransform> transforms;
  private final ExecutorService ahead; // null for none
  private Position position;
  private Future<MultiDataSet> next; // made ahead; null for nothing

  /**
   * Batches of a run.
   *
   * @param batches as the task makes them; closed with this
   * @param transforms what is done to each
   * @param isAhead whether one is made ahead
   */
  PreparedBatches(Batches batches, List<BatchTransform> transforms, boolean isAhead) {
    this.batches = batches;
    this.transforms = transforms;
    this.ahead =
        isAhead
            ? Executors.newSingleThreadExecutor(
                task -> {
                  Thread thread = new Thread(task, "batches made ahead");
                  thread.setDaemon(true);
                  return thread;
                })
            : null;
  }

  /** Goes to a position. */
  void enter(Position from) {
    position = from;
    batches.enter(from);
    next = null;
    prepare();
  }

  boolean hasNext() {
    return next != null || ahead == null && batches.hasNext();
  }

  MultiDataSet next() {
    if (ahead == null) {
      return make();
    }
    try {
      MultiDataSet batch = next.get();
      next = null;
      prepare();
      return batch;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error failure) {
        throw failure;
      }
      throw new IllegalStateException("the batch was not made", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a batch was made", e);
    }
  }

  private void prepare() {
    if (ahead != null && batches.hasNext()) {
      next = ahead.submit(this::make);
    }
  }

  private MultiDataSet make() {
    MultiDataSet batch = batches.next();
    Position before = position;
    position =
        new Position(
            before.seed(), before.epoch(), before.examples() + (int) batch.getFeatures(0).size(0));
    for (BatchTransform transform : transforms) {
      batch = transform.apply(batch, before);
    }
    return batch;
  }

  @Override
  public void close() {
    if (ahead != null) {
      ahead.shutdownNow();
    }
    batches.close();
  }
}
