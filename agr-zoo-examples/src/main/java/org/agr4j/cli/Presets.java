package org.agr4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agr4j.input.BadInputException;
import org.agr4j.run.RunFolder;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Setting;
import org.agr4j.settings.SettingsFile;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IDefaultValueProvider;
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
  private static final List<String> NOT_IN_FILES =
      List.of("recipe", "config", "resume", "out", "ui", "ui-address", "help", "version");
  private static final Pattern OPTION = Pattern.compile("--([a-z-]+)(=.*)?", Pattern.DOTALL);

  @Option(names = "--recipe")
  private String recipe;

  @Option(names = "--config")
  private Path config;

  @Option(names = "--resume")
  private Path resume;

  @Option(names = "--model")
  private String model;

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
    Map<String, OptionsFile.Entry> entries = presets.entries(options(command));
    Arrays.stream(args)
        .map(OPTION::matcher)
        .filter(Matcher::matches)
        .forEach(given -> entries.remove(given.group(1)));
    OptionsFile.Entry fromFile = entries.get(LoopSettings.MODEL.name());
    String model = fromFile == null ? presets.model : fromFile.value();
    if (model != null) {
      SettingOptions.narrow(command.getCommandSpec(), model);
    }
    command.setDefaultValueProvider(new FromFiles(entries));
  }

  /** Values that files give where the command line does not. */
  private record FromFiles(Map<String, OptionsFile.Entry> entries)
      implements IDefaultValueProvider {
    @Override
    public String defaultValue(ArgSpec arg) {
      OptionsFile.Entry entry = entries.get(name(arg));
      return entry == null ? null : entry.value();
    }
  }

  /**
   * The end of a message about an option whose value a file gave: the file and the line.
   *
   * @param command the command
   * @param option its name, with or without dashes
   * @return nothing if the value is not from a file
   */
  static String origin(CommandLine command, String option) {
    if (command.getDefaultValueProvider() instanceof FromFiles files) {
      OptionsFile.Entry entry = files.entries().get(option.replaceFirst("^--", ""));
      return entry == null ? "" : " (" + entry.place() + ")";
    }
    return "";
  }

  /**
   * The options a command has been given, or has by default in any case, as {@code --config} reads
   * them. Defaults that depend on other settings are left to depend on them.
   */
  static String used(CommandSpec command) {
    Map<String, Object> used = new LinkedHashMap<>();
    Map<String, Setting<?>> own = new SettingOptions(command).declared();
    for (OptionSpec option : command.options()) {
      String name = name(option);
      Object value = option.getValue();
      if (value == null && own.containsKey(name)) {
        value = own.get(name).constant();
      }
      boolean given = value != null && !(value instanceof Collection<?> list && list.isEmpty());
      if (given && !NOT_IN_FILES.contains(name)) {
        used.put(name, plain(option, value));
      }
    }
    return SettingsFile.yaml(used);
  }

  private static <T> Object plain(OptionSpec option, Object value) {
    @SuppressWarnings("unchecked")
    Setting<T> setting = (Setting<T>) SettingOptions.setting(option);
    if (setting != null && !setting.isList() && setting.type().isInstance(value)) {
      @SuppressWarnings("unchecked")
      T known = (T) value;
      return setting.plain(known);
    }
    return value instanceof Number || value instanceof Boolean || value instanceof Collection
        ? value
        : value.toString();
  }

  private Map<String, OptionsFile.Entry> entries(Map<String, OptionSpec> options) {
    Map<String, OptionsFile.Entry> entries = new LinkedHashMap<>();
    if (recipe != null) {
      entries.putAll(OptionsFile.parse("the recipe " + recipe, Recipes.text(recipe), options));
    }
    if (resume != null && Files.exists(resume.resolve(RunFolder.SETTINGS))) {
      entries.putAll(OptionsFile.read(resume.resolve(RunFolder.SETTINGS), options));
    }
    if (config != null) {
      entries.putAll(OptionsFile.read(config, options));
    }
    return entries;
  }

  /** Options a file may hold: not those that name files like it. */
  private static Map<String, OptionSpec> options(CommandLine command) {
    Map<String, OptionSpec> options = new TreeMap<>();
    command.getCommandSpec().options().forEach(option -> options.put(name(option), option));
    options.keySet().removeAll(NOT_IN_FILES);
    return options;
  }

  private static String name(ArgSpec arg) {
    return arg instanceof OptionSpec option ? option.longestName().replaceFirst("^--", "") : "";
  }
}
