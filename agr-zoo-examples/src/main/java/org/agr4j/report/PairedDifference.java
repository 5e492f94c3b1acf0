package org.agr4j.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.agr4j.compare.Arm;
import org.agr4j.train.Measure;

/**
 * What is compared, at the end of one arm's runs minus another's, seed by seed.
 *
 * @param arm the one
 * @param baseline the other
 * @param measure what is compared
 * @param points differences by seed as they are shown, at least one
 * @param judgement how it is judged
 */
public record PairedDifference(
    Arm arm, Arm baseline, Measure measure, Map<Long, Double> points, Judgement judgement) {

  /** A difference that is looked at for the first time. */
  public PairedDifference(Arm arm, Arm baseline, Measure measure, Map<Long, Double> points) {
    this(arm, baseline, measure, points, Judgement.PLAIN);
  }

  /** Mean and spread over the seeds. */
  public Spread spread() {
    return Spread.of(points.values());
  }

  /** One sentence that says what was shown. */
  public String sentence() {
    Spread s = spread();
    String what =
        String.format(
            Locale.ROOT,
            "%s minus %s: %+." + measure.decimals() + "f %s",
            arm.title(),
            baseline.title(),
            s.mean(),
            measure.points());
    if (s.n() == 1) {
      return what + ", one seed: nothing can be said about chance.";
    }
    double low = s.mean() - halfInterval();
    double high = s.mean() + halfInterval();
    return what
        + String.format(
            Locale.ROOT,
            ", %s interval %+.Df to %+.Df (%d seeds): %s.".replace("D", "" + measure.decimals()),
            level(),
            low,
            high,
            s.n(),
            low > 0 || high < 0 ? verdict(low > 0) : "no difference shown");
  }

  /** Half the width of the interval, which is wider where it was looked before. */
  public double halfInterval() {
    return spread().halfInterval(judgement.level());
  }

  /** The interval's level in words: {@code 95%}, {@code 97.5%, since this is look 2,}. */
  String level() {
    String percent =
        new BigDecimal(100 * judgement.level())
            .setScale(1, RoundingMode.HALF_UP)
            .stripTrailingZeros()
            .toPlainString();
    return percent
        + "%"
        + (judgement.looks() == 1 ? "" : ", since this is look " + judgement.looks() + ",");
  }

  /**
   * Sentences that presume less than the interval, or say more: tests of signs and ranks where
   * seeds are few, equivalence where it is shown, seeds that a difference would need.
   */
  public List<String> more() {
    Spread s = spread();
    List<String> sentences = new ArrayList<>();
    if (s.n() < 2) {
      return sentences;
    }
    String unit = measure.points();
    if (s.n() <= PairedTests.MOST_EXACT) {
      sentences.add(
          String.format(
              Locale.ROOT,
              "By signs alone p = %.3f, by signed ranks p = %.3f.",
              PairedTests.signTest(points.values()),
              PairedTests.signedRankTest(points.values())));
    }
    if (judgement.margin() > 0 && PairedTests.isWithin(s, judgement.margin(), judgement)) {
      sentences.add(
          String.format(
              Locale.ROOT,
              "Shown to be within ±%s %s (two one-sided tests).",
              number(judgement.margin()),
              unit));
    }
    if (judgement.plan() > 0) {
      sentences.add(
          String.format(
              Locale.ROOT,
              "To see %s %s in four of five comparisons takes about %,d seeds.",
              number(judgement.plan()),
              unit,
              PairedTests.seedsFor(s, judgement.plan())));
    }
    return sentences;
  }

  private static String number(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  private String verdict(boolean isHigher) {
    return isHigher == measure.lowerIsBetter() ? "worse" : "better";
  }
}
