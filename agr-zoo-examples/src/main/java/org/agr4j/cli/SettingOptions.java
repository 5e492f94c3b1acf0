package org.agr4j.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.agr4j.input.BadInputException;
import org.agr4j.launch.ShellCommand;
import org.agr4j.run.DataDigest;
import org.agr4j.run.RunFolder;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Setting;
import org.agr4j.settings.Settings;
import org.agr4j.settings.SettingsFile;
import org.agr4j.task.TaskTypes;
import org.agr4j.train.DataProgress;
import org.agr4j.train.Task;
import org.agr4j.train.TaskType;
import org.agr4j.train.Trainer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/**
 * The options of a command that are settings of runs, made from their declarations: those of all
 * tasks, of which {@code --model} chooses one.
 */
public final class SettingOptions {
  private final CommandSpec spec;

  /** The options of a command that {@link #addTo} was called for. */
  public SettingOptions(CommandSpec spec) {
    this.spec = spec;
  }

  /**
   * Adds an option for each setting of each task.
   *
   * @param spec the command
   * @param leftOut settings that the command gives by other options, or not at all
   * @param more settings beside those of tasks
   */
  public static void addTo(CommandSpec spec, Set<Setting<?>> leftOut, List<Setting<?>> more) {
    Set<String> models = new LinkedHashSet<>();
    TaskTypes.all().forEach(type -> models.addAll(type.models()));
    Map<String, List<Setting<?>>> alike = declarations();
    Map<String, OptionSpec> options = new LinkedHashMap<>();
    more.forEach(
        setting -> options.put(setting.name(), option(setting, "", models, List.of(setting))));
    for (TaskType type : TaskTypes.all()) {
      String of = type == TaskTypes.all().get(0) ? "" : " (" + type.name() + ")";
      for (Setting<?> setting : type.settings(DataProgress.SILENT)) {
        if (!leftOut.contains(setting)) {
          options.putIfAbsent(
              setting.name(), option(setting, of, models, alike.get(setting.name())));
        }
      }
    }
    options.values().forEach(spec::addOption);
  }

  /**
   * Shows in {@code --help} what means something to the task of a model, in its words.
   *
   * @param spec the command
   * @param model the model; nothing changes if there is none of that name
   */
  static void narrow(CommandSpec spec, String model) {
    TaskTypes.ofModel(model)
        .ifPresent(
            type -> {
              Map<String, Setting<?>> own = byName(type.settings(DataProgress.SILENT));
              Set<String> others = new LinkedHashSet<>();
              TaskTypes.all()
                  .forEach(
                      other -> others.addAll(byName(other.settings(DataProgress.SILENT)).keySet()));
              for (OptionSpec option : List.copyOf(spec.options())) {
                String name = name(option);
                if (own.containsKey(name)) {
                  String help = own.get(name).help().replace("%", "%%");
                  replace(spec, option, OptionSpec.builder(option).description(help));
                } else if (others.contains(name)) {
                  replace(spec, option, OptionSpec.builder(option).hidden(true));
                }
              }
            });
  }

  private static void replace(CommandSpec spec, OptionSpec old, OptionSpec.Builder changed) {
    spec.remove(old);
    spec.addOption(changed.build());
  }

  private static Map<String, Setting<?>> byName(Collection<Setting<?>> settings) {
    Map<String, Setting<?>> byName = new LinkedHashMap<>();
    settings.forEach(setting -> byName.put(setting.name(), setting));
    return byName;
  }

  /**
   * An option of a setting.
   *
   * @param alike the declarations of its name by all tasks; where these choose from different
   *     values, as data sets, the option takes all, and {@link #given} those of the task
   */
  private static OptionSpec option(
      Setting<?> setting, String of, Set<String> models, List<Setting<?>> alike) {
    boolean isModel = setting.equals(LoopSettings.MODEL);
    String help =
        isModel
            ? "Network: " + String.join(", ", models) + " (default " + first(models) + ")."
            : setting.help() + of;
    OptionSpec.Builder option =
        OptionSpec.builder(setting.option()).description(help.replace("%", "%%"));
    if (setting.isFlag()) {
      // With a fallback, or picocli turns it off where a file has turned it on.
      return option.type(Boolean.class).arity("0").fallbackValue("true").build();
    }
    option.paramLabel(setting.placeholder()).arity("1");
    if (setting.isList()) {
      return option
          .type(List.class)
          .auxiliaryTypes(setting.type())
          .splitRegex(",")
          .converters(text -> convert(setting, text))
          .build();
    }
    option.type(setting.type());
    if (isModel) {
      option.converters(text -> model(text, models));
    } else if (setting.type() != Integer.class && setting.type() != Long.class) {
      option.converters(text -> convert(alike, text));
    }
    return option.build();
  }

  private static String first(Collection<String> names) {
    return names.iterator().next();
  }

  private static Object convert(Setting<?> setting, String text) {
    return convert(List.of(setting), text);
  }

  /** The value that a text is to the first of some settings that can read it. */
  private static Object convert(List<Setting<?>> alike, String text) {
    Set<String> expected = new LinkedHashSet<>();
    for (Setting<?> setting : alike) {
      try {
        Object value = setting.read(text);
        return setting.isList() ? ((List<?>) value).get(0) : value;
      } catch (InvalidPathException e) {
        throw new TypeConversionException(FailureLine.unnameable(e));
      } catch (IllegalArgumentException e) {
        expected.add(e.getMessage());
      }
    }
    throw new TypeConversionException(
        "found '" + text + "', expected " + String.join(", ", expected));
  }

