package org.agr4j.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.agr4j.internal.kernel.Psi;
import org.agr4j.internal.layout.TensorBoundaries;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Theorem 4.1 of the paper: what holds, what does not, and bounds that do (docs/theory.md). */
class SmoothnessTheoremTest {
  private static double[] psi(double[] g) {
    INDArray a = Nd4j.createFromArray(g);
    double d = Psi.divisor(Arrays.stream(g).map(Math::abs).sum(), 1, g.length);
    Psi.apply(a, a.dup(), TensorBoundaries.ofLengths(g.length), 0, 1, new double[] {d});
    return a.toDoubleVector();
  }

  /** Gaussian, with heavy tails, mostly zero, and with one element above all others. */
  static Stream<Arguments> gradients() {
    return IntStream.range(0, 80)
        .mapToObj(
            seed -> {
              Random random = new Random(seed);
              double[] g = new double[2 + random.nextInt(seed % 2 == 0 ? 8 : 400)];
              for (int i = 0; i < g.length; i++) {
                double x = random.nextGaussian();
                g[i] =
                    switch (seed / 2 % 4) {
                      case 0 -> x;
                      case 1 -> Math.pow(x, 5);
                      case 2 -> random.nextInt(5) == 0 ? x : 0;
                      default -> i == 0 ? 1000 : x;
                    };
              }
              g[1] += 1e-3; // never all zero
              return Arguments.of(seed, g);
            });
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("gradients")
  void everyElementShrinksAndKeepsItsSign(int seed, double[] g) {
    double[] shrunk = psi(g);
    for (int i = 0; i < g.length; i++) {
      assertTrue(shrunk[i] * g[i] >= 0 && Math.abs(shrunk[i]) <= Math.abs(g[i]), "element " + i);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("gradients")
  void theJacobianIsThatOfFiniteDifferences(int seed, double[] g) {
    Random random = new Random(seed);
    double[] direction = random.doubles(g.length, -1, 1).toArray();
    double h = 1e-6 * Arrays.stream(g).map(Math::abs).filter(x -> x > 0).min().orElseThrow();
    double[] up = new double[g.length];
    double[] down = new double[g.length];
    double[] withoutSigns = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      // |x| has no derivative at 0: such elements stay there.
      direction[i] = g[i] == 0 ? 0 : direction[i];
      up[i] = g[i] + h * direction[i];
      down[i] = g[i] - h * direction[i];
      withoutSigns[i] = Math.signum(g[i]) * direction[i];
    }
    double[] expected = new PsiJacobian(g).times(withoutSigns);
    double[] high = psi(up);
    double[] low = psi(down);
    for (int i = 0; i < g.length; i++) {
      double found = Math.signum(g[i]) * (high[i] - low[i]) / (2 * h);
      double ulp = Math.ulp(Math.abs(g[i])) / h;
      assertEquals(g[i] == 0 ? 0 : expected[i], found, 1e-6 + 2 * ulp, "element " + i);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("gradients")
  void itsNormIsWithinEveryBound(int seed, double[] g) {
    PsiJacobian jacobian = new PsiJacobian(g);
    double norm = jacobian.norm() * (1 - 1e-12);
    assertTrue(norm <= jacobian.bySize(), norm + " " + jacobian.bySize());
    assertTrue(norm <= jacobian.byShares(), norm + " " + jacobian.byShares());
    assertTrue(norm <= jacobian.bySmallShares(), norm + " " + jacobian.bySmallShares());
  }

  /** The theorem's second half would be that this is at most 1. */
  @ParameterizedTest
  @ValueSource(ints = {2, 4, 100, 10_000})
  void oneElementAboveAllOthersReachesTheSquareRootOfN(int n) {
    double[] g = new double[n];
    Arrays.fill(g, 1e-9 / n);
    g[0] = 1;
    assertEquals(Math.sqrt(n), new PsiJacobian(g).norm(), 1e-6 * Math.sqrt(n));
  }

  /** L = ½‖w‖² has the Hessian I, so the Jacobian of Ψ(∇L) at w is Ψ's at w. */
  @Test
  void aParabolaContradictsTheTheorem() {
    double[] w = {1, 1e-6};
    double h = 1e-9;
    double[] moved = psi(new double[] {1, 1e-6 + h});
    double[] still = psi(w);
    double change = PsiJacobian.length(new double[] {moved[0] - still[0], moved[1] - still[1]});
    assertEquals(Math.sqrt(2), change / h, 1e-4, "the Hessian would give 1");
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 5, 1000})
  void equalSharesMakeItSmallerThanOne(int n) {
    double[] g = new double[n];
    Arrays.fill(g, -3);
    assertEquals(1 - 1.0 / n, new PsiJacobian(g).norm(), 1e-5);
  }

  /** If all α ≤ 2/n and Σα² ≤ 2 min α, sums of rows and of columns are at most 1. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 1000})
  void sharesWithinAFactorOfTwoOfOneAnotherKeepItAtMostOne(int n) {
    for (int seed = 0; seed < 20; seed++) {
      double[] g = new Random(seed).doubles(n, 1, 2).toArray();
      double[] shares = new PsiJacobian(g).shares();
      double most = Arrays.stream(shares).max().orElseThrow();
      double least = Arrays.stream(shares).min().orElseThrow();
      assertTrue(most <= 2.0 / n && Arrays.stream(shares).map(a -> a * a).sum() <= 2 * least);
      assertTrue(new PsiJacobian(g).norm() <= 1 + 1e-12);
    }
  }

  /** A share of 0 is enough for more than 1: that element passes, and moves the others. */
  @Test
  void anElementOfZeroMakesItMoreThanOne() {
    assertTrue(new PsiJacobian(new double[] {1, 1, 1, 0}).norm() > 1.003);
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 1000, 10_000})
  void aGaussianGradientIsNearOne(int n) {
    double[] g = new Random(n).doubles(n).map(u -> u).toArray();
    Random random = new Random(n);
    for (int i = 0; i < n; i++) {
      g[i] = random.nextGaussian();
    }
    assertEquals(1, new PsiJacobian(g).norm(), 3.0 / n);
  }
}
