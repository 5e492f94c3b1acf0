package org.agr4j.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.agr4j.data.BadInputException;
import org.agr4j.schedule.CosineSchedule;
import org.agr4j.schedule.WarmupSchedule;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/**
 * The learning rate over a run.
 *
 * @param initial η ≥ 0
 * @param schedule how it goes down
 * @param warmupEpochs epochs, also parts of one, of a linear rise at the start, at least 0
 * @param milestones for {@link ScheduleChoice#MULTI_STEP}: epochs after which η is multiplied by
 *     gamma, rising
 * @param gamma for {@link ScheduleChoice#MULTI_STEP}: the factor, at least 0
 * @param minimum for {@link ScheduleChoice#COSINE}: where η ends, at least 0
 */
public record LearningRateSettings(
    double initial,
    ScheduleChoice schedule,
    double warmupEpochs,
    List<Integer> milestones,
    double gamma,
    double minimum) {

  /** Of the paper's CIFAR-100 experiments. */
  public static final double DEFAULT_GAMMA = 0.2;

  /** Checks the numbers. */
  public LearningRateSettings {
    Numbers.nonNegative("--learning-rate", initial);
    Numbers.nonNegative("--warmup-epochs", warmupEpochs);
    Numbers.nonNegative("--gamma", gamma);
    Numbers.nonNegative("--min-learning-rate", minimum);
    if (minimum > initial) {
      throw new BadInputException(
          "--min-learning-rate is %s with --learning-rate %s, expected at most as much"
              .formatted(minimum, initial));
    }
    milestones = List.copyOf(milestones);
    int before = 0;
    for (int milestone : milestones) {
      if (milestone <= before) {
        throw new BadInputException(
            "--milestones is " + milestones + ", expected rising whole numbers > 0");
      }
      before = milestone;
    }
    if (schedule == ScheduleChoice.MULTI_STEP && milestones.isEmpty()) {
      throw new BadInputException(
          "--schedule is multi-step and --milestones is missing, expected epochs such as 60,120");
    }
  }

  /** The same rate in every step. */
  public static LearningRateSettings constant(double learningRate) {
    return new LearningRateSettings(
        learningRate, ScheduleChoice.CONSTANT, 0, List.of(), DEFAULT_GAMMA, 0);
  }

  /**
   * As DL4J has it.
   *
   * @param stepsPerEpoch minibatches of an epoch
   * @param epochs epochs of the run, where a cosine ends
   */
  ISchedule over(int stepsPerEpoch, int epochs) {
    ISchedule decline =
        switch (schedule) {
          case CONSTANT -> new FixedSchedule(initial);
          case MULTI_STEP -> new MapSchedule(ScheduleType.EPOCH, steps());
          case COSINE ->
              new CosineSchedule(
                  ScheduleType.ITERATION,
                  initial,
                  minimum,
                  Math.multiplyExact(stepsPerEpoch, epochs));
        };
    int warmup = (int) Math.round(warmupEpochs * stepsPerEpoch);
    return warmup == 0 ? decline : new WarmupSchedule(ScheduleType.ITERATION, warmup, decline);
  }

  private Map<Integer, Double> steps() {
    Map<Integer, Double> rates = new LinkedHashMap<>();
    double rate = initial;
    rates.put(0, rate);
    for (int milestone : milestones) {
      rate *= gamma;
      rates.put(milestone, rate);
    }
    return rates;
  }
}
