package org.agr4j.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.agr4j.data.BadInputException;
import org.agr4j.updater.AgrMode;

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

  /** The key of the place of a run's data; the only one that may change while it is interrupted. */
  static final String DATA = "data";

  private SettingsFile() {}

  /** The YAML text. */
  public static String of(TrainSettings settings) {
    return yaml(options(settings));
  }

  /**
   * Makes sure that a run is continued with the settings it was begun with, but for the place of
   * its data, whose content {@link DataDigest} compares.
   *
   * @param file where the settings were found, for the message
   * @param found YAML text
   * @param expected YAML text
   * @throws BadInputException if they differ; the message has the first difference
   */
  public static void requireSame(Path file, String found, String expected) {
    List<String> a = apartFromData(found);
    List<String> b = apartFromData(expected);
    for (int i = 0; i < Math.max(a.size(), b.size()); i++) {
      String left = i < a.size() ? a.get(i) : "nothing more";
      String right = i < b.size() ? b.get(i) : "nothing more";
      if (!left.equals(right)) {
        throw new BadInputException(
            "%s is of another run: it has %s, expected %s".formatted(file, left, right));
      }
    }
  }

  private static List<String> apartFromData(String text) {
    return text.lines().filter(line -> !line.startsWith(DATA + ": ")).toList();
  }

  /** The value of a key at the top of a YAML text; empty if it is not there. */
  static String value(String text, String key) {
    try {
      return YAML.readTree(text).path(key).asText();
    } catch (JsonProcessingException e) {
      throw new BadInputException("settings that are no YAML: " + e.getOriginalMessage(), e);
    }
  }

  /** A YAML text of simple lines with another value of a key. */
  static String replace(String text, String key, String value) {
    String line = yaml(Map.of(key, value));
    return text.lines()
        .map(old -> old.startsWith(key + ": ") ? line : old + "\n")
        .collect(Collectors.joining());
  }

  /** Option names, without dashes, and values. */
  public static Map<String, Object> options(TrainSettings s) {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("model", s.model().toString());
    options.put("width", s.width());
    options.put("dataset", s.dataset().label());
    options.put(DATA, s.data());
    options.put("limit-train", s.limitTrain());
    options.put("limit-test", s.limitTest());
    options.put("augment", s.augment().toString());
    options.put("optimizer", s.optimizer().choice().toString());
    options.put("weight-decay", s.optimizer().weightDecay());
    if (s.optimizer().agrMode() != AgrMode.OFF) {
      options.put("agr-mode", label(s.optimizer().agrMode()));
      if (s.optimizer().agrUntil() < s.epochs()) {
        options.put("agr-until", s.optimizer().agrUntil());
      }
    }
    options.put("tensors", s.optimizer().tensors().toString());
    LearningRateSettings rate = s.learningRate();
    options.put("learning-rate", rate.initial());
    options.put("schedule", rate.schedule().toString());
    options.put("warmup-epochs", rate.warmupEpochs());
    if (!rate.milestones().isEmpty()) {
      options.put("milestones", rate.milestones());
    }
    options.put("gamma", rate.gamma());
    options.put("min-learning-rate", rate.minimum());
    options.put("epochs", s.epochs());
    options.put("batch-size", s.batchSize());
    options.put("label-smoothing", s.labelSmoothing());
    options.put("gradient-clipping", s.gradientClipping());
    options.put("seed", s.seed());
    return options;
  }

  /** A map or a record as YAML text; a record's names get dashes. */
  public static String yaml(Object values) {
    try {
      return YAML.writeValueAsString(values);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("names and numbers are always YAML", e);
    }
  }

  /** FIRST_MOMENT is first-moment. */
  public static String label(AgrMode mode) {
    return mode.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
