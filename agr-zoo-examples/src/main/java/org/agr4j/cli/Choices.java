package org.agr4j.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.agr4j.data.DatasetChoice;
import org.agr4j.train.AugmentChoice;
import org.agr4j.train.ModelChoice;
import org.agr4j.train.OptimizerChoice;
import org.agr4j.train.ScheduleChoice;
import org.agr4j.train.SettingsFile;
import org.agr4j.train.TensorChoice;
import org.agr4j.updater.AgrMode;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** Reads the names of enum constants as users write them. */
final class Choices {
  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?");

  private Choices() {}

  static void register(CommandLine command) {
    command.setCaseInsensitiveEnumValuesAllowed(true);
    command.registerConverter(Path.class, Choices::path);
    command.registerConverter(DatasetChoice.class, name -> named(DatasetChoice.values(), name));
    command.registerConverter(ModelChoice.class, name -> named(ModelChoice.values(), name));
    command.registerConverter(ScheduleChoice.class, name -> named(ScheduleChoice.values(), name));
    command.registerConverter(TensorChoice.class, name -> named(TensorChoice.values(), name));
    command.registerConverter(AugmentChoice.class, name -> named(AugmentChoice.values(), name));
    command.registerConverter(Double.class, Choices::number);
    command.registerConverter(double.class, Choices::number);
    command.registerConverter(AgrMode.class, Choices::mode);
    command.registerConverter(OptimizerChoice.class, name -> named(OptimizerChoice.values(), name));
  }

  private static Path path(String name) {
    if (name.isEmpty()) {
      throw new TypeConversionException("found '', expected the name of a file or folder");
    }
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new TypeConversionException(FailureLine.unnameable(e));
    }
  }

  /** A decimal number; Java's own also reads {@code 0x1p3}, {@code 1d} and {@code Infinity}. */
  private static double number(String text) {
    if (!DECIMAL.matcher(text).matches()) {
      throw new TypeConversionException("found '" + text + "', expected a number such as 5e-4");
    }
    return Double.parseDouble(text);
  }

  private static AgrMode mode(String name) {
    for (AgrMode mode : AgrMode.values()) {
      if (SettingsFile.label(mode).equalsIgnoreCase(name)) {
        return mode;
      }
    }
    throw new TypeConversionException("found '" + name + "', expected first-moment, all-moments");
  }

  private static <T> T named(T[] choices, String name) {
    for (T choice : choices) {
      if (choice.toString().equalsIgnoreCase(name)) {
        return choice;
      }
    }
    throw new TypeConversionException(
        "found '%s', expected %s"
            .formatted(
                name,
                Arrays.stream(choices).map(Object::toString).collect(Collectors.joining(", "))));
  }
}
