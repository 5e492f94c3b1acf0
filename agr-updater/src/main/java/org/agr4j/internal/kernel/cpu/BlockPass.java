package org.agr4j.internal.kernel.cpu;

import org.agr4j.internal.kernel.Optimizer;
import org.agr4j.internal.kernel.StepCoefficients;
import org.agr4j.internal.layout.TensorBoundaries;

/**
 * One pass over a block, or over some neighbouring tensors of it, in spans that threads share.
 *
 * <p>The grid of spans starts at the first tensor of the pass and does not depend on the number of
 * threads, nor does the order in which partial sums are added: so neither does any result. An
 * instance belongs to the thread that asks for the pass and is used again for its next one.
 */
final class BlockPass implements CpuWorkers.Task {
  /** Elements of a span: a multiple of a chunk, a divisor of a window of {@link OffHeapArray}. */
  static final int SPAN = 16 * 1024;

  private static final ThreadLocal<Chunk> FLOAT_CHUNK = ThreadLocal.withInitial(FloatChunk::new);
  private static final ThreadLocal<Chunk> DOUBLE_CHUNK = ThreadLocal.withInitial(DoubleChunk::new);

  private final OffHeapArray[] arrays = new OffHeapArray[Chunk.ROWS];
  private ThreadLocal<Chunk> chunks;
  private TensorBoundaries tensors;
  private int from;
  private int to;
  private long origin;
  private long length;
  private int spans;
  private double[] divisors;
  private StepCoefficients step; // null for a pass of sums
  private boolean adan;
  private double[] partials = {};

  /** Sets what the pass goes over: tensors {@code from} to {@code to}, of FLOAT or DOUBLE. */
  void over(TensorBoundaries tensors, int from, int to, boolean wide) {
    this.tensors = tensors;
    this.from = from;
    this.to = to;
    chunks = wide ? DOUBLE_CHUNK : FLOAT_CHUNK;
    origin = tensors.start(from);
    length = tensors.start(to) - origin;
    spans = Math.toIntExact((length + SPAN - 1) / SPAN);
  }

  /** Sets the array of a row of {@link Chunk}; its element 0 is the pass's first. */
  void row(int row, OffHeapArray array) {
    arrays[row] = array;
  }

  /** Writes Σ|g| of each tensor to {@code sums}, from index 0 for the pass's first tensor. */
  void absoluteSums(double[] sums, CpuWorkers workers, int threads) {
    // Tensor i meets span s in partials[s + i]: along the block each meeting has the next index
    // or, where a tensor ends with a span, the one after.
    int count = spans + to - from;
    if (partials.length < count) {
      partials = new double[count];
    }
    step = null;
    workers.run(this, spans, threads);
    for (int i = from; i < to; i++) {
      int first = (int) ((tensors.start(i) - origin) / SPAN);
      int last = (int) ((tensors.end(i) - 1 - origin) / SPAN);
      double sum = 0;
      for (int s = first; s <= last; s++) {
        sum = add(sum, partials[s + i - from]);
      }
      sums[i - from] = sum;
    }
  }

  /** a + b, which is finite if both are. */
  private static double add(double a, double b) {
    double sum = a + b;
    return sum == Double.POSITIVE_INFINITY && a < sum && b < sum ? Double.MAX_VALUE : sum;
  }

  /** One step of the rows' optimizer. */
  void step(
      Optimizer optimizer, double[] divisors, StepCoefficients c, CpuWorkers workers, int threads) {
    this.divisors = divisors;
    step = c;
    adan = optimizer == Optimizer.ADAN;
    workers.run(this, spans, threads);
  }

  @Override
  public void run(int unit) {
    if (step == null) {
      sum(unit, chunks.get());
    } else {
      // Backwards: the sums went forwards, so the end of the gradient may still be in the cache.
      update(spans - 1 - unit, chunks.get());
    }
  }

  private void sum(int span, Chunk chunk) {
    long at = (long) span * SPAN;
    long end = Math.min(at + SPAN, length);
    for (int i = tensorAt(at); at < end; i++) {
      long tensorEnd = Math.min(tensors.end(i) - origin, end);
      double sum = 0;
      while (at < tensorEnd) {
        int n = (int) Math.min(Chunk.SUM_LENGTH, tensorEnd - at);
        chunk.read(Chunk.GRADIENT, arrays[Chunk.GRADIENT], at, n);
        sum = add(sum, chunk.absoluteSum(n));
        at += n;
      }
      partials[span + i - from] = sum;
    }
  }

  private void update(int span, Chunk chunk) {
    long at = (long) span * SPAN;
    long end = Math.min(at + SPAN, length);
    int tensor = tensorAt(at);
    for (; at < end; at += Chunk.LENGTH) {
      int n = (int) Math.min(Chunk.LENGTH, end - at);
      readState(chunk, at, n);
      for (int a = 0; a < n; ) {
        long tensorEnd = tensors.end(tensor) - origin;
        int b = (int) Math.min(n, tensorEnd - at);
        if (adan) {
          chunk.adan(a, b, divisors[tensor], step);
        } else {
          chunk.adamW(a, b, divisors[tensor], step);
        }
        if (at + b == tensorEnd) {
          tensor++;
        }
        a = b;
      }
      writeState(chunk, at, n);
    }
  }

  private void readState(Chunk chunk, long at, int n) {
    chunk.read(Chunk.GRADIENT, arrays[Chunk.GRADIENT], at, n);
    chunk.read(Chunk.FIRST_MOMENT, arrays[Chunk.FIRST_MOMENT], at, n);
    chunk.read(Chunk.SECOND_MOMENT, arrays[Chunk.SECOND_MOMENT], at, n);
    if (adan) {
      chunk.read(Chunk.DIFFERENCE, arrays[Chunk.DIFFERENCE], at, n);
      if (!step.firstStep()) {
        chunk.read(Chunk.LAST_GRADIENT, arrays[Chunk.LAST_GRADIENT], at, n);
      }
    }
  }

  private void writeState(Chunk chunk, long at, int n) {
    chunk.write(Chunk.GRADIENT, arrays[Chunk.GRADIENT], at, n);
    chunk.write(Chunk.FIRST_MOMENT, arrays[Chunk.FIRST_MOMENT], at, n);
    chunk.write(Chunk.SECOND_MOMENT, arrays[Chunk.SECOND_MOMENT], at, n);
    if (adan) {
      chunk.write(Chunk.DIFFERENCE, arrays[Chunk.DIFFERENCE], at, n);
      chunk.write(Chunk.LAST_GRADIENT, arrays[Chunk.LAST_GRADIENT], at, n);
    }
  }

  /** The tensor that holds an element of the pass. */
  private int tensorAt(long element) {
    int low = from;
    int high = to - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (tensors.end(middle) - origin <= element) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
