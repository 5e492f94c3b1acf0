package org.agr4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WatchdogTest {
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  private final AtomicLong clock = new AtomicLong();

  @Test
  void endsTheWaitForWorkThatHangs() {
    CountDownLatch never = new CountDownLatch(1);
    Watchdog watchdog = new Watchdog(Duration.ofSeconds(150), () -> 0, clock::get);
    StalledException stalled =
        assertThrows(
            StalledException.class,
            () -> watchdog.await(() -> waitFor(never), () -> clock.addAndGet(MINUTE)));
    assertEquals(3 * MINUTE, clock.get(), "looked once a minute, patient for two and a half");
    assertEquals(
        "no image was trained on for 150 seconds (--stall-timeout): a worker was lost, has not"
            + " started, or cannot be reached",
        stalled.getMessage());
  }

  /** For eight minutes, with a patience of two and a half. */
  @Test
  void waitsAsLongAsThereIsProgress() throws ExecutionException {
    AtomicLong progress = new AtomicLong();
    CountDownLatch enough = new CountDownLatch(8);
    Watchdog watchdog = new Watchdog(Duration.ofSeconds(150), progress::get, clock::get);
    watchdog.await(
        () -> waitFor(enough),
        () -> {
          clock.addAndGet(MINUTE);
          progress.incrementAndGet();
          enough.countDown();
        });
    assertTrue(clock.get() >= 8 * MINUTE);
  }

  @Test
  void tellsWhatTheWorkThrew() {
    IllegalStateException thrown = new IllegalStateException("no");
    ExecutionException e =
        assertThrows(
            ExecutionException.class,
            () ->
                new Watchdog(Duration.ofMinutes(1), () -> 0)
                    .await(
                        () -> {
                          throw thrown;
                        },
                        () -> {}));
    assertSame(thrown, e.getCause());
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
