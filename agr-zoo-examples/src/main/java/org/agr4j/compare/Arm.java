package org.agr4j.compare;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.agr4j.data.BadInputException;
import org.agr4j.train.OptimizerChoice;
import org.agr4j.train.SettingsFile;
import org.agr4j.updater.AgrMode;

/**
 * One side of a comparison.
 *
 * @param optimizer its optimizer
 * @param mode what sees Ψ; null for the optimizer's default
 * @param agrUntil epochs with Ψ; null for all
 */
public record Arm(OptimizerChoice optimizer, AgrMode mode, Integer agrUntil) {
  /**
   * Reads an arm as users write it: {@code adamw}, {@code adamw-agr}, {@code
   * adamw-agr:all-moments}.
   *
   * @throws BadInputException if there is no such optimizer or mode
   */
  public static Arm parse(String text) {
    String[] parts = text.strip().split(":", 2);
    OptimizerChoice optimizer =
        Arrays.stream(OptimizerChoice.values())
            .filter(choice -> choice.toString().equalsIgnoreCase(parts[0]))
            .findFirst()
            .orElseThrow(
                () ->
                    new BadInputException(
                        "--optimizers has '%s', expected names out of %s"
                            .formatted(
                                text,
                                Arrays.stream(OptimizerChoice.values())
                                    .map(OptimizerChoice::toString)
                                    .collect(Collectors.joining(", ")))));
    if (parts.length == 1) {
      return new Arm(optimizer, null, null);
    }
    if (optimizer.isAgr()) {
      for (AgrMode mode : new AgrMode[] {AgrMode.FIRST_MOMENT, AgrMode.ALL_MOMENTS}) {
        if (SettingsFile.label(mode).equalsIgnoreCase(parts[1])) {
          return new Arm(optimizer, mode, null);
        }
      }
    }
    throw new BadInputException(
        "--optimizers has '%s', expected a mode (first-moment or all-moments) only after adamw-agr or adan-agr"
            .formatted(text));
  }

  /**
   * A name for files: {@code adamw-agr}, {@code adamw-agr-all-moments}, {@code adamw-agr-until-5}.
   */
  public String name() {
    return optimizer
        + (mode == null || mode == AgrMode.FIRST_MOMENT ? "" : "-" + SettingsFile.label(mode))
        + (agrUntil == null ? "" : "-until-" + agrUntil);
  }

  /** A name for people: {@code AdamW(AGR)}, {@code Adan(AGR), all moments}. */
  public String title() {
    return optimizer.title()
        + (mode == null || mode == AgrMode.FIRST_MOMENT ? "" : ", all moments")
        + (agrUntil == null ? "" : " until epoch " + agrUntil);
  }
}
