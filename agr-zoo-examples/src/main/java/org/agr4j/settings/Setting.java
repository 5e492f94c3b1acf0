package org.agr4j.settings;

import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.agr4j.input.BadInputException;

/**
 * One setting of a run, declared in one place: its name, its help, its default and what it may be.
 *
 * <pre>{@code
 * static final Setting<Double> MIXUP =
 *     Setting.number("mixup", "NUMBER")
 *         .help("α of the Beta distribution that images are mixed by; 0 is none (default 0).")
 *         .between(0, 100)
 *         .fallback(0.0)
 *         .fact(Fact.LAST, "mixup ");
 * }</pre>
 *
 * <p>A value: immutable; each method returns another. Two are equal if their names are, so that a
 * task may give a setting of the loop a default of its own ({@link #fallback}) and everybody still
 * finds its value by the constant.
 *
 * @param <T> type of the values
 */
public final class Setting<T> {
  /** Something that a value has to fulfil. */
  private record Check<T>(Predicate<T> holds, String expected) {}

  private final String name;
  private final String placeholder;
  private final Kind<T> kind;
  private final String help;
  private final Function<Settings, T> fallback; // null where a value must be given
  private final T constant; // what fallback gives in any case; null if that depends
  private final List<Check<T>> checks;
  private final Predicate<Settings> stored;
  private final boolean movable;
  private final Fact<T> fact; // null for none

  private Setting(
      String name,
      String placeholder,
      Kind<T> kind,
      String help,
      Function<Settings, T> fallback,
      T constant,
      List<Check<T>> checks,
      Predicate<Settings> stored,
      boolean movable,
      Fact<T> fact) {
    this.name = name;
    this.placeholder = placeholder;
    this.kind = kind;
    this.help = help;
    this.fallback = fallback;
    this.constant = constant;
    this.checks = List.copyOf(checks);
    this.stored = stored;
    this.movable = movable;
    this.fact = fact;
  }

  private static <T> Setting<T> of(String name, String placeholder, Kind<T> kind) {
    return new Setting<>(
        name, placeholder, kind, "", null, null, List.of(), s -> true, false, null);
  }

  /** A whole number. */
  public static Setting<Integer> whole(String name, String placeholder) {
    return of(name, placeholder, Kind.WHOLE);
  }

  /** A whole number of 64 bits. */
  public static Setting<Long> longNumber(String name, String placeholder) {
    return of(name, placeholder, Kind.LONG);
  }

  /** A decimal number. */
  public static Setting<Double> number(String name, String placeholder) {
    return of(name, placeholder, Kind.NUMBER);
  }

  /**
   * Reads a decimal number, as in {@code 5e-4}, and not all that Java reads.
   *
   * @throws IllegalArgumentException with what was expected
   */
  public static double decimal(String text) {
    return Kind.NUMBER.reader().apply(text);
  }

  /** Any text. */
  public static Setting<String> text(String name, String placeholder) {
    return of(name, placeholder, Kind.TEXT);
  }

  /** A path, which is made absolute so that a run is resumed from anywhere, or one other text. */
  public static Setting<String> place(String name, String placeholder, String other) {
    return of(name, placeholder, Kind.place(other));
  }

  /** True or false; as an option it takes no value. */
  public static Setting<Boolean> flag(String name) {
    return of(name, "", Kind.FLAG);
  }

  /** A list of whole numbers, separated by commas. */
  public static Setting<List<Integer>> wholes(String name, String placeholder) {
    return of(name, placeholder, Kind.WHOLES);
  }

  /** A list of decimal numbers, separated by commas. */
  public static Setting<List<Double>> numbers(String name, String placeholder) {
    return of(name, placeholder, Kind.NUMBERS);
  }

  /** One of the constants of an enum, by what {@code toString} gives. */
  public static <E extends Enum<E>> Setting<E> choice(
      String name, String placeholder, Class<E> type) {
    return choice(name, placeholder, type, List.of(type.getEnumConstants()), Object::toString);
  }

  /** One of some values, by the name that a function gives each. */
  public static <T> Setting<T> choice(
      String name, String placeholder, Class<T> type, List<T> values, Function<T, String> text) {
    return of(name, placeholder, Kind.choice(type, values, text));
  }

  /** The same setting with values out of some texts only. */
  @SuppressWarnings("unchecked")
  public Setting<T> among(List<String> texts) {
    if (kind.type() != String.class) {
      throw new IllegalStateException(this + " is no text");
    }
    Kind<T> choice = (Kind<T>) Kind.choice(String.class, texts, text -> text);
    return new Setting<>(
        name, placeholder, choice, help, fallback, constant, checks, stored, movable, fact);
  }

