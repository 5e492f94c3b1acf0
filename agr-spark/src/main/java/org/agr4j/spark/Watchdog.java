package org.agr4j.spark;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/**
 * Waits for work that may hang: DL4J's gradient sharing does where Spark replaces an executor that
 * was lost, since the others wait for it for ever.
 */
final class Watchdog {
  private static final int LOOK_MILLIS = 500;

  private final Duration patience;
  private final LongSupplier progress;
  private final LongSupplier nanoTime;

  /**
   * Makes a watchdog.
   *
   * @param patience longest time without progress
   * @param progress any number that changes as long as work goes on
   */
  Watchdog(Duration patience, LongSupplier progress) {
    this(patience, progress, System::nanoTime);
  }

  /** With a clock of one's own. */
  Watchdog(Duration patience, LongSupplier progress, LongSupplier nanoTime) {
    this.patience = patience;
    this.progress = progress;
    this.nanoTime = nanoTime;
  }

  /**
   * Does work on a thread of its own and waits for its end.
   *
   * @param work what is done
   * @param meanwhile is called on the calling thread twice a second
   * @throws StalledException if there was no progress for too long; the work's thread is left to
   *     itself
   * @throws ExecutionException with what the work threw
   */
  void await(Runnable work, Runnable meanwhile) throws ExecutionException {
    FutureTask<Void> task = new FutureTask<>(work, null);
    Thread thread = new Thread(task, "training on the cluster");
    thread.setDaemon(true);
    thread.start();
    long last = progress.getAsLong();
    long since = nanoTime.getAsLong();
    while (true) {
      try {
        task.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        meanwhile.run();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for the cluster", e);
      }
      long now = progress.getAsLong();
      if (now != last) {
        last = now;
        since = nanoTime.getAsLong();
      } else if (nanoTime.getAsLong() - since > patience.toNanos()) {
        throw new StalledException(patience);
      }
    }
  }
}
