package org.agr4j.layers.cpu;

import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Matrices [rows, columns] of floats on ND4J's CPU backend, and who works on which rows.
 *
 * <p>Rows are cut into the same chunks whatever the number of threads, and sums over rows are
 * summed chunk by chunk in order, so results do not depend on it.
 */
public final class FloatRows {
  private static final int MAX_CHUNKS = 16;
  static final int LENGTH = 1024; // elements of a loop that pays well

  // Below this many elements a second thread costs more than it brings.
  private static final long WORTH_A_THREAD = 1 << 14;

  private FloatRows() {}

  /**
   * Whether all arrays are such that the fast loops may be taken: FLOAT, contiguous in order 'c',
   * less than 2 GB, on the CPU backend, and the loops are not switched off by {@link
   * FastCpuLayers#PROPERTY}.
   *
   * @param arrays null ones are left out
   */
  public static boolean usable(INDArray... arrays) {
    if (!Nd4j.getEnvironment().isCPU()
        || !Boolean.parseBoolean(System.getProperty(FastCpuLayers.PROPERTY, "true"))) {
      return false;
    }
    for (INDArray array : arrays) {
      if (array != null
          && (array.dataType() != DataType.FLOAT
              || array.isEmpty()
              || !HostFloats.fits(array)
              || !HostFloats.isRowMajor(array))) {
        return false;
      }
    }
    return true;
  }

  static int columns(INDArray array) {
    return Math.toIntExact(array.size(array.rank() - 1));
  }

  static int rows(INDArray array) {
    return Math.toIntExact(array.length() / columns(array));
  }

  /** A vector's elements. */
  static float[] copy(INDArray vector) {
    if (vector == null) {
      return null;
    }
    float[] copy = new float[Math.toIntExact(vector.length())];
    HostFloats.of(vector).get(0, copy);
    return copy;
  }

  static int chunks(int rows) {
    return Math.min(rows, MAX_CHUNKS);
  }

  /** Has every chunk of rows done, by several threads where that pays. */
  static void forEachChunk(int rows, int columns, Chunk work) {
    int chunks = chunks(rows);
    IntStream all = IntStream.range(0, chunks);
    boolean parallel =
        Nd4j.getEnvironment().maxThreads() > 1 && (long) rows * columns > WORTH_A_THREAD;
    (parallel ? all.parallel() : all)
        .forEach(
            chunk ->
                work.work(
                    chunk,
                    (int) ((long) rows * chunk / chunks),
                    (int) ((long) rows * (chunk + 1) / chunks)));
  }

  /**
   * Writes the sums over chunks, in their order; longer chunks hold several sums of each column.
   */
  static void sumChunks(float[][] ofChunks, INDArray to) {
    int n = Math.toIntExact(to.length());
    double[] totals = totals(ofChunks, n);
    float[] sums = new float[n];
    for (int i = 0; i < n; i++) {
      sums[i] = (float) totals[i];
    }
    HostFloats.of(to).put(0, sums);
  }

  /** The sums of {@code n} columns over chunks, in their order. */
  static double[] totals(float[][] ofChunks, int n) {
    double[] totals = new double[n];
    for (float[] chunk : ofChunks) {
      for (int at = 0; at < chunk.length; at += n) {
        add(totals, chunk, at, n);
      }
    }
    return totals;
  }

  private static void add(double[] to, float[] x, int from, int n) {
    for (int i = 0; i < n; i++) {
      to[i] += x[from + i];
    }
  }

  /**
   * How many rows are worked on as one long row: loops over few columns are too short for vector
   * code to pay.
   */
  static int rowsTogether(int columns) {
    return Math.max(1, LENGTH / columns);
  }

  /** Every piece of {@code n} elements several times in a row. */
  static float[] repeated(float[] x, int n, int times) {
    if (times == 1 || x == null) {
      return x;
    }
    float[] repeated = new float[x.length * times];
    for (int at = 0; at < repeated.length; at += n) {
      System.arraycopy(x, at / n / times * n, repeated, at, n);
    }
    return repeated;
  }

  /** What is done with the rows from … to − 1. */
  interface Chunk {
    void work(int chunk, int from, int to);
  }
}
