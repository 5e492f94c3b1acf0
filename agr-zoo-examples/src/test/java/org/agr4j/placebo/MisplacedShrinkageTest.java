package org.agr4j.placebo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The placebo changes a gradient by as much as Ψ does, with its factors elsewhere. */
class MisplacedShrinkageTest {
  private static double[] gaussian(int n) {
    return new Random(n).doubles(n, -1, 1).map(x -> x * x * x).toArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 1000})
  void hasTheNormOfPsiAndItsSharesInAnotherOrder(int n) {
    double[] g = gaussian(n);
    double[] change = new double[n];
    assertTrue(new MisplacedShrinkage().of(g, 0.5, 7, change));
    double sum = Arrays.stream(g).map(Math::abs).sum();
    double psi = Math.sqrt(Arrays.stream(g).map(x -> Math.pow(0.5 * x * x / sum, 2)).sum());
    double norm = Math.sqrt(Arrays.stream(change).map(x -> x * x).sum());
    assertEquals(psi, norm, 1e-12 * psi);

    double[] dealt = new double[n];
    for (int i = 0; i < n; i++) {
      dealt[i] = -change[i] / g[i];
      assertTrue(dealt[i] >= 0, "shrinks");
    }
    Arrays.sort(dealt);
    double[] shares = Arrays.stream(g).map(x -> Math.abs(x) / sum).sorted().toArray();
    double scale = dealt[n - 1] / shares[n - 1];
    assertArrayEquals(shares, Arrays.stream(dealt).map(x -> x / scale).toArray(), 1e-12);
  }

  @Test
  void isAnotherOneForAnotherSeedAndTheSameForTheSame() {
    double[] g = gaussian(100);
    double[] one = new double[100];
    double[] again = new double[100];
    double[] other = new double[100];
    MisplacedShrinkage shrinkage = new MisplacedShrinkage();
    shrinkage.of(g, 1, 1, one);
    shrinkage.of(g, 1, 2, other);
    shrinkage.of(g, 1, 1, again);
    assertArrayEquals(one, again);
    assertFalse(Arrays.equals(one, other));
  }

  @Test
  void isNothingWherePsiIs() {
    MisplacedShrinkage shrinkage = new MisplacedShrinkage();
    assertFalse(shrinkage.of(new double[] {3}, 1, 1, new double[1]));
    assertFalse(shrinkage.of(new double[] {0, 0}, 1, 1, new double[2]));
    assertFalse(shrinkage.of(new double[] {1, 2}, 0, 1, new double[2]));
    assertFalse(shrinkage.of(new double[] {1, Double.NaN}, 1, 1, new double[2]));
  }
}
