package org.agr4j.kernel.cuda;

import org.agr4j.kernel.AdamWCoefficients;
import org.agr4j.kernel.AdanCoefficients;
import org.agr4j.kernel.DeviceStep;
import org.agr4j.kernel.Nd4jOpsKernel;
import org.agr4j.kernel.UpdateKernel;
import org.agr4j.layout.TensorBoundaries;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One optimizer step in two launches whatever the number of tensors, on NVIDIA GPUs from Maxwell
 * on: FLOAT, DOUBLE and FLOAT16.
 *
 * <p>An updater uses {@link #deviceStep}: norms, step counts, restarts and the check for NaN stay
 * on the device. The norms read 4 bytes an element of FLOAT; the update reads and writes 12 each
 * for AdamW, 20 each for Adan. FLOAT16 is computed in float and rounded once. Results have the same
 * bits on every run. No memory is allocated after a block's first step; before it, 24 bytes for
 * each chunk of 2,048 to 16,384 elements and 92 bytes for each tensor.
 *
 * <p>The host waits under {@link org.agr4j.updater.NonFinite#FAIL} once for each step of a network,
 * after its last block's update is launched: between an updater and the subtraction of the update
 * DL4J has no point where it waits anyway. Blocks under FAIL from the first NaN on keep their
 * state. Under SKIP, weight decay waits once for each block, to learn which tensors to leave alone;
 * PROPAGATE never waits.
 *
 * <p>The methods that take numbers of the host are {@link Nd4jOpsKernel}'s: they do the step where
 * a device step cannot be launched.
 */
final class FusedCudaKernel implements UpdateKernel {
  private final StepDevice device;
  private final Refusals refusals = new Refusals();

  FusedCudaKernel(StepDevice device) {
    this.device = device;
  }

  /** What the kernels' names call a type, or null for a type that they cannot do. */
  static String nameOf(DataType type) {
    if (type == DataType.FLOAT16) {
      return "half";
    }
    return type == DataType.FLOAT ? "float" : type == DataType.DOUBLE ? "double" : null;
  }

  @Override
  public DeviceStep deviceStep(
      TensorBoundaries tensors, INDArray[] moments, INDArray steps, INDArray skipped) {
    return new BlockSteps(device, Verdict::ofThread, refusals, tensors, moments, steps, skipped);
  }

  @Override
  public void absoluteSums(INDArray gradient, TensorBoundaries tensors, double[] sums) {
    Nd4jOpsKernel.INSTANCE.absoluteSums(gradient, tensors, sums);
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
    Nd4jOpsKernel.INSTANCE.adamW(
        gradient, firstMoment, secondMoment, tensors, from, to, divisors, c);
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
    Nd4jOpsKernel.INSTANCE.adan(
        gradient,
        firstMoment,
        difference,
        secondMoment,
        lastGradient,
        tensors,
        from,
        to,
        divisors,
        c);
  }
}
