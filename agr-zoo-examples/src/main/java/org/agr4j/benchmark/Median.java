package org.agr4j.benchmark;

import java.util.List;
import org.apache.commons.math3.stat.StatUtils;

/** Medians of measurements. */
final class Median {
  private Median() {}

  /** Of at least one number; of an even count the mean of the two in the middle. */
  static double of(List<Double> values) {
    return StatUtils.percentile(values.stream().mapToDouble(Double::doubleValue).toArray(), 50);
  }
}