  private static String model(String text, Set<String> models) {
    return models.stream()
        .filter(text::equalsIgnoreCase)
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "found '" + text + "', expected " + String.join(", ", models)));
  }

  static String name(OptionSpec option) {
    return option.longestName().replaceFirst("^--", "");
  }

  /** The task that the options choose. */
  public TaskType type() {
    OptionSpec model = spec.findOption(LoopSettings.MODEL.option());
    String name = model.getValue();
    return name == null
        ? TaskTypes.all().get(0)
        : TaskTypes.ofModel(name).orElseThrow(() -> new BadInputException("--model is " + name));
  }

  /** The settings that mean something to that task, by name. */
  Map<String, Setting<?>> declared() {
    return byName(type().settings(DataProgress.SILENT));
  }

  /**
   * The values that were given, by the names of their settings.
   *
   * @throws BadInputException if one means nothing to the task that was chosen
   */
  public Map<String, Object> given() {
    TaskType type = type();
    Map<String, Object> given = new LinkedHashMap<>();
    Map<String, Setting<?>> declared = declared();
    Set<String> own = declared.keySet();
    for (Setting<?> setting : allSettings()) {
      OptionSpec option = spec.findOption(setting.option());
      Object value = option == null ? null : option.getValue();
      if (value != null && !(value instanceof Collection<?> list && list.isEmpty())) {
        if (!own.contains(setting.name())) {
          throw new BadInputException(
              "%s is given and means nothing to %s, expected options that --model %s --help shows"
                  .formatted(setting, type.name(), first(type.models())));
        }
        given.put(setting.name(), ownValue(declared.get(setting.name()), value, type));
      }
    }
    return given;
  }

  /** The value of a setting of no task: as it was given, or else its default in any case. */
  public <T> T value(Setting<T> setting) {
    T value = spec.findOption(setting.option()).getValue();
    return value == null ? setting.constant() : value;
  }

  /** Tasks may choose from different values under one name, as data sets. */
  private static Object ownValue(Setting<?> own, Object value, TaskType type) {
    if (!own.isChoice() || own.isList() || own.type().isInstance(value)) {
      return value;
    }
    try {
      return own.read(value.toString());
    } catch (IllegalArgumentException e) {
      throw new BadInputException(
          "%s is %s, which means nothing to %s, expected %s"
              .formatted(own, value, type.name(), e.getMessage()),
          e);
    }
  }

  /** The settings of all tasks by name, in the order of the tasks. */
  private static Map<String, List<Setting<?>>> declarations() {
    Map<String, List<Setting<?>>> all = new LinkedHashMap<>();
    for (TaskType type : TaskTypes.all()) {
      for (Setting<?> setting : type.settings(DataProgress.SILENT)) {
        all.computeIfAbsent(setting.name(), name -> new ArrayList<>()).add(setting);
      }
    }
    return all;
  }

  private static List<Setting<?>> allSettings() {
    return declarations().values().stream().<Setting<?>>map(alike -> alike.get(0)).toList();
  }

  /** The declaration of the setting that an option is of; null if it is of none. */
  static Setting<?> setting(OptionSpec option) {
    return allSettings().stream()
        .filter(setting -> setting.name().equals(name(option)))
        .findFirst()
        .orElse(null);
  }

  /**
   * The settings of a run of this command.
   *
   * @param more values of settings that are not options of this command, by name
   * @throws BadInputException if a value is missing, not allowed, or fits no other
   */
  public Settings settings(Map<String, Object> more) {
    TaskType type = type();
    Map<String, Object> all = given();
    all.putAll(more);
    return Settings.of(type.settings(new DataBar()), all, type::check);
  }

  /** Reads or makes the data of a run, with a bar where that takes long. */
  public Task open(Settings settings, Task before) {
    return type().open(settings, before, new DataBar());
  }

  /**
   * Makes sure that a finished run is the one that was asked for; its data are read only where they
   * are said to be elsewhere now.
   *
   * @throws BadInputException if it was begun with other settings or data
   */
  public void requireSame(RunFolder finished, Settings settings) {
    Trainer.requireSameSettings(finished, settings);
    String place = place(settings);
    if (!place.isEmpty() && DataDigest.isElsewhere(finished, place)) {
      Trainer.requireSame(finished, settings, open(settings, null));
    }
  }

  /**
   * Makes sure that the data of a run lie where it says.
   *
   * @param settings of the run
   * @param resume the run's folder; null for one that begins
   * @throws BadInputException if an old run's data are gone, with what to do
   */
  public void requireData(Settings settings, Path resume) {
    String place = place(settings);
    if (resume != null && Path.of(place).isAbsolute() && !Files.exists(Path.of(place))) {
      throw new BadInputException(
          "--data is %s, which is not there, expected the data of the run in %s; if they have moved: %s %s --resume %s --data NEW-PLACE"
              .formatted(
                  place,
                  resume,
                  ShellCommand.program(),
                  spec.name().replaceFirst("^agr ", ""),
                  ShellCommand.word(resume)));
    }
  }

  private static String place(Settings settings) {
    return String.valueOf(settings.stored().getOrDefault(SettingsFile.DATA, ""));
  }
}
