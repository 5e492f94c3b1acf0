package org.agr4j.benchmark;

import java.util.List;

/** The middle of some measurements. */
final class Median {
  private Median() {}

  /** Of at least one number; of an even count the mean of the two in the middle. */
  static double of(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
