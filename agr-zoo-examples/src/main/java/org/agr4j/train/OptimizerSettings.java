package org.agr4j.train;

import org.agr4j.data.BadInputException;
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

  /** Checks that they belong together. */
  public OptimizerSettings {
    Numbers.nonNegative("--weight-decay", weightDecay);
    if (agrUntil < 0) {
      throw new BadInputException("--agr-until is " + agrUntil + ", expected a whole number >= 0");
    }
    if (choice.isAgr() == (agrMode == AgrMode.OFF)) {
      throw new BadInputException(
          choice.isAgr()
              ? "--agr-mode is off with " + choice + ", expected first-moment or all-moments"
              : "--agr-mode is given with " + choice + ", expected adamw-agr or adan-agr");
    }
    if (!choice.isAgr() && agrUntil > 0) {
      throw new BadInputException(
          "--agr-until is " + agrUntil + " with " + choice + ", expected adamw-agr or adan-agr");
    }
  }

  /** Ψ, where the optimizer has it, in the first moment of the weights and in all epochs. */
  public static OptimizerSettings of(OptimizerChoice choice, double weightDecay) {
    return new OptimizerSettings(
        choice,
        weightDecay,
        choice.isAgr() ? AgrMode.FIRST_MOMENT : AgrMode.OFF,
        choice.isAgr() ? Integer.MAX_VALUE : 0,
        TensorChoice.WEIGHTS);
  }
}
