package org.agr4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.agr4j.data.BadInputException;
import org.agr4j.train.RunFolder;
import org.agr4j.train.SettingsFile;
import org.agr4j.train.TrainSettings;
import org.agr4j.updater.AgrMode;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * Options from files: a recipe, a {@code --config} file, the settings of the run to resume. They
 * are read before the command line is, and stand in for options that are not on it.
 */
@Command
final class Presets {
  private static final String RECIPES = "/org/agr4j/recipes/";
  private static final List<String> RECIPE_NAMES = List.of("cifar100", "tiny-imagenet");
  private static final List<String> NOT_IN_FILES =
      List.of("recipe", "config", "resume", "out", "ui", "ui-address", "help", "version");
  private static final YAMLMapper YAML = new YAMLMapper();

  @Option(names = "--recipe")
  private String recipe;

  @Option(names = "--config")
  private Path config;

  @Option(names = "--resume")
  private Path resume;

  private Presets() {}

  /**
   * Lets a command take options from the files that its arguments name.
   *
   * @param command the command
   * @param args its arguments
   * @throws BadInputException if a file cannot be read or has a key that is no option
   */
  static void apply(CommandLine command, String... args) {
    Presets presets = new Presets();
    try {
      new CommandLine(presets).setUnmatchedArgumentsAllowed(true).parseArgs(args);
    } catch (ParameterException e) {
      return; // the command finds the same mistake, and tells of it with its own name
    }
    Map<String, String> values = presets.values(names(command));
    command.setDefaultValueProvider(arg -> values.get(name(arg)));
  }

  /** The options a command has been given, or has by default, as {@code --config} reads them. */
  static String used(CommandSpec command) {
    Map<String, Object> used = new LinkedHashMap<>();
    for (OptionSpec option : command.options()) {
      String name = name(option);
      Object value = option.getValue();
      boolean given = value != null && !(value instanceof Collection<?> list && list.isEmpty());
      if (given && !NOT_IN_FILES.contains(name)) {
        used.put(name, plain(name, value));
      }
    }
    return SettingsFile.yaml(used);
  }

  private static Object plain(String name, Object value) {
    if (value instanceof AgrMode mode) {
      return SettingsFile.label(mode);
    }
    if (name.equals("data") && !value.equals(TrainSettings.SYNTHETIC)) {
      return Path.of((String) value).toAbsolutePath().normalize().toString();
    }
    return value instanceof Number || value instanceof Boolean || value instanceof Collection
        ? value
        : value.toString();
  }

  private Map<String, String> values(Collection<String> names) {
    Map<String, String> values = new LinkedHashMap<>();
    if (recipe != null) {
      if (!RECIPE_NAMES.contains(recipe)) {
        throw new BadInputException(
            "--recipe is " + recipe + ", expected " + String.join(" or ", RECIPE_NAMES));
      }
      try (InputStream in = Presets.class.getResourceAsStream(RECIPES + recipe + ".yaml")) {
        put(values, "the recipe " + recipe, new String(in.readAllBytes(), UTF_8), names);
      } catch (IOException e) {
        throw new IllegalStateException("recipes are part of this program", e);
      }
    }
    if (resume != null && Files.exists(resume.resolve(RunFolder.SETTINGS))) {
      put(values, resume.resolve(RunFolder.SETTINGS), names);
    }
    if (config != null) {
      put(values, config, names);
    }
    return values;
  }

  private static void put(Map<String, String> values, Path file, Collection<String> names) {
    try {
      put(values, file.toString(), Files.readString(file), names);
    } catch (IOException e) {
      throw new BadInputException(
          file + " cannot be read (" + e.getClass().getSimpleName() + "), expected a YAML file", e);
    }
  }

  private static void put(
      Map<String, String> values, String source, String text, Collection<String> names) {
    Map<String, Object> read;
    try {
      JsonNode root = YAML.readTree(text);
      if (root.isNull() || root.isMissingNode()) {
        throw new BadInputException(source + " holds nothing, expected lines 'option: value'");
      }
      read = YAML.readValue(text, new TypeReference<LinkedHashMap<String, Object>>() {});
    } catch (JsonProcessingException e) {
      throw new BadInputException(
          "%s is not YAML of the form 'option: value' (line %d)"
              .formatted(source, e.getLocation() == null ? 1 : e.getLocation().getLineNr()),
          e);
    }
    read.forEach(
        (key, value) -> {
          if (!names.contains(key)) {
            throw new BadInputException(
                "%s has the unknown key '%s', expected an option; the nearest is '%s'"
                    .formatted(source, key, nearest(key, names)));
          }
          if (!(value instanceof Collection<?> list && list.isEmpty())) {
            values.put(key, text(source, key, value));
          }
        });
  }

  private static String text(String source, String key, Object value) {
    if (value instanceof Collection<?> list) {
      return list.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
    if (value == null || value instanceof Map) {
      throw new BadInputException(
          source + " has no simple value for '" + key + "', expected a number, a name or a list");
    }
    return value.toString();
  }

  private static String nearest(String key, Collection<String> names) {
    return names.stream()
        .min(Comparator.comparingInt(name -> editDistance(key, name)))
        .orElseThrow();
  }

  /** Levenshtein's: insertions, deletions and replacements of one character. */
  private static int editDistance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(diagonal, row[j - 1]));
      }
    }
    return row[b.length()];
  }

  /** Options a file may hold: not those that name files like it. */
  private static Collection<String> names(CommandLine command) {
    Collection<String> names = new TreeSet<>();
    command.getCommandSpec().options().forEach(option -> names.add(name(option)));
    names.removeAll(NOT_IN_FILES);
    return names;
  }

  private static String name(ArgSpec arg) {
    return arg instanceof OptionSpec option ? option.longestName().replaceFirst("^--", "") : "";
  }
}
