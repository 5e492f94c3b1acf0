package org.agr4j.internal.kernel.cpu;

import java.lang.ref.Reference;
import java.util.Locale;
import org.agr4j.internal.kernel.BlockSlice;
import org.agr4j.internal.kernel.Optimizer;
import org.agr4j.internal.kernel.StepCoefficients;
import org.agr4j.internal.kernel.UpdateKernel;
import org.agr4j.internal.layout.TensorBoundaries;
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
  /** The kernel that all updaters share. */
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
    pass.absoluteSums(sums, workers, threads(tensors.totalLength()));
    Reference.reachabilityFence(gradient);
  }

  @Override
  public void step(BlockSlice s, StepCoefficients c) {
    BlockPass pass = pass(s.gradient(), s.tensors(), s.from(), s.to());
    row(pass, s, Chunk.GRADIENT, s.gradient());
    row(pass, s, Chunk.FIRST_MOMENT, s.firstMoment());
    row(pass, s, Chunk.SECOND_MOMENT, s.secondMoment());
    if (s.optimizer() == Optimizer.ADAN) {
      row(pass, s, Chunk.DIFFERENCE, s.difference());
      row(pass, s, Chunk.LAST_GRADIENT, s.lastGradient());
    }
    pass.step(s.optimizer(), s.divisors(), c, workers, threads(s.length()));
    Reference.reachabilityFence(s.gradient());
    Reference.reachabilityFence(s.moments());
  }

  private BlockPass pass(INDArray gradient, TensorBoundaries tensors, int from, int to) {
    BlockPass pass = scratch.get().pass;
    pass.over(tensors, from, to, gradient.dataType() == DataType.DOUBLE);
    return pass;
  }

  private void row(BlockPass pass, BlockSlice s, int row, INDArray array) {
    row(pass, row, array, s.gradient(), s.tensors(), s.from(), s.to());
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

  private int threads(long elements) {
    if (threads > 0) {
      return threads;
    }
    if (elements < ALONE) {
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
