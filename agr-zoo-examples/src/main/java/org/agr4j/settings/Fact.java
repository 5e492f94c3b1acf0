package org.agr4j.settings;

import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * How a report tells of a setting: a phrase in one of three lines, such as "weight decay 5.0E-4".
 *
 * @param <T> type of the setting's values
 * @param line which line the phrase stands in
 * @param name what stands in front of the value, for example "weight decay "
 * @param value the value in words; null for a phrase that is left out
 */
public record Fact<T>(Line line, String name, BiFunction<T, Settings, String> value) {
  /** The lines of a report's facts. */
  public enum Line {
    /** What was trained on, and how long. */
    DATA(", "),
    /** The learning rate. */
    RATE(", "),
    /** All settings that no other place of the sentence has. */
    REST("; ");

    private final String separator;

    Line(String separator) {
      this.separator = separator;
    }

    /** What stands between two phrases. */
    String separator() {
      return separator;
    }
  }

  /** Tells a name and the value. */
  public static <T> Fact<T> of(Line line, String name) {
    return of(line, name, String::valueOf);
  }

  /** Tells a name and the value in words. */
  public static <T> Fact<T> of(Line line, String name, Function<T, String> words) {
    return new Fact<>(line, name, (value, settings) -> words.apply(value));
  }
}
