package org.agr4j.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.agr4j.kernel.StepNumbers;
import org.agr4j.layout.TensorBoundaries;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The check on first use, and what follows where it or a launch fails. */
class SelfCheckTest {
  @BeforeAll
  static void needsACompiler() {
    assumeTrue(HostDevice.MISSING == null, () -> "CUDA source on the host: " + HostDevice.MISSING);
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE", "HALF"})
  void passesWhereTheKernelsAreRight(DataType type) {
    assertNull(new SelfCheck(new HostDevice(0), type).difference());
    assertTrue(SelfCheck.passes(new HostDevice(0), 0, type));
  }

  @Test
  void findsAKernelThatIsWrong() {
    StepDevice wrong =
        new Changed() {
          @Override
          public void launch(String kernel, int threadBlocks, long[] block, long[] step) {
            long[] other = step.clone();
            other[1] = Double.doubleToRawLongBits(Double.longBitsToDouble(step[1]) * 1.001); // β₁
            super.launch(kernel, threadBlocks, block, other);
          }
        };
    assertNotNull(new SelfCheck(wrong, DataType.FLOAT).difference());
    assertFalse(SelfCheck.passes(wrong, 0, DataType.FLOAT));
  }

  @Test
  void staysWithTheOperationsWhereTheDriverRefuses() {
    assertFalse(SelfCheck.passes(new Refusing(), 0, DataType.DOUBLE));
  }

  @Test
  void aRefusedLaunchLeavesEverythingAsItWas() {
    TensorBoundaries tensors = TensorBoundaries.ofLengths(4, 600);
    INDArray[] moments = {Nd4j.zeros(DataType.FLOAT, 604), Nd4j.zeros(DataType.FLOAT, 604)};
    INDArray counters = Nd4j.zeros(DataType.FLOAT, 2);
    INDArray gradient = Nd4j.ones(DataType.FLOAT, 604);
    StepNumbers numbers = StepChecks.numbers(1, false);
    BlockSteps steps = new BlockSteps(new Refusing(), tensors, moments, counters, counters);
    assertFalse(steps.launch(gradient, numbers));
    assertEquals(604, gradient.sumNumber().doubleValue());
    assertFalse(steps.launch(gradient, numbers), "and it is not tried again");
    INDArray half = Nd4j.ones(DataType.FLOAT16, 604);
    steps = new BlockSteps(new HostDevice(0), tensors, moments, counters, counters);
    assertFalse(steps.launch(half, numbers), "a gradient of another type than the state");
    assertTrue(steps.launch(gradient, numbers));
  }

  /** The host device, to be changed. */
  private static class Changed implements StepDevice {
    private final HostDevice host = new HostDevice(0);

    @Override
    public int current() {
      return host.current();
    }

    @Override
    public int of(INDArray array) {
      return host.of(array);
    }

    @Override
    public long address(INDArray array) {
      return host.address(array);
    }

    @Override
    public void written(INDArray array) {
      host.written(array);
    }

    @Override
    public void launch(String kernel, int threadBlocks, long[] block, long[] step) {
      host.launch(kernel, threadBlocks, block, step);
    }
  }

  private static final class Refusing extends Changed {
    @Override
    public void launch(String kernel, int threadBlocks, long[] block, long[] step) {
      throw new CudaException("cuLaunchKernel(" + kernel + "): CUDA_ERROR_NO_BINARY_FOR_GPU");
    }
  }
}
