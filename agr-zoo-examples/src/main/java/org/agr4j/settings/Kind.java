package org.agr4j.settings;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How the values of a setting are read from text and written to YAML.
 *
 * @param <T> the values' type
 * @param type the type of one value, which picocli's messages name
 * @param isList whether a value is a list, separated by commas
 * @param reader reads one text; throws IllegalArgumentException with what was expected
 * @param plain the value as YAML has it: a number, a text, a list
 * @param choices the texts that can be read, empty if they cannot be listed
 */
record Kind<T>(
    Class<?> type,
    boolean isList,
    Function<String, T> reader,
    Function<T, Object> plain,
    List<String> choices) {
  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?");

  static final Kind<Integer> WHOLE = of(Integer.class, Kind::whole, value -> value);
  static final Kind<Long> LONG = of(Long.class, Kind::longNumber, value -> value);
  static final Kind<Double> NUMBER = of(Double.class, Kind::number, value -> value);
  static final Kind<String> TEXT = of(String.class, text -> text, value -> value);
  static final Kind<Boolean> FLAG = of(Boolean.class, Kind::flag, value -> value);
  static final Kind<List<Integer>> WHOLES =
      new Kind<>(
          Integer.class,
          true,
          text -> Arrays.stream(text.split(",")).map(String::strip).map(Kind::whole).toList(),
          value -> value,
          List.of());

  static final Kind<List<Double>> NUMBERS =
      new Kind<>(
          Double.class,
          true,
          text -> Arrays.stream(text.split(",")).map(String::strip).map(Kind::number).toList(),
          value -> value,
          List.of());

  private static <T> Kind<T> of(
      Class<?> type, Function<String, T> reader, Function<T, Object> plain) {
    return new Kind<>(type, false, reader, plain, List.of());
  }

  /** A path, made absolute, or one other text. */
  static Kind<String> place(String other) {
    return of(
        String.class,
        text -> {
          if (text.isEmpty()) {
            throw new IllegalArgumentException("the name of a file or folder, or " + other);
          }
          return text.equals(other) ? text : Path.of(text).toAbsolutePath().normalize().toString();
        },
        value -> value);
  }

  /** One of some values, by the name that a function gives each. */
  static <T> Kind<T> choice(Class<T> type, List<T> values, Function<T, String> name) {
    List<String> names = values.stream().map(name).toList();
    return new Kind<>(
        type,
        false,
        text ->
            values.stream()
                .filter(value -> name.apply(value).equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            names.stream().collect(Collectors.joining(", ")))),
        name::apply,
        names);
  }

  private static int whole(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("a whole number", e);
    }
  }

  private static long longNumber(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("a whole number", e);
    }
  }

  /** A decimal number; Java's own also reads {@code 0x1p3}, {@code 1d} and {@code Infinity}. */
  private static double number(String text) {
    if (!DECIMAL.matcher(text).matches()) {
      throw new IllegalArgumentException("a number such as 5e-4");
    }
    return Double.parseDouble(text);
  }

  private static boolean flag(String text) {
    if (!text.matches("true|false")) {
      throw new IllegalArgumentException("true or false");
    }
    return Boolean.parseBoolean(text);
  }
}
