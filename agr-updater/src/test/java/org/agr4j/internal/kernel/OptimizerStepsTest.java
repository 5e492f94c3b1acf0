package org.agr4j.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.agr4j.internal.kernel.cpu.FusedCpuKernel;
import org.agr4j.internal.kernel.ops.Nd4jOpsKernel;
import org.agr4j.internal.layout.TensorBoundaries;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** Who makes a block's steps is found by type and backend, or by name. */
class OptimizerStepsTest {
  private String before;

  @BeforeEach
  void remember() {
    before = System.getProperty(OptimizerSteps.PROPERTY);
    System.clearProperty(OptimizerSteps.PROPERTY);
  }

  @AfterEach
  void restore() {
    if (before == null) {
      System.clearProperty(OptimizerSteps.PROPERTY);
    } else {
      System.setProperty(OptimizerSteps.PROPERTY, before);
    }
  }

  private static UpdateKernel kernelFor(DataType type) {
    BlockState state =
        BlockState.ofView(
            Optimizer.ADAMW, Nd4j.zeros(type, 1, 10), TensorBoundaries.ofLengths(4), true);
    return assertInstanceOf(HostStep.class, OptimizerSteps.of(state)).kernel();
  }

  @Test
  void aCpuHasTheFusedKernelForFloatAndDouble() {
    assertInstanceOf(FusedCpuKernel.class, kernelFor(DataType.FLOAT));
    assertInstanceOf(FusedCpuKernel.class, kernelFor(DataType.DOUBLE));
    assertInstanceOf(Nd4jOpsKernel.class, kernelFor(DataType.BFLOAT16));
  }

  @Test
  void thePropertyNamesOne() {
    System.setProperty(OptimizerSteps.PROPERTY, "ops");
    assertInstanceOf(Nd4jOpsKernel.class, kernelFor(DataType.FLOAT));
    System.setProperty(OptimizerSteps.PROPERTY, "fused");
    assertInstanceOf(FusedCpuKernel.class, kernelFor(DataType.FLOAT));
  }

  @Test
  void aNameNobodyHasIsRefusedWithThoseThatCan() {
    System.setProperty(OptimizerSteps.PROPERTY, "fast");
    assertEquals(
        "org.agr4j.kernel = fast, expected fused or ops for FLOAT on NATIVE_CPU",
        assertThrows(IllegalArgumentException.class, () -> kernelFor(DataType.FLOAT)).getMessage());
    System.setProperty(OptimizerSteps.PROPERTY, "fused");
    assertEquals(
        "org.agr4j.kernel = fused, expected ops for BFLOAT16 on NATIVE_CPU",
        assertThrows(IllegalArgumentException.class, () -> kernelFor(DataType.BFLOAT16))
            .getMessage());
  }
}
