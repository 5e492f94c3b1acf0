package org.agr4j.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.agr4j.input.BadInputException;

/**
 * Settings as YAML whose keys are the options of the command line, so that a run's {@code
 * settings.yaml} can be given back with {@code --config}.
 */
public final class SettingsFile {
  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
          .build();

  /** The key of the place of a run's data. */
  public static final String DATA = "data";

  private SettingsFile() {}

  /** The YAML text. */
  public static String of(Settings settings) {
    return yaml(settings.stored());
  }

  /**
   * Makes sure that a run is continued with the settings it was begun with, but for the place of
   * its data. A setting that the file lacks, since the build that wrote it did not know it, counts
   * as what it is by default.
   *
   * @param file where the settings were found, for the message
   * @param found YAML text
   * @param expected the settings it is continued with
   * @throws BadInputException if they differ; the message has the first difference
   */
  public static void requireSame(Path file, String found, Settings expected) {
    Map<String, Object> before = read(file, found);
    Map<String, Object> now = expected.stored();
    for (Setting<?> setting : expected.declared()) {
      Object old = before.remove(setting.name());
      if (!setting.isMovable()) {
        requireSame(file, setting, old, now.get(setting.name()), expected);
      }
    }
    before.forEach(
        (name, value) -> {
          throw other(file, line(name, value), "nothing more");
        });
  }

  private static <T> void requireSame(
      Path file, Setting<T> setting, Object old, Object now, Settings expected) {
    if (old == null && now == null) {
      return;
    }
    if (old == null) {
      T standard = setting.fallbackIn(expected);
      if (standard == null || !now.equals(setting.plain(standard))) {
        throw other(file, "no " + setting.name(), line(setting.name(), now));
      }
    } else if (now == null || !text(old).equals(text(now)) && !isEqual(setting, old, now)) {
      throw other(
          file,
          line(setting.name(), old),
          now == null ? "nothing more" : line(setting.name(), now));
    }
  }

  /** 1 and 1.0 are the same number. */
  private static <T> boolean isEqual(Setting<T> setting, Object old, Object now) {
    try {
      return setting.read(text(old)).equals(setting.read(text(now)));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String text(Object value) {
    return value instanceof Collection<?> list
        ? list.stream().map(String::valueOf).collect(Collectors.joining(","))
        : String.valueOf(value);
  }

  private static String line(String name, Object value) {
    return yaml(Map.of(name, value)).strip().replaceAll("\\R\\s*", " ");
  }

  private static BadInputException other(Path file, String found, String expected) {
    return new BadInputException(
        "%s is of another run: it has %s, expected %s".formatted(file, found, expected));
  }

  private static Map<String, Object> read(Path file, String text) {
    try {
      return YAML.readValue(text, new TypeReference<LinkedHashMap<String, Object>>() {});
    } catch (JsonProcessingException e) {
      throw new BadInputException(
          "%s holds no settings in YAML: %s".formatted(file, e.getOriginalMessage()), e);
    }
  }

  /** The value of a key at the top of a YAML text; empty if it is not there. */
  public static String value(String text, String key) {
    try {
      return YAML.readTree(text).path(key).asText();
    } catch (JsonProcessingException e) {
      throw new BadInputException("settings that are no YAML: " + e.getOriginalMessage(), e);
    }
  }

  /** A YAML text of simple lines with another value of a key. */
  public static String replace(String text, String key, String value) {
    String line = yaml(Map.of(key, value));
    return text.lines()
        .map(old -> old.startsWith(key + ": ") ? line : old + "\n")
        .collect(Collectors.joining());
  }

  /** A map or a record as YAML text; a record's names get dashes. */
  public static String yaml(Object values) {
    try {
      return YAML.writeValueAsString(values);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("names and numbers are always YAML", e);
    }
  }
}
