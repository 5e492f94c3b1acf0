package org.agr4j.internal.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.agr4j.internal.kernel.BlockSlice;
import org.agr4j.internal.kernel.Optimizer;
import org.agr4j.internal.kernel.StepCoefficients;
import org.agr4j.internal.kernel.StepNumbers;
import org.agr4j.internal.kernel.UpdateKernel;
import org.agr4j.internal.kernel.ops.Nd4jOpsKernel;
import org.agr4j.internal.layout.TensorBoundaries;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * {@link FusedCpuKernel} against {@link Nd4jOpsKernel}, and what only the fused kernel promises.
 */
class FusedCpuKernelTest {
  private static final double OFF = Double.POSITIVE_INFINITY;

  enum Where {
    NONE,
    FIRST_MOMENT,
    ALL_MOMENTS
  }

  /** Layouts at and around the edges of rows, sums and spans; the last crosses several spans. */
  static Stream<long[]> layouts() {
    IntStream around =
        IntStream.of(Chunk.SUM_LENGTH / 8, Chunk.SUM_LENGTH, Chunk.LENGTH, BlockPass.SPAN)
            .flatMap(edge -> IntStream.rangeClosed(edge - 1, edge + 1));
    Stream<long[]> single =
        IntStream.concat(IntStream.of(1, 2, 3, 7, 17, 1000), around).mapToObj(n -> new long[] {n});
    return Stream.concat(
        single,
        Stream.of(
            new long[] {576, 288, 2304, 16, 48, 3},
            new long[] {1, 1, 1, 2},
            new long[] {Chunk.LENGTH, Chunk.LENGTH, Chunk.LENGTH},
            new long[] {Chunk.LENGTH - 1, 1, Chunk.LENGTH + 1, 64, 64, 64, 64},
            new long[] {BlockPass.SPAN - 1, 1, BlockPass.SPAN, 1, BlockPass.SPAN + 1},
            new long[] {5, 3L * BlockPass.SPAN + 77, 64, 40_000, 1}));
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void equalsTheOperations(long[] lengths) {
    TensorBoundaries tensors = TensorBoundaries.ofLengths(lengths);
    for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
      for (Where psi : Where.values()) {
        int count = tensors.count();
        assertEqualSteps(type, psi, tensors, 0, count);
        if (count > 2) {
          assertEqualSteps(type, psi, tensors, 1, count - 1);
          assertEqualSteps(type, psi, tensors, count / 2, count);
        }
      }
    }
  }

  private static void assertEqualSteps(
      DataType type, Where psi, TensorBoundaries tensors, int from, int to) {
    for (Optimizer optimizer : Optimizer.values()) {
      Block expected = new Block(type, tensors);
      Block actual = new Block(type, tensors);
      UpdateKernel fused = new FusedCpuKernel(2, WORKERS);
      for (int t = 1; t <= 3; t++) {
        expected.step(Nd4jOpsKernel.INSTANCE, optimizer, psi, from, to, t);
        actual.step(fused, optimizer, psi, from, to, t);
      }
      String message = type + " " + psi + " " + optimizer + " " + tensors + from + "…" + to;
      double tolerance = type == DataType.FLOAT ? 2e-5 : 1e-12;
      for (int i = 0; i < expected.rows.length; i++) {
        assertClose(expected.rows[i], actual.rows[i], tolerance, message + " row " + i);
      }
    }
  }

