package org.agr4j.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.agr4j.updater.AdamWAgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;

/**
 * The facts about Ψ, over seeded random tensors. Ψ is read off the first moment: with β₁ = 0 it is
 * what the first moment holds after a step.
 */
class PsiTest {

  private static double[] psi(double... g) {
    AdamWAgr config = AdamWAgr.builder().beta1(0).build();
    GradientUpdater<?> updater =
        config.instantiate(Nd4j.create(DataType.DOUBLE, config.stateSize(g.length)), true);
    updater.applyUpdater(Nd4j.createFromArray(g), 0, 0);
    return updater.getState().get("M").toDoubleVector();
  }

  /** Normal, uniform, lognormal with random sign, and mostly zero, at scales 1e-30 to 1e30. */
  static Stream<Arguments> tensors() {
    return IntStream.range(0, 60)
        .mapToObj(
            seed -> {
              Random random = new Random(seed);
              int length = 2 + random.nextInt(seed % 3 == 0 ? 6 : 3000);
              double scale = Math.pow(10, -30 + 60 * random.nextDouble());
              DoubleUnaryOperator draw =
                  switch (seed % 4) {
                    case 0 -> x -> random.nextGaussian();
                    case 1 -> x -> random.nextDouble() - 0.5;
                    case 2 ->
                        x -> Math.exp(3 * random.nextGaussian()) * (random.nextBoolean() ? 1 : -1);
                    default -> x -> random.nextInt(10) == 0 ? random.nextGaussian() : 0;
                  };
              double[] g = new double[length];
              for (int i = 0; i < length; i++) {
                g[i] = scale * draw.applyAsDouble(0);
              }
              return Arguments.of(seed, g);
            });
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("tensors")
  void shrinksEveryElementAndNeverFlipsASign(int seed, double[] g) {
    double[] psi = psi(g);
    for (int i = 0; i < g.length; i++) {
      assertTrue(Math.abs(psi[i]) <= Math.abs(g[i]));
      assertTrue(psi[i] * Math.signum(g[i]) >= 0);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("tensors")
  void sharesSumToOne(int seed, double[] g) {
    double[] psi = psi(g);
    double shares = 0;
    boolean anyGradient = false;
    for (int i = 0; i < g.length; i++) {
      if (g[i] != 0) {
        shares += (g[i] - psi[i]) / g[i];
        anyGradient = true;
      }
    }
    assertEquals(anyGradient ? 1 : 0, shares, 1e-9);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("tensors")
  void isHomogeneousOfDegreeOne(int seed, double[] g) {
    double c = 0.25 + new Random(seed).nextDouble() * 100;
    double[] scaled = psi(IntStream.range(0, g.length).mapToDouble(i -> c * g[i]).toArray());
    double[] psi = psi(g);
    for (int i = 0; i < g.length; i++) {
      assertEquals(c * psi[i], scaled[i], 1e-12 * Math.abs(c * g[i]));
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("tensors")
  void commutesWithPermutations(int seed, double[] g) {
    int[] order = new Random(seed).ints(0, 1 << 30).distinct().limit(g.length).toArray();
    int[] permutation =
        IntStream.range(0, g.length)
            .boxed()
            .sorted((a, b) -> Integer.compare(order[a], order[b]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] permuted = psi(IntStream.of(permutation).mapToDouble(i -> g[i]).toArray());
    double[] psi = psi(g);
    for (int i = 0; i < g.length; i++) {
      assertEquals(psi[permutation[i]], permuted[i], 1e-12 * Math.abs(g[permutation[i]]));
    }
  }

  @Test
  void byHand() {
    // ‖g‖₁ = 8, shares 1/8, 2/8, 5/8
    assertArrayEquals(new double[] {1 - 1 / 8.0, -2 + 4 / 8.0, 5 - 25 / 8.0}, psi(1, -2, 5), 1e-15);
  }

  @Test
  void zeroAndOneElementStayAsTheyAre() {
    assertArrayEquals(new double[5], psi(0, 0, 0, 0, 0));
    assertArrayEquals(new double[] {-3.5}, psi(-3.5));
    assertArrayEquals(new double[] {0, 0}, psi(0, 7), 0, "one element has all of the sum");
  }

  @Test
  void tinyFloatGradientsDoNotUnderflow() {
    AdamWAgr config = AdamWAgr.builder().beta1(0).build();
    GradientUpdater<?> updater =
        config.instantiate(Nd4j.create(DataType.FLOAT, config.stateSize(3)), true);
    updater.applyUpdater(Nd4j.createFromArray(1e-30f, -2e-30f, 5e-30f), 0, 0);
    INDArray m = updater.getState().get("M");
    assertEquals(1, m.getDouble(0) / 0.875e-30, 1e-6);
    assertEquals(1, m.getDouble(1) / -1.5e-30, 1e-6);
    assertEquals(1, m.getDouble(2) / 1.875e-30, 1e-6);
  }

  /** The design's table: what Ψ does to a Gaussian gradient shrinks with the tensor's size. */
  @ParameterizedTest
  @MethodSource
  void relativeChangeShrinksWithSize(int length, double expected) {
    double mean = 0;
    int draws = Math.max(1, 20_000 / length);
    Random random = new Random(length);
    for (int draw = 0; draw < draws; draw++) {
      double[] g = random.doubles(length).map(x -> random.nextGaussian()).toArray();
      double[] psi = psi(g);
      double change = 0;
      double norm = 0;
      for (int i = 0; i < length; i++) {
        change += (psi[i] - g[i]) * (psi[i] - g[i]);
        norm += g[i] * g[i];
      }
      mean += Math.sqrt(change / norm) / draws;
    }
    assertEquals(1, mean / expected, 0.25, "mean relative change " + mean);
  }

  static Stream<Arguments> relativeChangeShrinksWithSize() {
    return Stream.of(
        Arguments.of(2, 0.8),
        Arguments.of(100, 0.02),
        Arguments.of(1728, 1.2e-3),
        Arguments.of(100_000, 2.2e-5));
  }
}
