package org.agr4j.internal.kernel.cuda;

import java.lang.ref.Reference;
import java.util.function.Function;
import org.agr4j.internal.kernel.BlockState;
import org.agr4j.internal.kernel.HostStep;
import org.agr4j.internal.kernel.NonFiniteTensor;
import org.agr4j.internal.kernel.OptimizerStep;
import org.agr4j.internal.kernel.StepNumbers;
import org.agr4j.internal.kernel.ops.Nd4jOpsKernel;
import org.agr4j.internal.layout.TensorBoundaries;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The steps of one block by a {@link KernelPair}: two launches whatever the number of tensors, on
 * NVIDIA GPUs from Maxwell on, in FLOAT and DOUBLE.
 *
 * <p>Norms, step counts, restarts and the check for NaN stay on the device. The norms read 4 bytes
 * an element of FLOAT; the update reads and writes 12 each for AdamW, 20 each for Adan. Results
 * have the same bits on every run. No memory is allocated after a block's first step; before it, 24
 * bytes for each chunk of 2,048 to 16,384 elements and 92 bytes for each tensor.
 *
 * <p>The host waits under {@code NonFinite.FAIL} once for each step of a network, after its last
 * block's update is launched: between an updater and the subtraction of the update DL4J has no
 * point where it waits anyway. Blocks under FAIL from the first NaN on keep their state. Under
 * SKIP, weight decay waits once for each block, to learn which tensors to leave alone; PROPAGATE
 * never waits.
 *
 * <p>Where a step cannot be launched, {@link Nd4jOpsKernel} does it with numbers of the host.
 */
final class GpuStep implements OptimizerStep {
  private final Gpu gpu;
  private final Function<Gpu, Verdict> verdicts;
  private final Refusals refusals;
  private final BlockState state;
  private final TensorBoundaries tensors;
  private final INDArray[] moments;
  private final HostStep onHost;
  private final long[] momentAddresses;

  private TableOnGpu table; // null until the first step
  private KernelPair kernels;
  private boolean launched; // the last step

  /**
   * Creates the steps of a block on a GPU.
   *
   * @param verdicts which verdict its steps on a GPU share with others
   * @param refusals those of all blocks, added to
   * @param state modified by steps
   */
  GpuStep(Gpu gpu, Function<Gpu, Verdict> verdicts, Refusals refusals, BlockState state) {
    this.gpu = gpu;
    this.verdicts = verdicts;
    this.refusals = refusals;
    this.state = state;
    tensors = state.tensors();
    moments = state.moments();
    onHost = new HostStep(Nd4jOpsKernel.INSTANCE, state);
    momentAddresses = new long[moments.length];
  }

  /** What the kernels' names call a type, or null for a type that they cannot do. */
  static String nameOf(DataType type) {
    return type == DataType.FLOAT ? "float" : type == DataType.DOUBLE ? "double" : null;
  }

  @Override
  public NonFiniteTensor takeOverdue() {
    return table == null ? null : verdict().takeOverdue(table);
  }

  @Override
  public NonFiniteTensor step(INDArray gradient, StepNumbers numbers, boolean lastOfNetwork) {
    launched = launch(gradient, numbers);
    if (!launched) {
      NonFiniteTensor found = numbers.stopIfNonFinite() ? takeNonFinite() : null; // before this one
      found = found == null ? onHost.step(gradient, numbers, lastOfNetwork) : found;
      if (found != null) {
        return found;
      }
    }
    // DL4J subtracts the updates next, and whatever this block's own rule is, blocks before it may
    // have met a NaN under FAIL.
    return lastOfNetwork || endsRound() ? takeNonFinite() : null;
  }

  /**
   * Launches a step, in place of a whole round of norms, update, restart and counting.
   *
   * <p>Under {@link StepNumbers#stopIfNonFinite}, from the first block on that holds a NaN or an
   * infinity, steps launched by this thread write a zero update and leave the state as it was,
   * until {@link #takeNonFinite} is called.
   *
   * @return whether it was launched; if not, nothing has changed, and the host has to do the step
   */
  boolean launch(INDArray gradient, StepNumbers numbers) {
    DataType type = state.dataType();
    if (refusals.contains(gpu.current(), type)) {
      return false;
    }
    try {
      return launchOrThrow(gradient, numbers);
    } catch (CudaException e) {
      refusals.add(gpu.current(), type, e);
      return false;
    }
  }

  /** {@link #launch}, but for what a refusal leads to. */
  boolean launchOrThrow(INDArray gradient, StepNumbers numbers) {
    if (!canReach(gradient)) {
      return false;
    }
    int place = prepare(gradient, numbers);
    kernels.launch(gpu, numbers, place);
    gpu.written(gradient);
    for (INDArray moment : moments) {
      gpu.written(moment);
    }
    gpu.written(state.steps());
    gpu.written(state.skipped());
    Reference.reachabilityFence(gradient);
    launched = true;
    return true;
  }

  /** Whether everything is of one type, dense, and on this thread's device. */
  private boolean canReach(INDArray gradient) {
    int here = gpu.current();
    for (INDArray moment : moments) {
      if (!fits(moment, tensors.totalLength(), here)) {
        return false;
      }
    }
    return fits(gradient, tensors.totalLength(), here)
        && fits(state.steps(), tensors.count(), here)
        && fits(state.skipped(), tensors.count(), here)
        && (table == null || gpu.of(table.words()) == here);
  }

  private boolean fits(INDArray array, long length, int here) {
    return array.dataType() == state.dataType()
        && array.length() == length
        && (length == 1 || array.elementWiseStride() == 1)
        && gpu.of(array) == here;
  }

  /** Brings everything to the device, and returns the block's place in its verdict. */
  private int prepare(INDArray gradient, StepNumbers numbers) {
    try {
      if (table == null) {
        TableOnGpu created = new TableOnGpu(gpu, tensors);
        kernels = new KernelPair(nameOf(state.dataType()), state.optimizer(), created.layout());
        table = created;
      }
      Verdict verdict = verdict();
      for (int k = 0; k < moments.length; k++) {
        momentAddresses[k] = gpu.address(moments[k]);
      }
      kernels.table(table.layout(), gpu.address(table.words()));
      kernels.arrays(
          gpu.address(verdict.word()),
          gpu.address(gradient),
          momentAddresses,
          gpu.address(state.steps()),
          gpu.address(state.skipped()));
      return numbers.stopIfNonFinite() ? verdict.placeOf(table) : 0;
    } catch (RuntimeException | OutOfMemoryError e) { // ND4J throws either where memory is short
      throw new CudaException("a block could not be brought to the device: " + e);
    }
  }

  private Verdict verdict() {
    return verdicts.apply(gpu);
  }

  /** Whether {@link #takeOverdue} has learned that no block after this one steps. */
  private boolean endsRound() {
    return table != null && table.endsRounds();
  }

  /**
   * Waits for the steps that this thread launched with {@link StepNumbers#stopIfNonFinite} since
   * the last call, of whichever block, and lets steps change the state again. Does not wait where
   * there were none.
   *
   * @return the first tensor that was not finite, or null
   */
  NonFiniteTensor takeNonFinite() {
    return verdict().take();
  }

  @Override
  public boolean mayHaveSkipped() {
    return launched || onHost.mayHaveSkipped();
  }

  @Override
  public double[] sums() {
    return launched ? table.sums() : onHost.sums();
  }
}
