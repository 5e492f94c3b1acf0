package org.agr4j.layers.cpu;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.blas_get_num_threads;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.presets.openblas_nolapack.SetNumThreads;

/**
 * Products of row-major matrices in native memory, each by the thread that calls alone, so that
 * several threads work on different examples at once.
 *
 * <p>They are those of the BLAS that ND4J's CPU backend brings: 65 to 85 GFLOP/s a core from 128
 * rows on, where a product through an ND4J operation pays some tens of microseconds before it
 * begins, and two threads that share a product of that size gain next to nothing.
 */
final class CoreProducts {
  private static int users;
  private static int threadsBefore;

  private CoreProducts() {}

  /** Whether the BLAS is there and can be told how many threads to take. */
  static boolean available() {
    return Availability.THERE;
  }

  /** Runs what calls the products below, from any threads. */
  static void run(Runnable work) {
    begin();
    try {
      work.run();
    } finally {
      end();
    }
  }

  private static synchronized void begin() {
    if (users++ == 0) {
      threadsBefore = blas_get_num_threads();
      if (threadsBefore > 1) {
        Availability.setThreads(1);
      }
    }
  }

  private static synchronized void end() {
    if (--users == 0 && threadsBefore > 1) {
      Availability.setThreads(threadsBefore);
    }
  }

  /**
   * c ← factor a b + keep c, for a [m, k], b [k, n], c [m, n] at addresses, and their row steps.
   */
  static void multiply(
      int m,
      int n,
      int k,
      float factor,
      long a,
      int aStep,
      long b,
      int bStep,
      float keep,
      long c,
      int cStep) {
    product(CblasNoTrans, CblasNoTrans, m, n, k, factor, a, aStep, b, bStep, keep, c, cStep);
  }

  /** c ← factor a bᵀ + keep c, for a [m, k], b [n, k], c [m, n]. */
  static void timesTransposed(
      int m,
      int n,
      int k,
      float factor,
      long a,
      int aStep,
      long b,
      int bStep,
      float keep,
      long c,
      int cStep) {
    product(CblasNoTrans, CblasTrans, m, n, k, factor, a, aStep, b, bStep, keep, c, cStep);
  }

  /** c ← factor aᵀ b + keep c, for a [k, m], b [k, n], c [m, n]. */
  static void transposedTimes(
      int m,
      int n,
      int k,
      float factor,
      long a,
      int aStep,
      long b,
      int bStep,
      float keep,
      long c,
      int cStep) {
    product(CblasTrans, CblasNoTrans, m, n, k, factor, a, aStep, b, bStep, keep, c, cStep);
  }

  private static void product(
      int a,
      int b,
      int m,
      int n,
      int k,
      float factor,
      long x,
      int xStep,
      long y,
      int yStep,
      float keep,
      long z,
      int zStep) {
    cblas_sgemm(
        CblasRowMajor,
        a,
        b,
        m,
        n,
        k,
        factor,
        new At(x),
        xStep,
        new At(y),
        yStep,
        keep,
        new At(z),
        zStep);
  }

  private static final class At extends FloatPointer {
    At(long address) {
      super((Pointer) null);
      this.address = address;
    }
  }

  private static final class Availability {
    private static final String SET_THREADS = "openblas_set_num_threads";
    private static final SetNumThreads SET = find();
    static final boolean THERE = SET != null;

    /**
     * OpenBLAS's own function. JavaCPP's {@code blas_set_num_threads} looks it up at every call,
     * and files as well: a quarter of a millisecond.
     */
    private static SetNumThreads find() {
      try {
        Pointer function = blas_get_num_threads() > 0 ? Loader.addressof(SET_THREADS) : null;
        // What JavaCPP calls through: the function's address, and no Java object behind it.
        return function == null ? null : new SetNumThreads(new LongPointer(function.address(), 0));
      } catch (LinkageError e) { // a backend without it
        return null;
      }
    }

    static void setThreads(int threads) {
      SET.call(threads);
    }
  }
}
