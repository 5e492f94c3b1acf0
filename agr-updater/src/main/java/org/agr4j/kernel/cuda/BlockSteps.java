package org.agr4j.kernel.cuda;

import java.lang.ref.Reference;
import org.agr4j.kernel.DeviceStep;
import org.agr4j.kernel.StepNumbers;
import org.agr4j.layout.TensorBoundaries;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The steps of one block by {@link FusedStep}, on arrays of ND4J. */
final class BlockSteps implements DeviceStep {
  private static final Logger LOG = LoggerFactory.getLogger(BlockSteps.class);

  private final StepDevice device;
  private final TensorBoundaries tensors;
  private final INDArray[] moments;
  private final INDArray steps;
  private final INDArray skipped;
  private final long[] momentAddresses;

  private BlockTable layout; // null until the first step
  private INDArray table;
  private FusedStep step;
  private boolean refused;

  BlockSteps(
      StepDevice device,
      TensorBoundaries tensors,
      INDArray[] moments,
      INDArray steps,
      INDArray skipped) {
    this.device = device;
    this.tensors = tensors;
    this.moments = moments;
    this.steps = steps;
    this.skipped = skipped;
    this.momentAddresses = new long[moments.length];
  }

  TensorBoundaries tensors() {
    return tensors;
  }

  @Override
  public boolean launch(INDArray gradient, StepNumbers numbers) {
    if (refused) {
      return false;
    }
    try {
      return launchOrThrow(gradient, numbers);
    } catch (CudaException e) {
      refused = true;
      LOG.warn(
          "AGR4J does the steps of a block by ND4J's operations from here on: {}", e.getMessage());
      return false;
    }
  }

  /** {@link #launch}, but for what a driver's refusal leads to. */
  boolean launchOrThrow(INDArray gradient, StepNumbers numbers) {
    if (!canReach(gradient)) {
      return false;
    }
    if (layout == null) {
      prepare();
    }
    Verdict verdict = Verdict.ofThread(device);
    for (int k = 0; k < moments.length; k++) {
      momentAddresses[k] = device.address(moments[k]);
    }
    step.table(layout, device.address(table));
    step.arrays(
        device.address(verdict.word()),
        device.address(gradient),
        momentAddresses,
        device.address(steps),
        device.address(skipped));
    step.launch(device, numbers, numbers.stopIfNonFinite() ? verdict.placeOf(this) : 0);
    device.written(gradient);
    for (INDArray moment : moments) {
      device.written(moment);
    }
    device.written(steps);
    device.written(skipped);
    Reference.reachabilityFence(gradient);
    return true;
  }

  /** Whether everything is of one type, dense, and on this thread's device. */
  private boolean canReach(INDArray gradient) {
    int here = device.current();
    for (INDArray moment : moments) {
      if (!fits(moment, tensors.totalLength(), here)) {
        return false;
      }
    }
    return fits(gradient, tensors.totalLength(), here)
        && fits(steps, tensors.count(), here)
        && fits(skipped, tensors.count(), here)
        && (table == null || device.of(table) == here);
  }

  private boolean fits(INDArray array, long length, int here) {
    return array.dataType() == moments[0].dataType()
        && array.length() == length
        && (length == 1 || array.elementWiseStride() == 1)
        && device.of(array) == here;
  }

  @SuppressWarnings("try") // the scope is there to be closed
  private void prepare() {
    BlockTable newLayout = new BlockTable(tensors);
    try (MemoryWorkspace ignored = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      table = Nd4j.createFromArray(newLayout.words());
    }
    step =
        new FusedStep(
            FusedCudaKernel.nameOf(moments[0].dataType()), moments.length == 4, newLayout);
    layout = newLayout;
  }

  @Override
  public NonFiniteTensor takeNonFinite() {
    return Verdict.ofThread(device).take();
  }

  @Override
  public double[] sums() {
    device.written(table);
    double[] sums = new double[tensors.count()];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = Double.longBitsToDouble(table.getLong(layout.sumsAt() + i));
    }
    return sums;
  }
}