  private static void assertClose(INDArray expected, INDArray actual, double tolerance, String m) {
    double[] e = expected.toDoubleVector();
    double[] a = actual.toDoubleVector();
    double scale = Arrays.stream(e).map(Math::abs).max().orElse(0);
    for (int i = 0; i < e.length; i++) {
      assertEquals(e[i], a[i], tolerance * scale, m + " element " + i);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void bitsDoNotDependOnThreads(DataType type) {
    TensorBoundaries tensors = TensorBoundaries.ofLengths(100, 300_001, 64, 64, 50_000);
    for (Where psi : Where.values()) {
      for (Optimizer optimizer : Optimizer.values()) {
        Block alone = new Block(type, tensors);
        alone.steps(new FusedCpuKernel(1, WORKERS), optimizer, psi, 3);
        for (int threads : new int[] {2, 3, 7}) {
          Block shared = new Block(type, tensors);
          shared.steps(new FusedCpuKernel(threads, WORKERS), optimizer, psi, 3);
          assertTrue(alone.sameBits(shared), threads + " threads, " + psi + ", " + optimizer);
        }
      }
    }
  }

  @Test
  void concurrentCallersGetTheBitsOfOneAlone() throws Exception {
    TensorBoundaries tensors = TensorBoundaries.ofLengths(100, 200_001, 64);
    Block alone = new Block(DataType.FLOAT, tensors);
    alone.steps(new FusedCpuKernel(1, WORKERS), Optimizer.ADAMW, Where.FIRST_MOMENT, 20);
    FusedCpuKernel kernel = new FusedCpuKernel(3, WORKERS);
    ExecutorService callers = Executors.newFixedThreadPool(4);
    try {
      Future<?>[] running = new Future<?>[4];
      Block[] blocks = new Block[running.length];
      for (int i = 0; i < running.length; i++) {
        Block block = new Block(DataType.FLOAT, tensors);
        blocks[i] = block;
        running[i] =
            callers.submit(() -> block.steps(kernel, Optimizer.ADAMW, Where.FIRST_MOMENT, 20));
      }
      for (int i = 0; i < running.length; i++) {
        running[i].get();
        assertTrue(alone.sameBits(blocks[i]), "caller " + i);
      }
    } finally {
      callers.shutdownNow();
    }
  }

  @Test
  void sumOfManyFloatsIsRight() {
    int n = 30_000_000; // a running sum in FLOAT would stop at 2^24
    INDArray g = Nd4j.valueArrayOf(new long[] {n}, 1.1f, DataType.FLOAT);
    double expected = (double) 1.1f * n;
    assertEquals(expected, sums(g, n)[0], 1e-7 * expected);
  }

  @Test
  void sumsOfFiniteElementsAreFinite() {
    long[] lengths = {20, 3000, 40_000};
    for (double[] sums :
        new double[][] {
          sums(Nd4j.valueArrayOf(new long[] {43_020}, -3e38, DataType.FLOAT), lengths)
        }) {
      for (int i = 0; i < lengths.length; i++) {
        double expected = (double) 3e38f * lengths[i];
        assertEquals(expected, sums[i], 1e-6 * expected);
      }
    }
    INDArray huge = Nd4j.valueArrayOf(new long[] {43_020}, 1e308, DataType.DOUBLE);
    double largest = Double.MAX_VALUE;
    assertArrayEquals(new double[] {largest, largest, largest}, sums(huge, lengths));
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void sumIsNotFiniteOnlyWhereAnElementIs(DataType type) {
    for (double bad : new double[] {Double.NaN, OFF, -OFF}) {
      for (int at : new int[] {100, 119, 120, 3119, 3120, 20_000, 43_119}) {
        INDArray g = Nd4j.ones(type, 43_220);
        g.putScalar(at, bad);
        double[] sums = sums(g, 100, 20, 3000, 40_000, 100);
        int hit = at < 120 ? 1 : at < 3120 ? 2 : 3;
        double[] expected = {100, 20, 3000, 40_000, 100};
        expected[hit] = Math.abs(bad);
        assertArrayEquals(expected, sums, at + " " + bad);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void psiKeepsSignAndSizeAtAnyScale(DataType type) {
    double[] scales =
        type == DataType.FLOAT
            ? new double[] {1e-44, 1e-38, 1e-30, 1, 1e30, 3e38}
            : new double[] {1e-320, 1e-300, 1, 1e300, 1e307};
    StepCoefficients c = psiInFirst(0); // m = Ψ(g)
    for (double scale : scales) {
      INDArray g = Nd4j.create(new double[] {scale, scale / 8, -scale / 2, 0}).castTo(type);
      double[] before = g.toDoubleVector();
      double[] sums = sums(g, 4);
      INDArray m = Nd4j.zeros(type, 4);
      TensorBoundaries one = TensorBoundaries.ofLengths(4);
      step(g, m, Nd4j.zeros(type, 4), one, sums, c);
      for (int i = 0; i < 4; i++) {
        double expected = before[i] * (1 - Math.abs(before[i]) / sums[0]);
        double ulp = type == DataType.FLOAT ? Math.ulp((float) before[i]) : Math.ulp(before[i]);
        assertEquals(expected, m.getDouble(i), 2 * ulp, scale + " element " + i);
      }
    }
  }

  @Test
  void oneElementThatIsTheWholeSumVanishes() {
    Random random = new Random(3);
    StepCoefficients c = psiInFirst(1);
    TensorBoundaries one = TensorBoundaries.ofLengths(2);
    for (int i = 0; i < 2000; i++) {
      INDArray g = Nd4j.createFromArray(random.nextFloat() * 10, 0f);
      INDArray m = Nd4j.zeros(DataType.FLOAT, 2);
      double[] sums = sums(g, 2);
      step(g, m, Nd4j.zeros(DataType.FLOAT, 2), one, sums, c);
      assertTrue(m.getFloat(0) >= 0, "the sign flipped");
      assertEquals(0, m.getFloat(0), 1e-6 * sums[0]);
    }
  }

  @Test
  void viewsInsideLargerArraysAreFound() {
    INDArray whole = Nd4j.arange(3000).castTo(DataType.FLOAT);
    INDArray outer = whole.get(NDArrayIndex.interval(500, 2500));
    INDArray inner = outer.get(NDArrayIndex.interval(100, 200));
    assertEquals(inner.sumNumber().doubleValue(), sums(inner, 100)[0], 0);
  }

  @Test
  void windowsMeetWithoutAGap() {
    int windowBytes = 4 * BlockPass.SPAN;
    INDArray data = Nd4j.arange(1, 5 * BlockPass.SPAN + 10).castTo(DataType.FLOAT);
    OffHeapArray view =
        new OffHeapArray(data.data().address(), 4 * data.length(), false, windowBytes);
    float[] row = new float[Chunk.LENGTH];
    for (long at = 0; at < data.length(); at += Chunk.LENGTH) {
      int n = (int) Math.min(Chunk.LENGTH, data.length() - at);
      view.read(at, row, n);
      for (int i = 0; i < n; i++) {
        assertEquals(at + i + 1, row[i]);
        row[i] = -row[i];
      }
      view.write(at, row, n);
    }
    assertEquals(-data.length(), data.minNumber().doubleValue());
    assertEquals(-BlockPass.SPAN - 1, data.getDouble(BlockPass.SPAN));
  }

  @Test
  void aStepAllocatesNoArrays() {
    TensorBoundaries tensors = TensorBoundaries.ofLengths(1000, 64, 64, 20_000);
    FusedCpuKernel kernel = new FusedCpuKernel(1, WORKERS);
    Block block = new Block(DataType.FLOAT, tensors);
    StepNumbers numbers = new StepNumbers(1e-3, 0.9, 0.99, 0.97, 1e-8, 1, false, 0, false, false);
    double[] sums = new double[4];
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    long before = 0;
    int steps = 1000;
    for (int i = 0; i < 4 * steps; i++) {
      if (i == 3 * steps) {
        before = threads.getThreadAllocatedBytes(thread);
      }
      kernel.absoluteSums(block.rows[0], tensors, sums);
      for (Optimizer optimizer : Optimizer.values()) {
        kernel.step(block.slice(optimizer, 0, 4, sums), numbers.at(optimizer, 2));
      }
    }
    long bytes = threads.getThreadAllocatedBytes(thread) - before;
    // ND4J's getters make some small objects; one row of a chunk alone would be 2048 bytes.
    assertTrue(bytes < 1500L * steps, bytes / (double) steps + " bytes a step");
  }

  @Test
  void aFailureInAUnitReachesTheCaller() {
    CpuWorkers workers = new CpuWorkers();
    CpuWorkers.Task failing =
        unit -> {
          if (unit == 50) {
            throw new IllegalStateException("unit 50");
          }
        };
    assertThrows(IllegalStateException.class, () -> workers.run(failing, 100, 3));
    boolean[] ran = new boolean[100];
    workers.run(unit -> ran[unit] = true, 100, 3); // and the workers still work
    assertTrue(IntStream.range(0, 100).allMatch(i -> ran[i]));
  }

  private static final CpuWorkers WORKERS = new CpuWorkers();

  /** With β = 0 the first moment is Ψ(g). */
  private static StepCoefficients psiInFirst(double epsilon) {
    return new StepCoefficients(1, 0, 0, 0, epsilon, 1, 1, 1, true, false);
  }

  private static void step(
      INDArray g,
      INDArray m,
      INDArray v,
      TensorBoundaries tensors,
      double[] divisors,
      StepCoefficients c) {
    INDArray[] moments = {m, v};
    new FusedCpuKernel(1, WORKERS)
        .step(new BlockSlice(Optimizer.ADAMW, g, moments, tensors, 0, 1, divisors), c);
  }

  private static double[] sums(INDArray g, long... lengths) {
    double[] sums = new double[lengths.length];
    new FusedCpuKernel(2, WORKERS).absoluteSums(g, TensorBoundaries.ofLengths(lengths), sums);
    return sums;
  }

  /** Gradient, m, v or n, d and last gradient of a block, as views inside a larger array. */
  private static final class Block {
    private final TensorBoundaries tensors;
    private final INDArray gradients;
    private final INDArray[] rows = new INDArray[5];

    Block(DataType type, TensorBoundaries tensors) {
      this.tensors = tensors;
      long n = tensors.totalLength();
      Random random = new Random(n);
      gradients = Nd4j.createUninitialized(type, n);
      for (long i = 0; i < n; i++) {
        gradients.putScalar(i, random.nextGaussian() * 0.01);
      }
      INDArray memory = Nd4j.zeros(type, rows.length * n + 3);
      for (int i = 0; i < rows.length; i++) {
        rows[i] = memory.get(NDArrayIndex.interval(3 + i * n, 3 + (i + 1) * n));
      }
    }

    void steps(UpdateKernel kernel, Optimizer optimizer, Where psi, int steps) {
      for (int t = 1; t <= steps; t++) {
        step(kernel, optimizer, psi, 0, tensors.count(), t);
      }
    }

    void step(UpdateKernel kernel, Optimizer optimizer, Where psi, int from, int to, int t) {
      rows[0].assign(gradients).muli(1 + 0.1 * t);
      double[] divisors = new double[tensors.count()];
      kernel.absoluteSums(rows[0], tensors, divisors);
      for (int i = 0; i < divisors.length; i++) {
        divisors[i] = psi == Where.NONE || tensors.length(i) == 1 ? OFF : divisors[i];
      }
      StepNumbers numbers =
          new StepNumbers(
              1e-3,
              optimizer == Optimizer.ADAN ? 0.98 : 0.9,
              optimizer == Optimizer.ADAN ? 0.92 : 0.999,
              0.99,
              1e-8,
              1,
              psi == Where.ALL_MOMENTS,
              0,
              false,
              false);
      kernel.step(slice(optimizer, from, to, divisors), numbers.at(optimizer, t));
    }

    BlockSlice slice(Optimizer optimizer, int from, int to, double[] divisors) {
      INDArray[] moments =
          optimizer == Optimizer.ADAN
              ? new INDArray[] {rows[1], rows[3], rows[2], rows[4]}
              : new INDArray[] {rows[1], rows[2]};
      return new BlockSlice(optimizer, rows[0], moments, tensors, from, to, divisors);
    }

    boolean sameBits(Block other) {
      for (int i = 0; i < rows.length; i++) {
        if (!Arrays.equals(rows[i].toDoubleVector(), other.rows[i].toDoubleVector())) {
          return false;
        }
      }
      return true;
    }
  }
}
