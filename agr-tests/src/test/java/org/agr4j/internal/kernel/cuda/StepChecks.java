package org.agr4j.internal.kernel.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.agr4j.internal.kernel.Optimizer;
import org.agr4j.internal.kernel.StepNumbers;

/**
 * What has to hold of the kernels on any device: the tests run this on {@link HostDevice}, {@link
 * CudaCheck} on a GPU. A check throws an AssertionError.
 */
final class StepChecks {
  private static final int LARGE = 3 * BlockTable.LONGEST_CHUNK + 77;

  /** Layouts at and around the edges of warps, vectors and chunks. */
  static final List<long[]> LAYOUTS =
      List.of(
          new long[] {1},
          new long[] {2},
          new long[] {7, 1, 1, 33, 3},
          new long[] {31, 32, 33, 255, 256, 257},
          new long[] {BlockTable.WARP_LENGTH - 1, BlockTable.WARP_LENGTH},
          new long[] {BlockTable.WARP_LENGTH + 1},
          new long[] {BlockTable.SHORTEST_CHUNK - 1, 1, BlockTable.SHORTEST_CHUNK + 1},
          new long[] {576, 288, 2304, 16, 48, 3},
          new long[] {5, 2 * BlockTable.SHORTEST_CHUNK, 1, 9 * BlockTable.SHORTEST_CHUNK - 3, 64},
          new long[] {LARGE, 1, 1000});

  private StepChecks() {}

  /** The checks by name. */
  static Map<String, Consumer<RawDevice>> all() {
    Map<String, Consumer<RawDevice>> checks = new LinkedHashMap<>();
    for (Element type : Element.values()) {
      for (Optimizer optimizer : Optimizer.values()) {
        String name = " " + type + " " + optimizer;
        checks.put("formula" + name, device -> followsTheFormula(device, type, optimizer));
        checks.put("NaN under FAIL" + name, device -> holdsUnderFail(device, type, optimizer));
        checks.put("NaN under SKIP" + name, device -> skips(device, type, optimizer));
        checks.put("NaN under PROPAGATE" + name, device -> propagates(device, type, optimizer));
        checks.put("same bits" + name, device -> hasTheSameBits(device, type, optimizer));
      }
      checks.put("restart " + type, device -> restarts(device, type));
      checks.put("properties of Ψ " + type, device -> psiIsWhatItSays(device, type));
    }
    checks.put("range of sums", StepChecks::sumsKeepTheirRange);
    checks.put("thousands of small tensors", StepChecks::doesThousandsOfTensors);
    checks.put("no tensors", StepChecks::doesNothingForNoTensors);
    checks.put("golden trajectories", GoldenChecks::follow);
    return checks;
  }

  static StepNumbers numbers(double strength, boolean all) {
    return new StepNumbers(1e-2, 0.9, 0.99, 0.97, 1e-3, strength, all, 0, false, false);
  }

  private static StepNumbers on(StepNumbers c, int restartEvery, boolean stop, boolean skip) {
    return new StepNumbers(
        c.learningRate(),
        c.beta1(),
        c.beta2(),
        c.beta3(),
        c.epsilon(),
        c.strength(),
        c.psiInAllMoments(),
        restartEvery,
        stop,
        skip);
  }

  static void fill(GuardedBlock block, Random random) {
    double[] g = new double[(int) block.tensors.totalLength()];
    Arrays.setAll(g, i -> random.nextGaussian());
    block.set(0, g);
  }

  private static double[][] rows(GuardedBlock block) {
    double[][] rows = new double[block.moments() + 3][];
    Arrays.setAll(rows, block::row);
    return rows;
  }

  private static void followsTheFormula(RawDevice device, Element type, Optimizer optimizer) {
    List<StepNumbers> cases = new ArrayList<>();
    for (double strength : new double[] {0, 0.5, 1}) {
      for (boolean all : new boolean[] {false, true}) {
        cases.add(numbers(strength, all));
      }
    }
    cases.add(on(numbers(0, false), 0, true, false));
    cases.add(on(numbers(1, false), 0, false, true));
    for (long[] layout : LAYOUTS) {
      for (int shift : new int[] {0, 1, 16 / type.bytes}) {
        for (StepNumbers c : cases) {
          try (GuardedBlock block = new GuardedBlock(device, type, optimizer, shift, layout)) {
            Random random = new Random(layout.length + shift);
            for (int t = 1; t <= 3; t++) {
              fill(block, random);
              double[][] expected = rows(block);
              ReferenceStep.step(expected, block.tensors, c, optimizer);
              block.step(c, 0);
              String where = Arrays.toString(layout) + " shift " + shift + " step " + t + " " + c;
              requireClose(expected, block, where);
            }
          }
        }
      }
    }
  }

  private static void requireClose(double[][] expected, GuardedBlock block, String where) {
    for (int row = 0; row < expected.length; row++) {
      double[] actual = block.row(row);
      // Differences of numbers of the size of 1 lose what is below their precision.
      double floor = row == 0 ? 1e-2 : 1;
      for (int i = 0; i < actual.length; i++) {
        double e = expected[row][i];
        double tolerance = 4 * block.type.precision * (Math.abs(e) + floor);
        if (!(Math.abs(e - actual[i]) <= tolerance)) {
          throw new AssertionError(
              String.format("row %d[%d] is %s, expected %s: %s", row, i, actual[i], e, where));
        }
      }
    }
  }

