package org.agr4j.optimizer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.agr4j.input.BadInputException;
import org.agr4j.schedule.CosineSchedule;
import org.agr4j.settings.Fact;
import org.agr4j.settings.Setting;
import org.agr4j.settings.Settings;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/**
 * The learning rate of every step of a run.
 *
 * @param initial η ≥ 0
 * @param schedule how it goes down
 * @param warmupEpochs epochs, also parts of one, of a linear rise at the start, at least 0
 * @param warmup how it rises
 * @param warmupStart where it rises from; 0 for {@link WarmupChoice#SCALED}, which has its own
 * @param milestones for {@link ScheduleChoice#MULTI_STEP}: epochs after which η is multiplied by
 *     gamma, rising
 * @param gamma for {@link ScheduleChoice#MULTI_STEP}: the factor, at least 0
 * @param minimum for {@link ScheduleChoice#COSINE}: where η ends, at least 0
 */
public record LearningRateSettings(
    double initial,
    ScheduleChoice schedule,
    double warmupEpochs,
    WarmupChoice warmup,
    double warmupStart,
    List<Integer> milestones,
    double gamma,
    double minimum) {

  /** Of the paper's CIFAR-100 experiments. */
  public static final double DEFAULT_GAMMA = 0.2;

  /** η where it begins; its default is the optimizer's. */
  public static final Setting<Double> LEARNING_RATE =
      nonNegative("learning-rate")
          .help("Default 0.001, nesterovs 0.1.")
          .fallback(s -> s.get(OptimizerSettings.OPTIMIZER).defaultLearningRate())
          .fact(Fact.of(Fact.Line.RATE, "learning rate "));

  /** How η goes down. */
  public static final Setting<ScheduleChoice> SCHEDULE =
      Setting.choice("schedule", "NAME", ScheduleChoice.class)
          .help("Of the learning rate: %s (default cosine).")
          .fallback(ScheduleChoice.COSINE)
          .fact(new Fact<>(Fact.Line.RATE, "", (schedule, s) -> from(s).decline()));

  /** Epochs of a linear rise at the start. */
  public static final Setting<Double> WARMUP_EPOCHS =
      nonNegative("warmup-epochs")
          .help("Epochs of a linear rise at the start (default 0).")
          .fallback(0.0)
          .fact(new Fact<>(Fact.Line.RATE, "", (epochs, s) -> epochs == 0 ? null : from(s).rise()));

  /** How η rises. */
  public static final Setting<WarmupChoice> WARMUP =
      Setting.choice("warmup", "NAME", WarmupChoice.class)
          .help(
              "How it rises in n steps: scaled, the schedule times (i+1)/(n+1), or as released code "
                  + "does, from --warmup-start: swin (the cosine begins after it; one step late), "
                  + "tinyvit (the cosine counts from step 0; one step late), convnext (the peak in "
                  + "step n-1, then the cosine), ddpm (the peak in step n) (default scaled).")
          .fallback(WarmupChoice.SCALED)
          .storedIf(s -> s.get(LearningRateSettings.WARMUP).isLine());

  /** Where it rises from. */
  public static final Setting<Double> WARMUP_START =
      nonNegative("warmup-start")
          .help("Learning rate of step 0 with --warmup swin, tinyvit, convnext, ddpm (default 0).")
          .fallback(0.0)
          .storedIf(s -> s.get(WARMUP).isLine());

  /** Epochs after which η is multiplied by γ. */
  public static final Setting<List<Integer>> MILESTONES =
      Setting.wholes("milestones", "EPOCH")
          .help("multi-step: epochs after which the learning rate is multiplied by --gamma.")
          .check(LearningRateSettings::areRising, "rising whole numbers > 0")
          .fallback(List.of())
          .storedIf(s -> !s.get(LearningRateSettings.MILESTONES).isEmpty());

  /** The factor γ at a milestone. */
  public static final Setting<Double> GAMMA =
      nonNegative("gamma").help("multi-step: the factor (default 0.2).").fallback(DEFAULT_GAMMA);

  /** Where a cosine ends. */
  public static final Setting<Double> MIN_LEARNING_RATE =
      nonNegative("min-learning-rate").help("cosine: where it ends (default 0).").fallback(0.0);

  private static Setting<Double> nonNegative(String name) {
    return Setting.number(name, "NUMBER")
        .check(v -> v >= 0 && v < Double.POSITIVE_INFINITY, "a number >= 0");
  }

  private static boolean areRising(List<Integer> milestones) {
    int before = 0;
    for (int milestone : milestones) {
      if (milestone <= before) {
        return false;
      }
      before = milestone;
    }
    return true;
  }

  /** All settings of how η goes over a run, in the order of help and facts. */
  public static List<Setting<?>> ofSchedule() {
    return List.of(
        SCHEDULE, WARMUP_EPOCHS, WARMUP, WARMUP_START, MILESTONES, GAMMA, MIN_LEARNING_RATE);
  }

  /** The learning rate of a run, from its settings. */
  public static LearningRateSettings from(Settings s) {
    return new LearningRateSettings(
        s.get(LEARNING_RATE),
        s.get(SCHEDULE),
        s.get(WARMUP_EPOCHS),
        s.get(WARMUP),
        s.get(WARMUP_START),
        s.get(MILESTONES),
        s.get(GAMMA),
        s.get(MIN_LEARNING_RATE));
  }

  /**
   * Checks that they belong together.
   *
   * @throws BadInputException if they do not
   */
  public LearningRateSettings {
    milestones = List.copyOf(milestones);
    if (minimum > initial) {
      throw new BadInputException(
          "--min-learning-rate is %s with --learning-rate %s, expected at most as much"
              .formatted(minimum, initial));
    }
    if (warmupStart > (warmup.isLine() ? initial : 0)) {
      throw new BadInputException(
          warmup.isLine()
              ? "--warmup-start is %s with --learning-rate %s, expected at most as much"
                  .formatted(warmupStart, initial)
              : "--warmup-start is %s with --warmup scaled, expected swin, tinyvit, convnext or ddpm"
                  .formatted(warmupStart));
    }
    if (schedule == ScheduleChoice.MULTI_STEP && milestones.isEmpty()) {
      throw new BadInputException(
          "--schedule is multi-step and --milestones is missing, expected epochs such as 60,120");
    }
  }

  /** How the rate rises, in words. */
  private String rise() {
    String words = "linear warm-up over " + warmupEpochs + " epochs";
    return warmup.isLine() ? words + " from " + warmupStart + " as " + warmup : words;
  }

  /** How the rate goes down, in words. */
  private String decline() {
    return switch (schedule) {
      case CONSTANT -> schedule.toString();
      case MULTI_STEP -> schedule + ": times " + gamma + " after epochs " + milestones;
      case COSINE -> minimum > 0 ? schedule + " to " + minimum : schedule.toString();
    };
  }

  /**
   * The learning rate as a schedule of DL4J.
   *
   * @param stepsPerEpoch minibatches of an epoch
   * @param epochs epochs of the run, where a cosine ends
   */
  ISchedule over(int stepsPerEpoch, int epochs) {
    int steps = Math.multiplyExact(stepsPerEpoch, epochs);
    int rising = (int) Math.round(warmupEpochs * stepsPerEpoch);
    ISchedule decline =
        switch (schedule) {
          case CONSTANT -> new FixedSchedule(initial);
          case MULTI_STEP -> new MapSchedule(ScheduleType.EPOCH, atMilestones());
          case COSINE ->
              new CosineSchedule(
                  ScheduleType.ITERATION,
                  initial,
                  Math.min(minimum, initial),
                  warmup.scheduled(steps, rising));
        };
    return warmup.before(warmupStart, initial, rising, decline);
  }

  private Map<Integer, Double> atMilestones() {
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
