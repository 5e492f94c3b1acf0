package org.agr4j.settings;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The values of all settings that mean something to a run: everything its outcome is determined by.
 *
 * <p>A value: immutable, compared by its values. Those that were not given have their defaults.
 */
public final class Settings {
  private final List<Setting<?>> declared;
  private final Set<String> given;
  private final Map<String, Object> values;
  private final Consumer<Settings> rules;

  private Settings(
      List<Setting<?>> declared,
      Set<String> given,
      Map<String, Object> values,
      Consumer<Settings> rules) {
    this.declared = declared;
    this.given = given;
    this.values = values;
    this.rules = rules;
  }

  /**
   * Completes and checks what was given.
   *
   * @param declared the settings, each default a function of those before it
   * @param given values by name; those of settings that are not declared are left out
   * @param rules refuses, with a BadInputException, values that do not fit together
   * @throws org.agr4j.input.BadInputException if a value is missing or not allowed
   */
  public static Settings of(
      Collection<Setting<?>> declared, Map<String, Object> given, Consumer<Settings> rules) {
    Settings settings =
        new Settings(List.copyOf(declared), given.keySet(), new LinkedHashMap<>(), rules);
    declared.forEach(setting -> settings.resolve(setting, given.get(setting.name())));
    rules.accept(settings);
    return settings;
  }

  @SuppressWarnings("unchecked")
  private <T> void resolve(Setting<T> setting, Object given) {
    T value = given == null ? setting.fallbackIn(this) : (T) given;
    if (value != null) {
      setting.check(value, setting.option());
    }
    values.put(setting.name(), value);
  }

  /**
   * The value of a setting.
   *
   * @throws IllegalArgumentException if it is not declared here
   */
  @SuppressWarnings("unchecked")
  public <T> T get(Setting<T> setting) {
    if (!values.containsKey(setting.name())) {
      throw new IllegalArgumentException(setting + " means nothing here: " + values.keySet());
    }
    return (T) values.get(setting.name());
  }

  /** Whether the value of a setting was given, and is not its default. */
  public boolean isGiven(Setting<?> setting) {
    return given.contains(setting.name());
  }

  /** Whether a setting is declared here and has a value. */
  public boolean has(Setting<?> setting) {
    return values.get(setting.name()) != null;
  }

  /** The same with another value of one setting; defaults that depend on it stay as they are. */
  public <T> Settings with(Setting<T> setting, T value) {
    get(setting);
    setting.check(value, setting.option());
    Settings other = new Settings(declared, given, new LinkedHashMap<>(values), rules);
    other.values.put(setting.name(), value);
    rules.accept(other);
    return other;
  }

  /** The same with one setting more, and its value. */
  public <T> Settings and(Setting<T> setting, T value) {
    setting.check(value, setting.option());
    List<Setting<?>> more = new ArrayList<>(declared);
    more.add(setting);
    Settings other = new Settings(more, given, new LinkedHashMap<>(values), rules);
    other.values.put(setting.name(), value);
    return other;
  }

  /** The settings, in order. */
  public List<Setting<?>> declared() {
    return declared;
  }

  /** Names and values as {@code settings.yaml} has them. */
  public Map<String, Object> stored() {
    Map<String, Object> stored = new LinkedHashMap<>();
    declared.forEach(setting -> store(setting, stored));
    return stored;
  }

  private <T> void store(Setting<T> setting, Map<String, Object> stored) {
    if (has(setting) && setting.isStored(this)) {
      stored.put(setting.name(), setting.plain(get(setting)));
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Settings s && values.equals(s.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