  private static void requireSame(double[] expected, double[] actual, String what) {
    if (!Arrays.equals(expected, actual)) {
      throw new AssertionError(what + " changed");
    }
  }

  private static void requireEqual(double expected, double actual, String what) {
    if (Double.compare(expected, actual) != 0) {
      throw new AssertionError(what + " is " + actual + ", expected " + expected);
    }
  }

  private static GuardedBlock afterOneStep(
      RawDevice device, Element type, Optimizer optimizer, StepNumbers c) {
    GuardedBlock block = new GuardedBlock(device, type, optimizer, 1, 40, 3, 5000, 600, 1);
    fill(block, new Random(5));
    block.step(c, 0);
    return block;
  }

  /** Makes an element of a tensor not finite. */
  private static void poison(GuardedBlock block, int tensor, double value) {
    double[] g = block.row(0);
    g[(int) block.tensors.end(tensor) - 1] = value;
    block.set(0, g);
  }

  private static void holdsUnderFail(RawDevice device, Element type, Optimizer optimizer) {
    StepNumbers c = on(numbers(1, false), 1, true, false);
    for (double poison : new double[] {Double.NaN, Double.NEGATIVE_INFINITY}) {
      try (GuardedBlock block = afterOneStep(device, type, optimizer, c)) {
        double[][] before = rows(block);
        fill(block, new Random(6));
        poison(block, 4, poison);
        poison(block, 2, poison);
        block.step(c, 3);
        requireEqual(3L << 32 | 2, block.verdict(), "verdict");
        requireEqual(Math.abs(poison), block.sums()[2], "sum of the poisoned tensor");
        for (int again = 0; again < 2; again++) { // also a finite step waits for the host
          requireSame(new double[before[0].length], block.row(0), "a zero update");
          for (int row = 1; row < before.length; row++) {
            requireSame(before[row], block.row(row), "row " + row);
          }
          fill(block, new Random(7));
          block.step(c, 5);
          requireEqual(3L << 32 | 2, block.verdict(), "verdict of a later block");
        }
        block.resetVerdict();
        fill(block, new Random(8));
        double[][] expected = rows(block);
        ReferenceStep.step(expected, block.tensors, c, optimizer);
        block.step(c, 0);
        requireEqual(KernelPair.ALL_FINITE, block.verdict(), "verdict after a reset");
        requireClose(expected, block, "after a reset");
      }
    }
  }

  private static void skips(RawDevice device, Element type, Optimizer optimizer) {
    for (int restartEvery : new int[] {0, 1}) {
      StepNumbers c = on(numbers(1, true), restartEvery, false, true);
      try (GuardedBlock block = afterOneStep(device, type, optimizer, c)) {
        fill(block, new Random(6));
        poison(block, 0, Double.NaN);
        poison(block, 2, Double.POSITIVE_INFINITY);
        double[][] expected = rows(block);
        ReferenceStep.step(expected, block.tensors, c, optimizer);
        block.step(c, 0);
        requireClose(expected, block, "restart every " + restartEvery);
        requireEqual(1, block.row(block.stepsRow() + 1)[2], "skipped steps");
        requireEqual(KernelPair.ALL_FINITE, block.verdict(), "verdict");
      }
    }
  }

  private static void propagates(RawDevice device, Element type, Optimizer optimizer) {
    StepNumbers c = numbers(1, false);
    try (GuardedBlock block = afterOneStep(device, type, optimizer, c)) {
      fill(block, new Random(6));
      poison(block, 2, Double.NaN);
      block.step(c, 0);
      requireEqual(Double.NaN, block.row(0)[(int) block.tensors.end(2) - 1], "update");
      if (!Double.isFinite(block.row(0)[0]) || !Double.isFinite(block.row(2)[0])) {
        throw new AssertionError("a NaN spread to another tensor");
      }
      requireEqual(2, block.row(block.stepsRow())[2], "steps");
    }
  }

  private static void restarts(RawDevice device, Element type) {
    StepNumbers c = on(numbers(1, false), 2, false, false);
    try (GuardedBlock block = new GuardedBlock(device, type, Optimizer.ADAN, 0, 40, 3, 5000)) {
      Random random = new Random(5);
      for (int t = 0; t < 5; t++) {
        fill(block, random);
        double[][] expected = rows(block);
        ReferenceStep.step(expected, block.tensors, c, Optimizer.ADAN);
        block.step(c, 0);
        requireClose(expected, block, "step " + t);
        requireEqual(t % 2 + 1, block.row(block.stepsRow())[2], "steps");
      }
    }
  }

