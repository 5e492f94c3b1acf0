package org.agr4j.settings;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What was trained on what and how, as lines of a report. */
public final class Facts {
  private Facts() {}

  /**
   * Tells of the settings of one or several sides.
   *
   * @param sides each side's title and settings, at least one; where they differ in a value, each
   *     value stands with the titles of those that have it
   * @return up to three lines
   */
  public static List<String> of(Map<String, Settings> sides) {
    Settings any = sides.values().iterator().next();
    Map<Fact.Line, List<String>> lines = new EnumMap<>(Fact.Line.class);
    for (Setting<?> setting : any.declared()) {
      String phrase = phrase(setting, sides);
      if (phrase != null) {
        lines.computeIfAbsent(setting.fact().line(), line -> new ArrayList<>()).add(phrase);
      }
    }
    List<String> facts = new ArrayList<>();
    lines.forEach((line, phrases) -> facts.add(String.join(line.separator(), phrases)));
    return facts;
  }

  private static <T> String phrase(Setting<T> setting, Map<String, Settings> sides) {
    Fact<T> fact = setting.fact();
    if (fact == null) {
      return null;
    }
    Map<String, List<String>> titles = new LinkedHashMap<>(); // by value in words
    sides.forEach(
        (title, settings) -> {
          String words =
              settings.has(setting) ? fact.value().apply(settings.get(setting), settings) : null;
          titles.computeIfAbsent(words, w -> new ArrayList<>()).add(title);
        });
    if (titles.size() == 1) {
      String words = titles.keySet().iterator().next();
      return words == null ? null : fact.name() + words;
    }
    return fact.name()
        + titles.entrySet().stream()
            .map(
                e ->
                    (e.getKey() == null ? "none" : e.getKey())
                        + " ("
                        + String.join(", ", e.getValue())
                        + ")")
            .collect(Collectors.joining(", "));
  }
}
