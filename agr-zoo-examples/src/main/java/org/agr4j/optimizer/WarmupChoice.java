package org.agr4j.optimizer;

import org.agr4j.schedule.LinearWarmupSchedule;
import org.agr4j.schedule.WarmupSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/**
 * How the learning rate rises over the first n steps of a run, and where the schedule stands when
 * it has: ours, or that of a network's released training code, step by step ({@link
 * LinearWarmupSchedule}).
 */
public enum WarmupChoice {
  /** The schedule, which begins in step 0, times (i + 1)/(n + 1). */
  SCALED("scaled", false, false, 0),
  /** A line from the start rate; the schedule begins after it; all is one step late. */
  SWIN("swin", false, true, 1),
  /** A line from the start rate; the schedule is in its n-th step after it; one step late. */
  TINYVIT("tinyvit", false, false, 1),
  /** A line that ends in step n − 1; the schedule begins after it. */
  CONVNEXT("convnext", true, true, 0),
  /** A line that ends in step n; the schedule begins there. */
  DDPM("ddpm", false, true, 0);

  private final String label;
  private final boolean isPeakWithin;
  private final boolean isBeforeSchedule;
  private final int lag;

  WarmupChoice(String label, boolean isPeakWithin, boolean isBeforeSchedule, int lag) {
    this.label = label;
    this.isPeakWithin = isPeakWithin;
    this.isBeforeSchedule = isBeforeSchedule;
    this.lag = lag;
  }

  @Override
  public String toString() {
    return label;
  }

  /** Whether it is a line, which has a rate to start from. */
  boolean isLine() {
    return this != SCALED;
  }

  /** Steps of a run that are left to the schedule. */
  int scheduled(int steps, int warmup) {
    return isBeforeSchedule ? Math.max(1, steps - warmup) : steps;
  }

  /**
   * A schedule with the rise before it.
   *
   * @param start where a line starts
   * @param peak where it ends
   * @param warmup steps of it, at least 0
   * @param schedule of {@link #scheduled} steps
   */
  ISchedule before(double start, double peak, int warmup, ISchedule schedule) {
    if (isLine()) {
      return new LinearWarmupSchedule(
          ScheduleType.ITERATION,
          start,
          peak,
          warmup,
          isPeakWithin && warmup > 0 ? warmup - 1 : warmup,
          isBeforeSchedule ? warmup : 0,
          lag,
          schedule);
    }
    return warmup == 0 ? schedule : new WarmupSchedule(ScheduleType.ITERATION, warmup, schedule);
  }
}
