package org.agr4j.kernel.cuda;

import java.lang.ref.Reference;
import java.util.function.Function;
import org.agr4j.kernel.DeviceStep;
import org.agr4j.kernel.StepNumbers;
import org.agr4j.layout.TensorBoundaries;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The steps of one block by {@link FusedStep}, on arrays of ND4J. */
final class BlockSteps implements DeviceStep {
  private final StepDevice device;
  private final Function<StepDevice, Verdict> verdicts;
  private final Refusals refusals;
  private final TensorBoundaries tensors;
  private final INDArray[] moments;
  private final INDArray steps;
  private final INDArray skipped;
  private final long[] momentAddresses;

  private DeviceTable table; // null until the first step
  private FusedStep step;

  /**
   * The steps of a block.
   *
   * @param verdicts which verdict its steps on a device share with others
   * @param refusals those of its kernel, added to
   */
  BlockSteps(
      StepDevice device,
      Function<StepDevice, Verdict> verdicts,
      Refusals refusals,
      TensorBoundaries tensors,
      INDArray[] moments,
      INDArray steps,
      INDArray skipped) {
    this.device = device;
    this.verdicts = verdicts;
    this.refusals = refusals;
    this.tensors = tensors;
    this.moments = moments;
    this.steps = steps;
    this.skipped = skipped;
    this.momentAddresses = new long[moments.length];
  }

  @Override
  public boolean launch(INDArray gradient, StepNumbers numbers) {
    DataType type = moments[0].dataType();
    if (refusals.contains(device.current(), type)) {
      return false;
    }
    try {
      return launchOrThrow(gradient, numbers);
    } catch (CudaException e) {
      refusals.add(device.current(), type, e);
      return false;
    }
  }

  /** {@link #launch}, but for what a refusal leads to. */
  boolean launchOrThrow(INDArray gradient, StepNumbers numbers) {
    if (!canReach(gradient)) {
      return false;
    }
    int place = prepare(gradient, numbers);
    step.launch(device, numbers, place);
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
        && (table == null || device.of(table.words()) == here);
  }

  private boolean fits(INDArray array, long length, int here) {
    return array.dataType() == moments[0].dataType()
        && array.length() == length
        && (length == 1 || array.elementWiseStride() == 1)
        && device.of(array) == here;
  }

  /** Brings everything to the device, and returns the block's place in its verdict. */
  private int prepare(INDArray gradient, StepNumbers numbers) {
    try {
      if (table == null) {
        DeviceTable created = new DeviceTable(device, tensors);
        String type = FusedCudaKernel.nameOf(moments[0].dataType());
        step = new FusedStep(type, moments.length == 4, created.layout());
        table = created;
      }
      Verdict verdict = verdict();
      for (int k = 0; k < moments.length; k++) {
        momentAddresses[k] = device.address(moments[k]);
      }
      step.table(table.layout(), device.address(table.words()));
      step.arrays(
          device.address(verdict.word()),
          device.address(gradient),
          momentAddresses,
          device.address(steps),
          device.address(skipped));
      return numbers.stopIfNonFinite() ? verdict.placeOf(table) : 0;
    } catch (RuntimeException | OutOfMemoryError e) { // ND4J throws either where memory is short
      throw new CudaException("a block could not be brought to the device: " + e);
    }
  }

  private Verdict verdict() {
    return verdicts.apply(device);
  }

  @Override
  public NonFiniteTensor takeOverdue() {
    return table == null ? null : verdict().takeOverdue(table);
  }

  @Override
  public boolean endsRound() {
    return table != null && table.endsRounds();
  }

  @Override
  public NonFiniteTensor takeNonFinite() {
    return verdict().take();
  }

  @Override
  public double[] sums() {
    return table.sums();
  }
}
