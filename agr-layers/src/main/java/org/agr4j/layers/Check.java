package org.agr4j.layers;

/** Settings at the door: the name, the value found and what is expected. */
final class Check {
  private Check() {}

  static double positive(String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(name + " = " + value + ", expected a number > 0");
    }
    return value;
  }

  static int atLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          name + " = " + value + ", expected a whole number >= " + least);
    }
    return value;
  }

  /** A share that may be 0 but not 1. */
  static double probability(String name, double value) {
    if (!(value >= 0) || value >= 1) {
      throw new IllegalArgumentException(
          name + " = " + value + ", expected a probability 0 <= p < 1");
    }
    return value;
  }
}
