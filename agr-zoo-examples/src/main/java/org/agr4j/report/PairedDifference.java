package org.agr4j.report;

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
 */
public record PairedDifference(Arm arm, Arm baseline, Measure measure, Map<Long, Double> points) {
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
    double low = s.mean() - s.halfInterval();
    double high = s.mean() + s.halfInterval();
    return what
        + String.format(
            Locale.ROOT,
            ", 95%% interval %+.Df to %+.Df (%d seeds): %s.".replace("D", "" + measure.decimals()),
            low,
            high,
            s.n(),
            low > 0 || high < 0 ? verdict(low > 0) : "no difference shown");
  }

  private String verdict(boolean isHigher) {
    return isHigher == measure.lowerIsBetter() ? "worse" : "better";
  }
}
