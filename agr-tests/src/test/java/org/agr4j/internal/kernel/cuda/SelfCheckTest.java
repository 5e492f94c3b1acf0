package org.agr4j.internal.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.HashSet;
import java.util.Set;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;

/** The check on first use sees what may be wrong, whatever the type. */
class SelfCheckTest {
  // Words of the kernels' parameters Block and Step.
  private static final int VERDICT = 6;
  private static final int GRADIENT = 7;
  private static final int NON_FINITE = 11;

  @BeforeAll
  static void needsACompiler() {
    assumeTrue(HostDevice.MISSING == null, () -> "CUDA source on the host: " + HostDevice.MISSING);
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void passesWhereTheKernelsAreRight(DataType type) {
    assertNull(new SelfCheck(new HostDevice(0), type).difference());
    assertTrue(SelfCheck.passes(new HostDevice(0), 0, type));
  }

  @Test
  void findsAKernelThatIsWrong() {
    Gpu wrong =
        new ChangedDevice() {
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

  /** Whether the check finds kernels wrong whose parameters are changed. */
  private static boolean isSeen(DataType type, Wrong wrong) {
    Gpu device =
        new ChangedDevice() {
          @Override
          public void launch(String kernel, int threadBlocks, long[] block, long[] step) {
            long[] otherBlock = block.clone();
            long[] otherStep = step.clone();
            wrong.change(kernel, otherBlock, otherStep);
            super.launch(kernel, threadBlocks, otherBlock, otherStep);
          }
        };
    return new SelfCheck(device, type).difference() != null;
  }

  private interface Wrong {
    void change(String kernel, long[] block, long[] step);
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void seesThatFailDoesNotHold(DataType type) {
    assertTrue(isSeen(type, (kernel, block, step) -> step[NON_FINITE] |= 2)); // PROPAGATE
    long[] elsewhere = {KernelPair.ALL_FINITE};
    try (LongPointer other = new LongPointer(elsewhere)) {
      assertTrue(isSeen(type, (kernel, block, step) -> block[VERDICT] = other.address()));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void seesASumThatLacksOneElementOfThousands(DataType type) {
    int bytes = type.width();
    Gpu wrong =
        new ChangedDevice() {
          @Override
          public void launch(String kernel, int threadBlocks, long[] block, long[] step) {
            Pointer element = HostDevice.pointer(block[GRADIENT] + 1000L * bytes);
            try (BytePointer copy = new BytePointer(bytes)) {
              Pointer.memcpy(copy, element, bytes);
              if (kernel.startsWith("norms")) {
                Pointer.memset(element, 0, bytes);
              }
              super.launch(kernel, threadBlocks, block, step);
              if (kernel.startsWith("norms")) {
                Pointer.memcpy(element, copy, bytes);
              }
            }
          }
        };
    String difference = new SelfCheck(wrong, type).difference();
    assertTrue(difference.contains("‖g‖₁ at step 1, element 5 "), difference);
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void triesAlignedArraysAndOthers(DataType type) {
    Set<Boolean> together = new HashSet<>();
    isSeen(
        type,
        (kernel, block, step) ->
            together.add(
                (block[GRADIENT] - block[GRADIENT + 1]) % 16 == 0
                    && (block[GRADIENT] - block[GRADIENT + 2]) % 16 == 0));
    assertEquals(Set.of(true, false), together);
  }

  @Test
  void staysWithTheOperationsWhereTheDriverRefuses() {
    assertFalse(SelfCheck.passes(new RefusingDevice("norms"), 0, DataType.DOUBLE));
  }
}
