package org.agr4j.report;

import java.util.Collection;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.inference.AlternativeHypothesis;
import org.apache.commons.math3.stat.inference.BinomialTest;
import org.apache.commons.math3.stat.inference.WilcoxonSignedRankTest;

/**
 * Tests of paired differences that presume less than Student's interval, and what it would need.
 */
final class PairedTests {
  /** As many seeds have an exact test of ranks: it goes through 2ⁿ cases. */
  static final int MOST_EXACT = 20;

  private static final double POWER = 0.8;
  private static final double UPPER_TAIL = 0.975;
  private static final int MOST_SEEDS = 1_000_000;

  private PairedTests() {}

  private static double[] withoutZeros(Collection<Double> differences) {
    return differences.stream().mapToDouble(d -> d).filter(d -> d != 0).toArray();
  }

  /**
   * The sign test's two-sided p: how likely signs as uneven as these are if either is as likely.
   *
   * @return 1 if every difference is 0
   */
  static double signTest(Collection<Double> differences) {
    double[] d = withoutZeros(differences);
    int positive = 0;
    for (double x : d) {
      positive += x > 0 ? 1 : 0;
    }
    return d.length == 0
        ? 1
        : Math.min( // the library counts the middle twice
            1,
            new BinomialTest()
                .binomialTest(d.length, positive, 0.5, AlternativeHypothesis.TWO_SIDED));
  }

  /**
   * Wilcoxon's signed-rank test's two-sided p, exact up to {@link #MOST_EXACT} differences.
   *
   * @return 1 if every difference is 0
   */
  static double signedRankTest(Collection<Double> differences) {
    double[] d = withoutZeros(differences);
    return d.length == 0
        ? 1
        : Math.min(
            1,
            new WilcoxonSignedRankTest()
                .wilcoxonSignedRankTest(d, new double[d.length], d.length <= MOST_EXACT));
  }

  /**
   * Whether the mean difference is shown to be within ±margin: two one-sided t tests at 5%, that
   * is, whether the 90% interval lies inside.
   */
  static boolean isWithin(Spread spread, double margin, Judgement judgement) {
    double half = spread.halfInterval(1 - 2 * (1 - judgement.level()));
    return Math.abs(spread.mean()) + half < margin;
  }

  /**
   * How many seeds a paired t test at 5% needs to see a difference in four of five comparisons: the
   * least n with (t₀.₉₇₅ + t₀.₈) · deviation / √n ≤ difference, n − 1 degrees of freedom.
   *
   * @param spread of the seeds so far, at least two
   * @param difference to be seen, positive
   */
  static int seedsFor(Spread spread, double difference) {
    int low = 1; // too few
    int high = 2;
    while (high < MOST_SEEDS && !isEnough(high, spread, difference)) {
      low = high;
      high *= 2;
    }
    while (high - low > 1) {
      int middle = (low + high) / 2;
      if (isEnough(middle, spread, difference)) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }

  private static boolean isEnough(int n, Spread spread, double difference) {
    TDistribution t = new TDistribution(n - 1);
    double quantiles =
        t.inverseCumulativeProbability(UPPER_TAIL) + t.inverseCumulativeProbability(POWER);
    return quantiles * spread.deviation() / Math.sqrt(n) <= difference;
  }
}
