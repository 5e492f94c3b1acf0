package org.agr4j.schedule;

import java.util.Locale;
import java.util.Objects;
import org.agr4j.internal.Require;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Linear warm-up from one value to another, and then any schedule, as training loops of vision
 * networks have it:
 *
 * <pre>
 *   c = max(0, i − lag)
 *   value(i) = start + (peak − start) · c / rise      for c &lt; length
 *   value(i) = schedule(c − skipped)                  from there on
 * </pre>
 *
 * <p>i is DL4J's iteration or epoch, counted from 0. With {@code rise} = {@code length} the peak is
 * the schedule's to reach; with {@code length − 1} the last value of the warm-up is the peak, too.
 * With {@code skipped} = {@code length} the schedule begins where the warm-up ends; with 0 it has
 * gone on beneath it. A lag of 1 is that of loops that set the rate after a step, for the next.
 *
 * <table>
 * <caption>Released loops</caption>
 * <tr><th></th><th>rise</th><th>skipped</th><th>lag</th></tr>
 * <tr><td>Swin (timm's cosine, warmup_prefix)</td><td>length</td><td>length</td><td>1</td></tr>
 * <tr><td>TinyViT (timm's cosine)</td><td>length</td><td>0</td><td>1</td></tr>
 * <tr><td>ConvNeXt</td><td>length − 1</td><td>length</td><td>0</td></tr>
 * <tr><td>DDPM, into a constant</td><td>length</td><td>any</td><td>0</td></tr>
 * </table>
 *
 * <p>{@link WarmupSchedule} multiplies instead, so that it needs no peak and never drops.
 */
public final class LinearWarmupSchedule implements ISchedule {
  private static final long serialVersionUID = 1L;

  @JsonProperty private final ScheduleType scheduleType;
  @JsonProperty private final double start;
  @JsonProperty private final double peak;
  @JsonProperty private final int length;
  @JsonProperty private final int rise;
  @JsonProperty private final int skipped;
  @JsonProperty private final int lag;
  @JsonProperty private final ISchedule schedule;

  /**
   * Creates a warm-up that goes over into a schedule.
   *
   * @param scheduleType whether {@code length} and {@code lag} count iterations or epochs
   * @param start first value, at least 0
   * @param peak value at the end of the rise, at least 0
   * @param length iterations or epochs of warm-up, at least 0
   * @param rise iterations or epochs from start to peak, at least 0; with 0 the warm-up stays at
   *     its start
   * @param skipped what is subtracted from the count that the schedule sees, 0 to {@code length};
   *     an epoch is left as it is where iterations are counted, and the other way round
   * @param lag iterations or epochs by which all is late, at least 0
   * @param schedule the schedule
   */
  @JsonCreator
  public LinearWarmupSchedule(
      @JsonProperty("scheduleType") ScheduleType scheduleType,
      @JsonProperty("start") double start,
      @JsonProperty("peak") double peak,
      @JsonProperty("length") int length,
      @JsonProperty("rise") int rise,
      @JsonProperty("skipped") int skipped,
      @JsonProperty("lag") int lag,
      @JsonProperty("schedule") ISchedule schedule) {
    this.scheduleType = Objects.requireNonNull(scheduleType, "scheduleType is null");
    this.start = Require.nonNegative("start", start);
    this.peak = Require.nonNegative("peak", peak);
    this.length = Require.nonNegative("length", length);
    this.rise = Require.nonNegative("rise", rise);
    this.skipped = Require.nonNegative("skipped", skipped);
    this.lag = Require.nonNegative("lag", lag);
    if (skipped > length) {
      throw new IllegalArgumentException(
          "skipped = " + skipped + ", expected at most length, " + length);
    }
    this.schedule = Objects.requireNonNull(schedule, "schedule is null");
  }

  @Override
  public double valueAt(int iteration, int epoch) {
    boolean isIteration = scheduleType == ScheduleType.ITERATION;
    int count = Math.max(0, (isIteration ? iteration : epoch) - lag);
    if (count < length) {
      return rise == 0 ? start : start + (peak - start) * count / rise;
    }
    int seen = count - skipped;
    return isIteration ? schedule.valueAt(seen, epoch) : schedule.valueAt(iteration, seen);
  }

  @Override
  public LinearWarmupSchedule clone() {
    return new LinearWarmupSchedule(
        scheduleType, start, peak, length, rise, skipped, lag, schedule.clone());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LinearWarmupSchedule w
        && scheduleType == w.scheduleType
        && start == w.start
        && peak == w.peak
        && length == w.length
        && rise == w.rise
        && skipped == w.skipped
        && lag == w.lag
        && schedule.equals(w.schedule);
  }

  @Override
  public int hashCode() {
    return Objects.hash(scheduleType, start, peak, length, rise, skipped, lag, schedule);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "LinearWarmupSchedule(%s to %s in %d of %d %sS, skipped %d, lag %d, into %s)",
        start,
        peak,
        rise,
        length,
        scheduleType,
        skipped,
        lag,
        schedule);
  }
}
