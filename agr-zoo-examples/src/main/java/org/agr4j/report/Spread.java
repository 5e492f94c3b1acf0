package org.agr4j.report;

import java.util.Collection;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * Mean and spread of one number over seeds.
 *
 * @param n how many values, at least 1
 * @param mean their mean x̄
 * @param deviation sample standard deviation √(Σ(x − x̄)² / (n − 1)); NaN for one value
 */
public record Spread(int n, double mean, double deviation) {
  private static final double LEVEL = 0.95;

  /**
   * Mean and deviation of the values.
   *
   * @throws IllegalArgumentException if there are none or one is not finite
   */
  public static Spread of(Collection<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("values is empty, expected at least one");
    }
    double sum = 0;
    for (double value : values) {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("values has " + value + ", expected finite numbers");
      }
      sum += value;
    }
    double mean = sum / values.size();
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return new Spread(
        values.size(),
        mean,
        values.size() == 1 ? Double.NaN : Math.sqrt(squares / (values.size() - 1)));
  }

  /** Half the width of the mean's 95% interval. */
  public double halfInterval() {
    return halfInterval(LEVEL);
  }

  /**
   * Half the width of the mean's interval by Student's t with n − 1 degrees of freedom: t ·
   * deviation / √n; NaN for one value. It presumes values that are independent and near normal.
   *
   * @param level of the interval, 0.95 as a rule
   */
  public double halfInterval(double level) {
    return n == 1
        ? Double.NaN
        : new TDistribution(n - 1).inverseCumulativeProbability((1 + level) / 2)
            * deviation
            / Math.sqrt(n);
  }
}