  /** Sets what {@code --help} says, its default included; %s stands for the choices. */
  public Setting<T> help(String text) {
    return new Setting<>(
        name,
        placeholder,
        kind,
        text.replace("%s", String.join(", ", kind.choices())),
        fallback,
        constant,
        checks,
        stored,
        movable,
        fact);
  }

  /** Sets the value where none is given. */
  public Setting<T> fallback(T value) {
    return new Setting<>(
        name, placeholder, kind, help, s -> value, value, checks, stored, movable, fact);
  }

  /** Sets the value where none is given, as a function of the settings declared before. */
  public Setting<T> fallback(Function<Settings, T> value) {
    return new Setting<>(name, placeholder, kind, help, value, null, checks, stored, movable, fact);
  }

  /** Adds something that a value has to fulfil; {@code expected} ends the message about others. */
  public Setting<T> check(Predicate<T> holds, String expected) {
    List<Check<T>> all = new ArrayList<>(checks);
    all.add(new Check<>(holds, expected));
    return new Setting<>(
        name, placeholder, kind, help, fallback, constant, all, stored, movable, fact);
  }

  /** Sets which runs' {@code settings.yaml} have it; all do otherwise. */
  public Setting<T> storedIf(Predicate<Settings> when) {
    return new Setting<>(
        name, placeholder, kind, help, fallback, constant, checks, when, movable, fact);
  }

  /** Lets a run be resumed with another value, as its data may lie elsewhere by then. */
  public Setting<T> movable() {
    return new Setting<>(
        name, placeholder, kind, help, fallback, constant, checks, stored, true, fact);
  }

  /** Sets how a report's list of facts tells of it. */
  public Setting<T> fact(Fact<T> told) {
    return new Setting<>(
        name, placeholder, kind, help, fallback, constant, checks, stored, movable, told);
  }

  /** The key in files; the option is {@code --name}. */
  public String name() {
    return name;
  }

  /** The option: {@code --name}. */
  public String option() {
    return "--" + name;
  }

  /** What stands for the value in {@code --help}; empty for a flag. */
  public String placeholder() {
    return placeholder;
  }

  /** What {@code --help} says. */
  public String help() {
    return help;
  }

  /** The value where none is given, whatever the other settings; null if it depends on them. */
  public T constant() {
    return constant;
  }

  /** The type of a value, or of each where values are lists. */
  public Class<?> type() {
    return kind.type();
  }

  /** Whether values are lists, separated by commas. */
  public boolean isList() {
    return kind.isList();
  }

  /** Whether a value is true or false. */
  public boolean isFlag() {
    return kind.type() == Boolean.class;
  }

  /** Whether a value is one of some names. */
  public boolean isChoice() {
    return !kind.choices().isEmpty();
  }

  boolean isMovable() {
    return movable;
  }

  boolean isStored(Settings settings) {
    return stored.test(settings);
  }

  Fact<T> fact() {
    return fact;
  }

  /**
   * The value where none is given.
   *
   * @throws BadInputException if one must be given
   */
  T fallbackIn(Settings settings) {
    if (fallback == null) {
      throw new BadInputException(option() + " is missing");
    }
    return fallback.apply(settings);
  }

  /**
   * Reads a value.
   *
   * @throws IllegalArgumentException with what was expected
   */
  public T read(String text) {
    return kind.reader().apply(text);
  }

  /**
   * Reads and checks a value.
   *
   * @param text the value
   * @param option where it stands, for the message
   * @throws BadInputException if it is none, or not allowed
   * @throws InvalidPathException if this machine cannot name such a file
   */
  public T parse(String text, String option) {
    T value;
    try {
      value = read(text);
    } catch (InvalidPathException e) {
      throw e; // what to do about it is not a matter of this setting
    } catch (IllegalArgumentException e) {
      throw new BadInputException(
          "%s is '%s', expected %s".formatted(option, text, e.getMessage()), e);
    }
    check(value, option);
    return value;
  }

  /** Refuses values that are not allowed. */
  void check(T value, String option) {
    for (Check<T> check : checks) {
      if (!check.holds().test(value)) {
        throw new BadInputException(
            "%s is %s, expected %s".formatted(option, kind.plain().apply(value), check.expected()));
      }
    }
  }

  /** A value as YAML has it: a number, a text, a list. */
  public Object plain(T value) {
    return kind.plain().apply(value);
  }

  /** A value as users write it. */
  public String text(T value) {
    Object plain = plain(value);
    return plain instanceof List<?> list
        ? String.join(",", list.stream().map(String::valueOf).toList())
        : String.valueOf(plain);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Setting<?> s && name.equals(s.name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public String toString() {
    return option();
  }
}
