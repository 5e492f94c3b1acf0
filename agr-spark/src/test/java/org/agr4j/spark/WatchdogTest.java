package org.agr4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WatchdogTest {
  @Test
  void endsTheWaitForWorkThatHangs() {
    CountDownLatch never = new CountDownLatch(1);
    Watchdog watchdog = new Watchdog(Duration.ofMillis(700), () -> 0);
    StalledException stalled =
        assertThrows(StalledException.class, () -> watchdog.await(() -> waitFor(never), () -> {}));
    assertEquals(
        "no image was trained on for 0 seconds (--stall-timeout): a worker was lost, has not"
            + " started, or cannot be reached",
        stalled.getMessage());
  }

  /** Goes on for several times the patience, in small steps that the test itself makes. */
  @Test
  void waitsAsLongAsThereIsProgress() throws ExecutionException {
    AtomicLong progress = new AtomicLong();
    CountDownLatch enough = new CountDownLatch(8);
    Watchdog watchdog = new Watchdog(Duration.ofMillis(1500), progress::get);
    watchdog.await(
        () -> waitFor(enough),
        () -> {
          progress.incrementAndGet();
          enough.countDown();
        });
    assertEquals(8, progress.get(), 1);
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
