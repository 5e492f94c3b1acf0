package org.agr4j.settings;

import org.agr4j.input.BadInputException;

/** What a setting may be; a message names it as the command line does. */
public final class Numbers {
  private Numbers() {}

  /**
   * Refuses numbers below 0, infinite ones and NaN.
   *
   * @throws BadInputException in one line, with the option and the value
   */
  public static void nonNegative(String option, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new BadInputException(option + " is " + value + ", expected a number >= 0");
    }
  }

  /**
   * Refuses whole numbers below 1.
   *
   * @throws BadInputException in one line, with the option and the value
   */
  public static void positive(String option, int value) {
    if (value < 1) {
      throw new BadInputException(option + " is " + value + ", expected a whole number > 0");
    }
  }

  /**
   * Refuses whole numbers out of a range.
   *
   * @param least the smallest that is allowed
   * @param most the largest that is allowed
   * @throws BadInputException in one line, with the option, the value and the range
   */
  public static void between(String option, long value, long least, long most) {
    if (value < least || value > most) {
      throw new BadInputException(
          "%s is %d, expected a whole number from %d to %d".formatted(option, value, least, most));
    }
  }
}
