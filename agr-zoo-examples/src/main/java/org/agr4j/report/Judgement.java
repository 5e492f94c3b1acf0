package org.agr4j.report;

/**
 * How differences are judged.
 *
 * @param looks how often the comparison was looked at with different seeds, this time included, at
 *     least 1; intervals widen with it, since whoever looks often finds something
 * @param margin a difference that would not matter, in the measure's points; 0 if there is none
 * @param plan a difference for which the seeds it needs are wanted, in points; 0 for none
 */
public record Judgement(int looks, double margin, double plan) {
  private static final double ERROR = 0.05;

  /** One look, and no words about equivalence or power. */
  public static final Judgement PLAIN = new Judgement(1, 0, 0);

  /**
   * The level of intervals: 1 − 0.05/looks, so that all looks together are wrong in at most 5% of
   * comparisons without a difference (Bonferroni).
   */
  public double level() {
    return 1 - ERROR / looks;
  }
}
