package org.agr4j.report;

import java.util.Locale;
import java.util.Map;
import org.agr4j.compare.Arm;

/**
 * Final test accuracy of one arm minus that of another, seed by seed.
 *
 * @param arm the one
 * @param baseline the other
 * @param points differences in points of top-1 by seed, at least one
 */
public record PairedDifference(Arm arm, Arm baseline, Map<Long, Double> points) {
  /** Mean and spread over the seeds. */
  public Spread spread() {
    return Spread.of(points.values());
  }

  /** One sentence that says what was shown. */
  public String sentence() {
    Spread s = spread();
    String what =
        String.format(
            Locale.ROOT, "%s minus %s: %+.2f points", arm.title(), baseline.title(), s.mean());
    if (s.n() == 1) {
      return what + ", one seed: nothing can be said about chance.";
    }
    double low = s.mean() - s.halfInterval();
    double high = s.mean() + s.halfInterval();
    return what
        + String.format(
            Locale.ROOT,
            ", 95%% interval %+.2f to %+.2f (%d seeds): %s.",
            low,
            high,
            s.n(),
            low > 0 ? "better" : high < 0 ? "worse" : "no difference shown");
  }
}
