package org.agr4j.train;

import java.util.Locale;
import org.agr4j.run.EpochRecord;

/**
 * A number that is known after each epoch, or after some of them and the last.
 *
 * @param key its key in {@code metrics.jsonl}, for example {@code top1}
 * @param title its name in tables, for example {@code top-1}
 * @param caption its name over a figure, for example {@code Test accuracy}
 * @param unit of the values; {@code %} for a fraction, which is shown times 100
 * @param lowerIsBetter whether a smaller number is a better one
 * @param isCompared whether comparisons compare it, too, where it is not a task's first measure,
 *     which they compare in any case
 */
public record Measure(
    String key,
    String title,
    String caption,
    String unit,
    boolean lowerIsBetter,
    boolean isCompared) {
  private static final String PERCENT = "%";

  /** A measure that is compared if it is a task's first. */
  public Measure(String key, String title, String caption, String unit, boolean lowerIsBetter) {
    this(key, title, caption, unit, lowerIsBetter, false);
  }

  /** The same, compared even if it is not the first. */
  public Measure alsoCompared() {
    return new Measure(key, title, caption, unit, lowerIsBetter, true);
  }

  /**
   * The training loss, which every task has.
   *
   * @param unit for example {@code cross entropy, nats}
   */
  public static Measure trainLoss(String unit) {
    return new Measure(EpochRecord.TRAIN_LOSS, "train loss", "Training loss", unit, true);
  }

  /** The same of the weights as they were trained, where their average is measured. */
  public Measure unaveraged() {
    return new Measure(
        EpochRecord.unaveraged(key), "unaveraged " + title, caption, unit, lowerIsBetter);
  }

  /** Whether values are fractions. */
  public boolean isFraction() {
    return unit.equals(PERCENT);
  }

  /** The value as it is shown: a fraction times 100. */
  public double shown(double value) {
    return isFraction() ? 100 * value : value;
  }

  /** The value of an epoch as it is shown. */
  public double of(EpochRecord epoch) {
    return shown(epoch.get(key));
  }

  /** Decimals in tables. */
  public int decimals() {
    return isFraction() ? 2 : 3;
  }

  /** The heading of a column: {@code top-1, %}. */
  public String heading() {
    return isFraction() ? title + ", " + unit : title;
  }

  /** What stands beside an axis. */
  public String axis() {
    return isFraction() ? heading() : unit.isEmpty() ? title : unit;
  }

  /** What a difference of two values is counted in: points of a percentage, or the unit. */
  public String points() {
    return isFraction() ? "points" : unit.isEmpty() ? title : unit;
  }

  /** Name and value on one line: {@code top-1 12.3%}. */
  public String inWords(EpochRecord epoch) {
    return isFraction()
        ? String.format(Locale.ROOT, "%s %.1f%%", title, of(epoch))
        : String.format(Locale.ROOT, "%s %.3f", title, of(epoch));
  }
}
