package org.agr4j.schedule;

import java.util.Objects;
import org.agr4j.internal.Require;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Half a cosine from an initial to a final value, without restarts:
 *
 * <pre>  value(i) = final + (initial − final) (1 + cos(π i / length)) / 2    for i ≤ length</pre>
 *
 * and the final value from there on. i is DL4J's iteration or epoch, counted from 0. Any value, not
 * only a learning rate. Source: arXiv 1608.03983, equation 5, one period.
 */
public final class CosineSchedule implements ISchedule {
  private static final long serialVersionUID = 1L;

  @JsonProperty private final ScheduleType scheduleType;
  @JsonProperty private final double initialValue;
  @JsonProperty private final double finalValue;
  @JsonProperty private final int length;

  /**
   * Creates a schedule that falls from an initial value to 0.
   *
   * @param scheduleType whether {@code length} counts iterations or epochs
   * @param initialValue value at the start, at least 0
   * @param length iterations or epochs from start to end, at least 1
   */
  public CosineSchedule(ScheduleType scheduleType, double initialValue, int length) {
    this(scheduleType, initialValue, 0, length);
  }

  /**
   * Creates a schedule that goes from an initial value to a final one.
   *
   * @param scheduleType whether {@code length} counts iterations or epochs
   * @param initialValue value at the start, at least 0
   * @param finalValue value at the end and after it, at least 0
   * @param length iterations or epochs from start to end, at least 1
   */
  @JsonCreator
  public CosineSchedule(
      @JsonProperty("scheduleType") ScheduleType scheduleType,
      @JsonProperty("initialValue") double initialValue,
      @JsonProperty("finalValue") double finalValue,
      @JsonProperty("length") int length) {
    this.scheduleType = Objects.requireNonNull(scheduleType, "scheduleType is null");
    this.initialValue = Require.nonNegative("initialValue", initialValue);
    this.finalValue = Require.nonNegative("finalValue", finalValue);
    this.length = Require.positive("length", length);
  }

  @Override
  public double valueAt(int iteration, int epoch) {
    int i = Math.min(scheduleType == ScheduleType.ITERATION ? iteration : epoch, length);
    return finalValue + (initialValue - finalValue) * (1 + Math.cos(Math.PI * i / length)) / 2;
  }

  @Override
  public CosineSchedule clone() {
    return new CosineSchedule(scheduleType, initialValue, finalValue, length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CosineSchedule c
        && scheduleType == c.scheduleType
        && initialValue == c.initialValue
        && finalValue == c.finalValue
        && length == c.length;
  }

  @Override
  public int hashCode() {
    return Objects.hash(scheduleType, initialValue, finalValue, length);
  }

  @Override
  public String toString() {
    return "CosineSchedule("
        + initialValue
        + " to "
        + finalValue
        + " in "
        + length
        + " "
        + scheduleType
        + "S)";
  }
}
