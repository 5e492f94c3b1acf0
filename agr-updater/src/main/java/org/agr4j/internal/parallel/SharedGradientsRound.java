package org.agr4j.internal.parallel;

import java.lang.reflect.Field;
import java.util.Objects;
import org.deeplearning4j.optimize.solvers.accumulation.EncodedGradientsAccumulator;
import org.nd4j.linalg.util.AtomicThrowable;

/**
 * Ends a round of {@code ParallelWrapper} in which one worker has failed, for the workers that wait
 * for it.
 *
 * <p>With shared gradients the workers of DL4J 1.0.0-M2.1 meet in {@link
 * EncodedGradientsAccumulator} at every step. An exception between the gradient and that meeting,
 * which is where updaters and regularizations run, is kept by the worker that threw it ({@code
 * DefaultTrainer.thrownException}) and reported when the main thread comes to wait for this worker.
 * It never does: it waits for the workers in their order, and those before wait in the accumulator
 * for the one that is gone. The accumulator itself ends the wait of all as soon as its own field
 * {@code throwable} is set, so the failure is put there.
 *
 * <p>A worker knows its wrapper by one thing alone: its thread's handler of uncaught exceptions is
 * an inner class of the wrapper. Where no such wrapper or accumulator is found, other threads with
 * the same handler are interrupted, which ends every wait that can be.
 */
public final class SharedGradientsRound {
  private static final String WRAPPER = "org.deeplearning4j.parallelism.ParallelWrapper";

  private SharedGradientsRound() {}

  /**
   * Lets the other workers of this thread's round fail, too. Does nothing on any other thread.
   *
   * @param failure what this worker is about to throw
   */
  public static void fail(RuntimeException failure) {
    Thread.UncaughtExceptionHandler handler = Thread.currentThread().getUncaughtExceptionHandler();
    Class<?> outer = handler.getClass().getEnclosingClass();
    if (outer == null || !outer.getName().equals(WRAPPER)) {
      return;
    }
    try {
      Object wrapper = get(handler, handler.getClass(), "this$0");
      Object accumulator = get(wrapper, outer, "gradientsAccumulator");
      if (accumulator == null) {
        return; // averaging: its workers do not wait for each other
      }
      if (accumulator instanceof EncodedGradientsAccumulator) {
        ((AtomicThrowable) get(accumulator, EncodedGradientsAccumulator.class, "throwable"))
            .setIfFirst(failure);
        return;
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      failure.addSuppressed(e); // another version of DL4J
    }
    interruptOthers(handler);
  }

  private static Object get(Object object, Class<?> declaring, String name)
      throws ReflectiveOperationException {
    Field field = declaring.getDeclaredField(name);
    field.setAccessible(true);
    return field.get(object);
  }

  private static void interruptOthers(Thread.UncaughtExceptionHandler handler) {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread != Thread.currentThread()
          && Objects.equals(thread.getUncaughtExceptionHandler(), handler)) {
        thread.interrupt();
      }
    }
  }
}
