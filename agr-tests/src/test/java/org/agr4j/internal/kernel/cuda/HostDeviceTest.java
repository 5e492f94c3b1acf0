package org.agr4j.internal.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.agr4j.internal.kernel.Optimizer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The CUDA source, run on the host: needs g++, no GPU. */
class HostDeviceTest {
  @BeforeAll
  static void needsACompiler() {
    assumeTrue(HostDevice.MISSING == null, () -> "CUDA source on the host: " + HostDevice.MISSING);
  }

  static Stream<String> checks() {
    return StepChecks.all().keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("checks")
  void holds(String check) {
    try (RawDevice device = new HostDevice(1)) {
      StepChecks.all().get(check).accept(device);
    }
  }

  @ParameterizedTest
  @EnumSource(Element.class)
  void bitsDoNotDependOnTheOrderOfThreadsAndBlocks(Element type) {
    double[][] first = null;
    for (long seed : new long[] {0, 1, 2}) {
      try (RawDevice device = new HostDevice(seed);
          GuardedBlock block =
              new GuardedBlock(device, type, Optimizer.ADAN, 1, 40, 3, 70_000, 1, 600)) {
        StepChecks.fill(block, new Random(4));
        block.step(StepChecks.numbers(1, false), 0);
        double[][] rows = {block.row(0), block.row(1), block.row(2), block.row(3), block.sums()};
        assertTrue(first == null || Arrays.deepEquals(first, rows), "seed " + seed);
        first = rows;
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "barrier of some, a barrier or shuffle that not all threads reach",
    "barrier after some returned, a barrier or shuffle that not all threads reach",
    "shuffle of some, a barrier or shuffle that not all threads reach",
    "misaligned load, a vector access is not aligned"
  })
  void findsAKernelThatIsWrong(String kernel, String error) {
    for (long seed : new long[] {0, 1, 2}) {
      CudaException e = assertThrows(CudaException.class, () -> launch(kernel, seed));
      assertEquals(kernel + ": " + error, e.getMessage(), "seed " + seed);
      launch("barriers of all", seed); // and what comes after it is not the worse for it
    }
  }

  private static void launch(String kernel, long seed) {
    try (RawDevice device = new HostDevice(seed)) {
      device.launch(kernel, 3, new long[KernelPair.BLOCK_WORDS], new long[KernelPair.STEP_WORDS]);
    }
  }

  @Test
  void anUnknownKernelIsAnError() {
    try (RawDevice device = new HostDevice(0)) {
      long[] block = new long[KernelPair.BLOCK_WORDS];
      long[] step = new long[KernelPair.STEP_WORDS];
      assertThrows(CudaException.class, () -> device.launch("norms_quarter", 1, block, step));
      assertThrows(CudaException.class, () -> device.launch("norms_float", 1, block, new long[3]));
    }
  }
}
