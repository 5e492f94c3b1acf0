package org.agr4j.internal;

/** Refuses hyper-parameters out of range; the message gives name, value and what is expected. */
public final class Require {
  private Require() {}

  /** Returns a value that has to be a finite number ≥ 0. */
  public static double nonNegative(String name, double value) {
    return check(value >= 0 && value < Double.POSITIVE_INFINITY, name, value, "a number >= 0");
  }

  /** Returns a value that has to be a finite number &gt; 0. */
  public static double positive(String name, double value) {
    return check(value > 0 && value < Double.POSITIVE_INFINITY, name, value, "a number > 0");
  }

  /** Returns a value that has to be a number in [0, 1]. */
  public static double inUnitInterval(String name, double value) {
    return check(value >= 0 && value <= 1, name, value, "a number in [0, 1]");
  }

  /** Returns a value that has to be a number in [0, 1), as β is. */
  public static double decayRate(String name, double value) {
    return check(value >= 0 && value < 1, name, value, "a number in [0, 1)");
  }

  /** Returns a value that has to be a whole number &gt; 0. */
  public static int positive(String name, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + " = " + value + ", expected a whole number > 0");
    }
    return value;
  }

  /** Returns a value that has to be a whole number ≥ 0. */
  public static int nonNegative(String name, int value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + " = " + value + ", expected a whole number >= 0");
    }
    return value;
  }

  private static double check(boolean holds, String name, double value, String expected) {
    if (!holds) { // also where value is NaN
      throw new IllegalArgumentException(name + " = " + value + ", expected " + expected);
    }
    return value;
  }
}
