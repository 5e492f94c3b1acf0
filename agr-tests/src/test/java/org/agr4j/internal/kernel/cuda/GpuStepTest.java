package org.agr4j.internal.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.ref.WeakReference;
import org.agr4j.internal.kernel.BlockState;
import org.agr4j.internal.kernel.Optimizer;
import org.agr4j.internal.kernel.OptimizerSteps;
import org.agr4j.internal.kernel.StepNumbers;
import org.agr4j.internal.layout.TensorBoundaries;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What follows where a launch fails, and what outlives a step. */
class GpuStepTest {
  private static final TensorBoundaries TENSORS = TensorBoundaries.ofLengths(4, 600);
  private static final StepNumbers NUMBERS = StepChecks.numbers(1, false);
  private static final StepNumbers FAIL =
      new StepNumbers(1e-2, 0.9, 0.99, 0.97, 1e-3, 1, false, 0, true, false);

  @BeforeAll
  static void needsACompiler() {
    assumeTrue(HostDevice.MISSING == null, () -> "CUDA source on the host: " + HostDevice.MISSING);
  }

  private static GpuStep steps(Gpu gpu, Refusals refusals, DataType type) {
    INDArray view = Nd4j.zeros(type, 2 * 604 + 4);
    BlockState state = BlockState.ofView(Optimizer.ADAMW, view, TENSORS, true);
    return new GpuStep(gpu, Verdict::ofThread, refusals, state);
  }

  private static GpuStep steps(Gpu gpu, DataType type) {
    return steps(gpu, new Refusals(), type);
  }

  private static INDArray ones(DataType type) {
    return Nd4j.ones(type, 604);
  }

  @Test
  void aRefusalHoldsForAllBlocksOfTheTypeAndIsNotTriedAgain() {
    RefusingDevice device = new RefusingDevice("norms_float");
    Refusals refusals = new Refusals();
    INDArray gradient = ones(DataType.FLOAT);
    for (int block = 0; block < 3; block++) {
      GpuStep steps = steps(device, refusals, DataType.FLOAT);
      assertFalse(steps.launch(gradient, NUMBERS));
      assertFalse(steps.launch(gradient, NUMBERS));
    }
    assertEquals(1, device.refused, "so there is one warning");
    assertEquals(604, gradient.sumNumber().doubleValue(), "nothing has changed");
    assertTrue(steps(device, refusals, DataType.DOUBLE).launch(ones(DataType.DOUBLE), NUMBERS));
  }

  @Test
  void aRefusalIsAnExceptionForWhoAsksForThisKernel() {
    GpuStep steps = steps(new RefusingDevice("adamw"), DataType.FLOAT);
    String before = System.getProperty(OptimizerSteps.PROPERTY);
    System.setProperty(OptimizerSteps.PROPERTY, "fused");
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
        System.clearProperty(OptimizerSteps.PROPERTY);
      } else {
        System.setProperty(OptimizerSteps.PROPERTY, before);
      }
    }
  }

  @Test
  void whatDoesNotFitOnTheDeviceIsLeftToTheOperations() {
    Gpu full =
        new ChangedDevice() {
          @Override
          public long address(INDArray array) {
            throw new OutOfMemoryError("no memory on the device");
          }
        };
    assertFalse(steps(full, DataType.FLOAT).launch(ones(DataType.FLOAT), NUMBERS));
  }

  @Test
  void aGradientOfAnotherTypeIsLeftToTheOperationsThatOnce() {
    GpuStep steps = steps(new HostDevice(0), DataType.FLOAT);
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
    GpuStep other = steps(new HostDevice(0), DataType.FLOAT);
    assertEquals(0, other.takeNonFinite().index(), "and the verdict is still there");
  }

  private static WeakReference<INDArray> momentOfAStepNobodyLookedAt() {
    INDArray view = Nd4j.zeros(DataType.FLOAT, 2 * 604 + 4);
    BlockState state = BlockState.ofView(Optimizer.ADAMW, view, TENSORS, true);
    GpuStep steps = new GpuStep(new HostDevice(0), Verdict::ofThread, new Refusals(), state);
    assertTrue(steps.launch(ones(DataType.FLOAT).putScalar(1, Float.NaN), FAIL));
    return new WeakReference<>(state.moments()[0]);
  }
}
