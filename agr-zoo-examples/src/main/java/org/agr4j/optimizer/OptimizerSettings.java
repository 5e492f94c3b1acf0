package org.agr4j.optimizer;

import java.util.List;
import java.util.Locale;
import org.agr4j.OptimizerPlan;
import org.agr4j.input.BadInputException;
import org.agr4j.settings.Fact;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Setting;
import org.agr4j.settings.Settings;
import org.agr4j.updater.AgrMode;

/**
 * An optimizer with all but its learning rate.
 *
 * @param choice the optimizer
 * @param weightDecay λ ≥ 0; see {@link OptimizerChoice}
 * @param agrMode what sees Ψ(g); {@link AgrMode#OFF} exactly for optimizers without AGR
 * @param agrUntil Ψ acts in this many first epochs, at least 0; 0 for optimizers without AGR
 * @param tensors what gets Ψ and, with AdamW and Adan, weight decay
 */
public record OptimizerSettings(
    OptimizerChoice choice,
    double weightDecay,
    AgrMode agrMode,
    int agrUntil,
    TensorChoice tensors) {

  /** The optimizer. */
  public static final Setting<OptimizerChoice> OPTIMIZER =
      Setting.choice("optimizer", "NAME", OptimizerChoice.class)
          .help("%s (default adamw-agr).")
          .fallback(OptimizerChoice.ADAMW_AGR);

  /** What sees Ψ(g). */
  public static final Setting<AgrMode> AGR_MODE =
      Setting.choice(
              "agr-mode",
              "NAME",
              AgrMode.class,
              List.of(AgrMode.FIRST_MOMENT, AgrMode.ALL_MOMENTS),
              OptimizerSettings::label)
          .help(
              "What sees the shrunk gradient: first-moment (the paper's text; the default) or "
                  + "all-moments (its code).")
          .fallback(s -> s.get(OPTIMIZER).shrinks() ? AgrMode.FIRST_MOMENT : AgrMode.OFF)
          .storedIf(s -> s.get(OPTIMIZER).shrinks());

  /** The number of first epochs in which Ψ acts; 0 for optimizers without AGR. */
  public static final Setting<Integer> AGR_UNTIL =
      Setting.whole("agr-until", "EPOCH")
          .help("Switch AGR off after this epoch. Default never.")
          .check(n -> n >= 0, "a whole number >= 0")
          .fallback(s -> s.get(OPTIMIZER).shrinks() ? Integer.MAX_VALUE : 0)
          .storedIf(
              s ->
                  s.get(OPTIMIZER).shrinks()
                      && s.get(OptimizerSettings.AGR_UNTIL) < s.get(LoopSettings.EPOCHS));

  /** λ; see {@link OptimizerChoice}. */
  public static final Setting<Double> WEIGHT_DECAY =
      Setting.number("weight-decay", "NUMBER")
          .help(
              "Decoupled for adamw, proximal for adan, L2 for the others. On weights; with "
                  + "--tensors all, adamw and adan decay biases, too; never batch norm (default "
                  + "5e-4).")
          .check(v -> v >= 0 && v < Double.POSITIVE_INFINITY, "a number >= 0")
          .fallback(5e-4)
          .fact(Fact.of(Fact.Line.REST, "weight decay "));

  /** What gets Ψ and, with AdamW and Adan, decay. */
  public static final Setting<TensorChoice> TENSORS =
      Setting.choice("tensors", "NAME", TensorChoice.class)
          .help(
              "What gets AGR and, with AdamW and Adan, decay: weights (the paper's text) or all "
                  + "(its code) (default weights).")
          .fallback(TensorChoice.WEIGHTS)
          .fact(Fact.of(Fact.Line.REST, "AGR on: "));

  /** The optimizer of a run, from its settings. */
  public static OptimizerSettings from(Settings s) {
    return new OptimizerSettings(
        s.get(OPTIMIZER), s.get(WEIGHT_DECAY), s.get(AGR_MODE), s.get(AGR_UNTIL), s.get(TENSORS));
  }

  /**
   * What the optimizer of a run does to each kind of tensor.
   *
   * @param s the run's settings
   * @param stepsPerEpoch steps of the optimizer in an epoch, which schedules go by
   */
  public static OptimizerPlan plan(Settings s, int stepsPerEpoch) {
    int epochs = s.get(LoopSettings.EPOCHS);
    return s.get(OPTIMIZER)
        .plan(from(s), LearningRateSettings.from(s).over(stepsPerEpoch, epochs), epochs);
  }

  /**
   * Refuses settings of optimizer, learning rate and length that do not fit together.
   *
   * @param s the run's settings
   * @param stepsPerEpoch minibatches of an epoch
   * @throws BadInputException in one line
   */
  public static void check(Settings s, int stepsPerEpoch) {
    from(s);
    LearningRateSettings rate = LearningRateSettings.from(s);
    int epochs = s.get(LoopSettings.EPOCHS);
    long steps = (long) epochs * stepsPerEpoch;
    if (steps > Integer.MAX_VALUE) {
      throw new BadInputException(
          "--epochs is %d, which is %d steps of --batch-size %d, expected at most %d steps"
              .formatted(epochs, steps, s.get(LoopSettings.BATCH_SIZE), Integer.MAX_VALUE));
    }
    if (rate.warmupEpochs() > epochs) {
      throw new BadInputException(
          "--warmup-epochs is %s with --epochs %d, expected at most as many"
              .formatted(rate.warmupEpochs(), epochs));
    }
  }

  /** FIRST_MOMENT is first-moment. */
  public static String label(AgrMode mode) {
    return mode.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Checks that they belong together.
   *
   * @throws BadInputException if they do not
   */
  public OptimizerSettings {
    if (choice.shrinks() == (agrMode == AgrMode.OFF)) {
      throw new BadInputException(
          choice.shrinks()
              ? "--agr-mode is off with " + choice + ", expected first-moment or all-moments"
              : "--agr-mode is given with "
                  + choice
                  + ", expected adamw-agr or adan-agr, or a placebo");
    }
    if (!choice.shrinks() && agrUntil > 0) {
      throw new BadInputException(
          "--agr-until is "
              + agrUntil
              + " with "
              + choice
              + ", expected adamw-agr or adan-agr, or a placebo");
    }
  }

  /** Ψ, where the optimizer has it, in the first moment of the weights and in all epochs. */
  public static OptimizerSettings of(OptimizerChoice choice, double weightDecay) {
    return new OptimizerSettings(
        choice,
        weightDecay,
        choice.shrinks() ? AgrMode.FIRST_MOMENT : AgrMode.OFF,
        choice.shrinks() ? Integer.MAX_VALUE : 0,
        TensorChoice.WEIGHTS);
  }
}
