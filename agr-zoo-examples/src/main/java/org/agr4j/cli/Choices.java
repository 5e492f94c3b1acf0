package org.agr4j.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.agr4j.settings.Setting;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** Reads the values of options that are no settings of a run. */
final class Choices {
  private Choices() {}

  static void register(CommandLine command) {
    command.setCaseInsensitiveEnumValuesAllowed(true);
    command.registerConverter(Path.class, Choices::path);
    command.registerConverter(Double.class, Choices::number);
    command.registerConverter(double.class, Choices::number);
  }

  private static double number(String text) {
    try {
      return Setting.decimal(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException("found '" + text + "', expected " + e.getMessage());
    }
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
}
