package org.agr4j.kernel;

import java.lang.ref.Reference;
import java.util.Locale;
import org.agr4j.layout.TensorBoundaries;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One optimizer step in two passes over memory, for FLOAT and DOUBLE on a CPU.
 *
 * <p>Chunks of a block are copied into Java arrays that stay in a core's first-level cache, are
 * worked on by loops that the JIT turns into vector code, and are copied back. Bytes moved for an
 * element of FLOAT: the sums read 4; AdamW reads and writes 12 each, Adan 20 each. So AdamW(AGR)
 * costs 28/12 of what ND4J's {@code subi} does where memory is the limit.
 *
 * <p>Spans of large blocks go to {@link CpuWorkers}, no more threads than ND4J's own setting
 * ({@code OMP_NUM_THREADS}) and the processors allow. Results do not depend on their number, bit
 * for bit. Scratch memory: 10 kB (FLOAT) or 20 kB (DOUBLE) a thread, and 8 bytes for every span of
 * a block a calling thread; no array is allocated after the first step.
 */
public final class FusedCpuKernel implements UpdateKernel {
  /** The kernel. */
  public static final FusedCpuKernel INSTANCE = new FusedCpuKernel(0, CpuWorkers.SHARED);

  /** Below this many elements waking up another thread costs more than it gains. */
  private static final long ALONE = 32 * 1024;

  private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);
  private final int threads; // 0: as ND4J's setting says
  private final CpuWorkers workers;

  /** A kernel with a fixed number of threads. */
  FusedCpuKernel(int threads, CpuWorkers workers) {
    this.threads = threads;
    this.workers = workers;
  }

  /**
   * Whether this kernel can work on a block.
   *
   * @param state the block's state
   * @return true for a contiguous FLOAT or DOUBLE vector on a CPU backend
   */
  public static boolean supports(INDArray state) {
    return Nd4j.getExecutioner().type() == ExecutionerType.NATIVE_CPU
        && (state.dataType() == DataType.FLOAT || state.dataType() == DataType.DOUBLE)
        && state.elementWiseStride() == 1;
  }

  @Override
  public void absoluteSums(INDArray gradient, TensorBoundaries tensors, double[] sums) {
    BlockPass pass = pass(gradient, tensors, 0, tensors.count());
    row(pass, Chunk.GRADIENT, gradient, gradient, tensors, 0, tensors.count());
    pass.absoluteSums(sums, workers, threads(tensors, 0, tensors.count()));
    Reference.reachabilityFence(gradient);
  }

  @Override
  public void adamW(
      INDArray gradient,
      INDArray firstMoment,
      INDArray secondMoment,
      TensorBoundaries tensors,
      int from,
      int to,
      double[] divisors,
      AdamWCoefficients c) {
    BlockPass pass = pass(gradient, tensors, from, to);
    row(pass, Chunk.GRADIENT, gradient, gradient, tensors, from, to);
    row(pass, Chunk.FIRST_MOMENT, firstMoment, gradient, tensors, from, to);
    row(pass, Chunk.SECOND_MOMENT, secondMoment, gradient, tensors, from, to);
    pass.adamW(divisors, c, workers, threads(tensors, from, to));
    Reference.reachabilityFence(gradient);
    Reference.reachabilityFence(firstMoment);
    Reference.reachabilityFence(secondMoment);
  }

  @Override
  public void adan(
      INDArray gradient,
      INDArray firstMoment,
      INDArray difference,
      INDArray secondMoment,
      INDArray lastGradient,
      TensorBoundaries tensors,
      int from,
      int to,
      double[] divisors,
      AdanCoefficients c) {
    BlockPass pass = pass(gradient, tensors, from, to);
    row(pass, Chunk.GRADIENT, gradient, gradient, tensors, from, to);
    row(pass, Chunk.FIRST_MOMENT, firstMoment, gradient, tensors, from, to);
    row(pass, Chunk.DIFFERENCE, difference, gradient, tensors, from, to);
    row(pass, Chunk.SECOND_MOMENT, secondMoment, gradient, tensors, from, to);
    row(pass, Chunk.LAST_GRADIENT, lastGradient, gradient, tensors, from, to);
    pass.adan(divisors, c, workers, threads(tensors, from, to));
    Reference.reachabilityFence(gradient);
    Reference.reachabilityFence(firstMoment);
    Reference.reachabilityFence(difference);
    Reference.reachabilityFence(secondMoment);
    Reference.reachabilityFence(lastGradient);
  }

  private BlockPass pass(INDArray gradient, TensorBoundaries tensors, int from, int to) {
    BlockPass pass = scratch.get().pass;
    pass.over(tensors, from, to, gradient.dataType() == DataType.DOUBLE);
    return pass;
  }

  private void row(
      BlockPass pass,
      int row,
      INDArray array,
      INDArray gradient,
      TensorBoundaries tensors,
      int from,
      int to) {
    if (array.dataType() != gradient.dataType()
        || array.length() != tensors.totalLength()
        || array.elementWiseStride() != 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "row %d is %s of length %d and stride %d, expected contiguous %s of length %d",
              row,
              array.dataType(),
              array.length(),
              array.elementWiseStride(),
              gradient.dataType(),
              tensors.totalLength()));
    }
    boolean wide = array.dataType() == DataType.DOUBLE;
    int width = wide ? Double.BYTES : Float.BYTES;
    long start = array.data().address() + (array.offset() + tensors.start(from)) * width;
    long bytes = (tensors.start(to) - tensors.start(from)) * width;
    pass.row(row, scratch.get().view(start, bytes, wide));
  }

  private int threads(TensorBoundaries tensors, int from, int to) {
    if (threads > 0) {
      return threads;
    }
    if (tensors.start(to) - tensors.start(from) < ALONE) {
      return 1;
    }
    return Math.min(
        Nd4j.getEnvironment().maxMasterThreads(), Runtime.getRuntime().availableProcessors());
  }

  /** What a calling thread keeps from step to step. */
  private static final class Scratch {
    private final BlockPass pass = new BlockPass();
    private final OffHeapArray[] views = new OffHeapArray[256];

    /** The view of some memory; a view is right for whoever holds that address and length. */
    OffHeapArray view(long address, long bytes, boolean wide) {
      int slot = (int) ((address ^ bytes) * 0x9E3779B97F4A7C15L >>> 56);
      OffHeapArray view = views[slot];
      if (view == null || !view.isViewOf(address, bytes, wide)) {
        view = new OffHeapArray(address, bytes, wide);
        views[slot] = view;
      }
      return view;
    }
  }
}
