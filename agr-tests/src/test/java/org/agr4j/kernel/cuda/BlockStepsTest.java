package org.agr4j.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.ref.WeakReference;
import org.agr4j.kernel.DeviceStep;
import org.agr4j.kernel.StepNumbers;
import org.agr4j.kernel.UpdateKernel;
import org.agr4j.layout.TensorBoundaries;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What follows where a launch fails, and what outlives a step. */
class BlockStepsTest {
  private static final TensorBoundaries TENSORS = TensorBoundaries.ofLengths(4, 600);
  private static final StepNumbers NUMBERS = StepChecks.numbers(1, false);
  private static final StepNumbers FAIL =
      new StepNumbers(1e-2, 0.9, 0.99, 0.97, 1e-3, 1, false, 0, true, false);

  @BeforeAll
  static void needsACompiler() {
    assumeTrue(HostDevice.MISSING == null, () -> "CUDA source on the host: " + HostDevice.MISSING);
  }

  private static DeviceStep steps(FusedCudaKernel kernel, DataType type) {
    INDArray[] moments = {Nd4j.zeros(type, 604), Nd4j.zeros(type, 604)};
    return kernel.deviceStep(TENSORS, moments, Nd4j.zeros(type, 2), Nd4j.zeros(type, 2));
  }

  private static INDArray ones(DataType type) {
    return Nd4j.ones(type, 604);
  }

  @Test
  void aRefusalHoldsForAllBlocksOfTheTypeAndIsNotTriedAgain() {
    RefusingDevice device = new RefusingDevice("norms_float");
    FusedCudaKernel kernel = new FusedCudaKernel(device);
    INDArray gradient = ones(DataType.FLOAT);
    for (int block = 0; block < 3; block++) {
      DeviceStep steps = steps(kernel, DataType.FLOAT);
      assertFalse(steps.launch(gradient, NUMBERS));
      assertFalse(steps.launch(gradient, NUMBERS));
    }
    assertEquals(1, device.refused, "so there is one warning");
    assertEquals(604, gradient.sumNumber().doubleValue(), "nothing has changed");
    assertTrue(steps(kernel, DataType.DOUBLE).launch(ones(DataType.DOUBLE), NUMBERS));
  }

  @Test
  void aRefusalIsAnExceptionForWhoAsksForThisKernel() {
    DeviceStep steps = steps(new FusedCudaKernel(new RefusingDevice("adamw")), DataType.FLOAT);
    String before = System.getProperty(UpdateKernel.PROPERTY);
    System.setProperty(UpdateKernel.PROPERTY, "fused");
    try {
      IllegalStateException e =
          assertThrows(
              IllegalStateException.class, () -> steps.launch(ones(DataType.FLOAT), NUMBERS));
      assertEquals(
          "org.agr4j.kernel = fused, but a step of FLOAT on device 0 was refused:"
              + " cuLaunchKernel(adamw_float): CUDA_ERROR_NO_BINARY_FOR_GPU",
          e.getMessage());
    } finally {
      if (before == null) {
        System.clearProperty(UpdateKernel.PROPERTY);
      } else {
        System.setProperty(UpdateKernel.PROPERTY, before);
      }
    }
  }

  @Test
  void whatDoesNotFitOnTheDeviceIsLeftToTheOperations() {
    StepDevice full =
        new ChangedDevice() {
          @Override
          public long address(INDArray array) {
            throw new OutOfMemoryError("no memory on the device");
          }
        };
    assertFalse(
        steps(new FusedCudaKernel(full), DataType.FLOAT).launch(ones(DataType.FLOAT), NUMBERS));
  }

  @Test
  void aGradientOfAnotherTypeIsLeftToTheOperationsThatOnce() {
    DeviceStep steps = steps(new FusedCudaKernel(new HostDevice(0)), DataType.FLOAT);
    assertFalse(steps.launch(ones(DataType.FLOAT16), NUMBERS));
    assertTrue(steps.launch(ones(DataType.FLOAT), NUMBERS));
  }

  @Test
  void aVerdictNobodyTookKeepsNoNetworkAlive() throws InterruptedException {
    WeakReference<INDArray> moment = momentOfAStepNobodyLookedAt();
    for (int i = 0; i < 50 && moment.get() != null; i++) {
      System.gc();
      Thread.sleep(20);
    }
    assertNull(moment.get());
    DeviceStep other = steps(new FusedCudaKernel(new HostDevice(0)), DataType.FLOAT);
    assertEquals(0, other.takeNonFinite().index(), "and the verdict is still there");
  }

  private static WeakReference<INDArray> momentOfAStepNobodyLookedAt() {
    INDArray[] moments = {Nd4j.zeros(DataType.FLOAT, 604), Nd4j.zeros(DataType.FLOAT, 604)};
    INDArray steps = Nd4j.zeros(DataType.FLOAT, 2);
    INDArray skipped = Nd4j.zeros(DataType.FLOAT, 2);
    FusedCudaKernel kernel = new FusedCudaKernel(new HostDevice(0));
    INDArray gradient = ones(DataType.FLOAT).putScalar(1, Float.NaN);
    assertTrue(kernel.deviceStep(TENSORS, moments, steps, skipped).launch(gradient, FAIL));
    return new WeakReference<>(moments[0]);
  }
}
