package org.agr4j.cli;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.agr4j.data.DatasetChoice;
import org.agr4j.train.ModelChoice;
import org.agr4j.train.OptimizerChoice;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** Reads the names of enum constants as users write them. */
final class Choices {
  private Choices() {}

  static void register(CommandLine command) {
    command.setCaseInsensitiveEnumValuesAllowed(true);
    command.registerConverter(DatasetChoice.class, name -> named(DatasetChoice.values(), name));
    command.registerConverter(ModelChoice.class, name -> named(ModelChoice.values(), name));
    command.registerConverter(OptimizerChoice.class, name -> named(OptimizerChoice.values(), name));
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
