package org.agr4j.internal.kernel.cpu;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Daemon threads that share the units of one task with the thread that asks for it.
 *
 * <p>One task at a time: while it runs, other callers do theirs alone, so that several networks
 * that train at once never use more threads than one does, and never wait for each other. A worker
 * that wakes up late finds the units gone and is not waited for. Handing a task over allocates
 * nothing.
 */
final class CpuWorkers {
  /** Work in numbered units, which may run in any order and at the same time. */
  interface Task {
    /** Runs unit {@code unit}, 0 and up. */
    void run(int unit);
  }

  /** The workers of this process. */
  static final CpuWorkers SHARED = new CpuWorkers();

  // A worker looks for the next task this long before it sleeps: waking it up takes 5 to 50 µs, and
  // the update of a block follows its sums at once.
  private static final long SPIN_NANOS = 50_000;

  private static final int CLOSED = 1 << 30;

  private final AtomicBoolean taken = new AtomicBoolean();
  private final AtomicInteger helpers = new AtomicInteger(CLOSED); // how many are inside the task
  private final AtomicInteger nextUnit = new AtomicInteger();
  private volatile Worker[] workers = {};
  private volatile Throwable failure;

  // Written before the task opens, read after a helper has entered it.
  private Task task;
  private int units;
  private int maxHelpers;

  /**
   * Runs all units of a task and returns when they are done.
   *
   * @param task the task
   * @param units how many units it has
   * @param threads the most threads to use, the caller's included
   */
  void run(Task task, int units, int threads) {
    int wanted = Math.min(threads, units) - 1;
    if (wanted < 1 || !taken.compareAndSet(false, true)) {
      for (int unit = 0; unit < units; unit++) {
        task.run(unit);
      }
      return;
    }
    try {
      open(task, units, wanted);
      work();
      close();
    } finally {
      this.task = null;
      taken.set(false);
    }
  }

  private void open(Task task, int units, int wanted) {
    this.task = task;
    this.units = units;
    maxHelpers = wanted;
    failure = null;
    nextUnit.set(0);
    helpers.set(0);
    startWorkers(wanted);
    for (int i = 0; i < wanted; i++) {
      workers[i].wake();
    }
  }

  private void startWorkers(int wanted) {
    int running = workers.length;
    if (running < wanted) {
      Worker[] more = Arrays.copyOf(workers, wanted);
      for (int i = running; i < wanted; i++) {
        more[i] = new Worker(i);
        more[i].start();
      }
      workers = more;
    }
  }

  private void work() {
    try {
      for (int unit = nextUnit.getAndIncrement(); unit < units; unit = nextUnit.getAndIncrement()) {
        task.run(unit);
      }
    } catch (Throwable thrown) {
      failure = thrown;
    }
  }

  /** Lets nobody in any more, and waits for the last units of those inside. */
  private void close() {
    int inside = helpers.getAndAdd(CLOSED);
    for (int spins = 0; inside > 0; spins++) {
      if (spins < 10_000) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
      inside = helpers.get() - CLOSED;
    }
    Throwable thrown = failure;
    if (thrown instanceof Error) {
      throw (Error) thrown;
    } else if (thrown != null) {
      throw (RuntimeException) thrown;
    }
  }

  /** Helps with the open task, if there is one. */
  private boolean help() {
    int inside = helpers.get();
    if (inside >= CLOSED || inside >= maxHelpers || nextUnit.get() >= units) {
      return false;
    }
    if (helpers.compareAndSet(inside, inside + 1)) {
      work();
      helpers.getAndDecrement();
    }
    return true;
  }

  private final class Worker extends Thread {
    private volatile boolean asleep;

    Worker(int number) {
      super("agr4j-worker-" + (number + 1));
      setDaemon(true);
    }

    void wake() {
      if (asleep) {
        LockSupport.unpark(this);
      }
    }

    @Override
    public void run() {
      long idleSince = System.nanoTime();
      while (true) {
        if (help()) {
          idleSince = System.nanoTime();
        } else if (System.nanoTime() - idleSince < SPIN_NANOS) {
          Thread.onSpinWait();
        } else {
          asleep = true;
          if (!help()) { // a task opened before asleep was seen would not wake this thread
            LockSupport.park(this);
          }
          asleep = false;
          idleSince = System.nanoTime();
        }
      }
    }
  }
}