  /** Three steps give the same bits again and wherever the arrays lie. */
  private static void hasTheSameBits(RawDevice device, Element type, Optimizer optimizer) {
    double[][] first = null;
    for (int shift : new int[] {0, 0, 1, 3}) {
      try (GuardedBlock block =
          new GuardedBlock(device, type, optimizer, shift, 40, 3, 5000, LARGE, 600, 1)) {
        Random random = new Random(5);
        for (int t = 0; t < 3; t++) {
          fill(block, random);
          block.step(numbers(1, false), 0);
        }
        double[][] rows = rows(block);
        for (int row = 0; first != null && row < rows.length; row++) {
          requireSame(first[row], rows[row], "bits of row " + row + " at shift " + shift);
        }
        first = rows;
      }
    }
  }

  /** With β₁ = 0 the first moment is Ψ(g). */
  private static void psiIsWhatItSays(RawDevice device, Element type) {
    StepNumbers c = new StepNumbers(1, 0, 0.5, 0.5, 1, 1, false, 0, false, false);
    try (GuardedBlock block =
        new GuardedBlock(device, type, Optimizer.ADAMW, 1, 40, 3, 5000, 600, 1, 2, 9)) {
      fill(block, new Random(9));
      double[] g = block.row(0);
      Arrays.fill(g, (int) block.tensors.start(6), (int) block.tensors.end(6), 0);
      g[(int) block.tensors.start(5)] = 0; // one element is all of ‖g‖₁
      block.set(0, g);
      block.step(c, 0);
      double[] psi = block.row(1);
      for (int i = 0; i < g.length; i++) {
        if (Math.abs(psi[i]) > Math.abs(g[i]) || psi[i] * g[i] < 0) {
          throw new AssertionError("Ψ(" + g[i] + ") = " + psi[i]);
        }
      }
      int single = (int) block.tensors.start(4);
      requireEqual(g[single], psi[single], "Ψ of a single element");
      int whole = (int) block.tensors.end(5) - 1;
      if (Math.abs(psi[whole]) > type.precision * Math.abs(g[whole])) {
        throw new AssertionError("Ψ where α = 1 is " + psi[whole]);
      }
      double[] twice = new double[g.length];
      Arrays.setAll(twice, i -> 2 * g[i]);
      block.set(0, twice);
      block.step(c, 0);
      double[] psiOfTwice = block.row(1);
      for (int i = 0; i < g.length; i++) {
        requireEqual(2 * psi[i], psiOfTwice[i], "Ψ(2g)");
      }
    }
  }

  private static void sumsKeepTheirRange(RawDevice device) {
    requireSum(device, Element.FLOAT, Float.MAX_VALUE, 20_000, (double) Float.MAX_VALUE * 20_000);
    requireSum(device, Element.FLOAT, Float.MIN_VALUE, 300, (double) Float.MIN_VALUE * 300);
    requireSum(device, Element.DOUBLE, Double.MAX_VALUE, 20_000, Double.MAX_VALUE);
    requireSum(device, Element.DOUBLE, Double.MAX_VALUE, 2, Double.MAX_VALUE);
    requireSum(device, Element.DOUBLE, Double.MIN_VALUE, 3000, Double.MIN_VALUE * 3000);
  }

  private static void requireSum(
      RawDevice device, Element type, double value, int length, double expected) {
    try (GuardedBlock block = new GuardedBlock(device, type, Optimizer.ADAMW, 0, length)) {
      double[] g = new double[length];
      Arrays.fill(g, -value);
      block.set(0, g);
      block.step(on(numbers(1, false), 0, true, false), 0);
      requireEqual(KernelPair.ALL_FINITE, block.verdict(), "verdict");
      double sum = block.sums()[0];
      if (!(Math.abs(sum - expected) <= 1e-6 * expected)) {
        throw new AssertionError("Σ of " + length + " times " + value + " is " + sum);
      }
      if (value < 1e-30 || value * length > Double.MAX_VALUE) {
        return; // a tenth of it is zero; or the sum is not, but Ψ is
      }
      double share = block.row(1)[length / 2] / -value / 0.1; // Ψ(g)/g; m starts at 0
      if (!(share <= 1 + 1e-3 && share >= 0.4)) {
        throw new AssertionError("Ψ(g)/g of " + length + " times " + value + " is " + share);
      }
    }
  }

  private static void doesThousandsOfTensors(RawDevice device) {
    Random random = new Random(3);
    long[] lengths = random.longs(20_000, 1, 40).toArray();
    lengths[7000] = 700;
    lengths[7001] = 3000;
    try (GuardedBlock block =
        new GuardedBlock(device, Element.FLOAT, Optimizer.ADAMW, 0, lengths)) {
      for (int t = 0; t < 2; t++) {
        fill(block, random);
        double[][] expected = rows(block);
        ReferenceStep.step(expected, block.tensors, numbers(1, false), Optimizer.ADAMW);
        block.step(numbers(1, false), 0);
        requireClose(expected, block, "20,000 tensors");
      }
    }
  }

  private static void doesNothingForNoTensors(RawDevice device) {
    try (GuardedBlock block = new GuardedBlock(device, Element.FLOAT, Optimizer.ADAN, 0)) {
      block.step(numbers(1, false), 0);
    }
  }
}
