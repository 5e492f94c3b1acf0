package org.agr4j.schedule;

import java.util.Objects;
import org.agr4j.internal.Require;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Linear warm-up around any schedule:
 *
 * <pre>  value(i) = schedule(i) · min(1, (i + 1) / (length + 1))</pre>
 *
 * so that the first step is short but not lost, and step {@code length} is the first at full value.
 * i is DL4J's iteration or epoch, counted from 0. The schedule inside sees the same i, it is not
 * shifted by the warm-up, and it is multiplied, so that the rise ends where it goes on.
 *
 * <p>timm without {@code warmup_prefix} does not shift either, but rises to the inner schedule's
 * first value and drops from there. ConvNeXt's released code does shift: its cosine starts when the
 * warm-up ends. With 20 of 300 epochs, step by step into a cosine to 0, they differ from this by at
 * most 1.1% and 6.3% of the highest value.
 */
public final class WarmupSchedule implements ISchedule {
  private static final long serialVersionUID = 1L;

  @JsonProperty private final ScheduleType scheduleType;
  @JsonProperty private final int length;
  @JsonProperty private final ISchedule schedule;

  /**
   * Creates a warm-up that ends in a constant.
   *
   * @param scheduleType whether {@code length} counts iterations or epochs
   * @param length iterations or epochs of warm-up, at least 1
   * @param value value after it, at least 0
   */
  public WarmupSchedule(ScheduleType scheduleType, int length, double value) {
    this(scheduleType, length, new FixedSchedule(Require.nonNegative("value", value)));
  }

  /**
   * Creates a warm-up that goes over into a schedule.
   *
   * @param scheduleType whether {@code length} counts iterations or epochs
   * @param length iterations or epochs of warm-up, at least 1
   * @param schedule the schedule, which the warm-up scales
   */
  @JsonCreator
  public WarmupSchedule(
      @JsonProperty("scheduleType") ScheduleType scheduleType,
      @JsonProperty("length") int length,
      @JsonProperty("schedule") ISchedule schedule) {
    this.scheduleType = Objects.requireNonNull(scheduleType, "scheduleType is null");
    this.length = Require.positive("length", length);
    this.schedule = Objects.requireNonNull(schedule, "schedule is null");
  }

  @Override
  public double valueAt(int iteration, int epoch) {
    int i = scheduleType == ScheduleType.ITERATION ? iteration : epoch;
    double full = schedule.valueAt(iteration, epoch);
    return i >= length ? full : full * (i + 1.0) / (length + 1.0);
  }

  @Override
  public WarmupSchedule clone() {
    return new WarmupSchedule(scheduleType, length, schedule.clone());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WarmupSchedule w
        && scheduleType == w.scheduleType
        && length == w.length
        && schedule.equals(w.schedule);
  }

  @Override
  public int hashCode() {
    return Objects.hash(scheduleType, length, schedule);
  }

  @Override
  public String toString() {
    return "WarmupSchedule(" + length + " " + scheduleType + "S into " + schedule + ")";
  }
}
