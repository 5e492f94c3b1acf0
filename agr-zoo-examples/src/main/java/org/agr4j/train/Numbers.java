package org.agr4j.train;

import org.agr4j.data.BadInputException;

/** What a setting may be; a message names it as the command line does. */
public final class Numbers {
  private Numbers() {}

  static void nonNegative(String option, double value) {
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
}
