package org.agr4j.internal.kernel;

/**
 * The numbers of one step of a block, whatever its tensors' step counts.
 *
 * @param learningRate η
 * @param beta1 β₁
 * @param beta2 β₂
 * @param beta3 β₃ of Adan; ignored for AdamW
 * @param epsilon ε
 * @param strength s of Ψ, in [0, 1]; 0 is the optimizer without AGR
 * @param psiInAllMoments whether every moment sees Ψ(g), as against the first
 * @param restartEvery the step count at which a tensor forgets its moments, or 0 for never
 * @param stopIfNonFinite whether a NaN or an infinity anywhere keeps all state as it was
 * @param skipIfNonFinite whether a NaN or an infinity keeps its tensor's state as it was
 */
public record StepNumbers(
    double learningRate,
    double beta1,
    double beta2,
    double beta3,
    double epsilon,
    double strength,
    boolean psiInAllMoments,
    int restartEvery,
    boolean stopIfNonFinite,
    boolean skipIfNonFinite) {

  /** Whether ‖g‖₁ has to be computed. */
  public boolean needsSums() {
    return strength > 0 || stopIfNonFinite || skipIfNonFinite;
  }

  /** Decay rate of an optimizer's second moment. */
  public double second(Optimizer optimizer) {
    return optimizer == Optimizer.ADAN ? beta3 : beta2;
  }

  /**
   * The numbers of tensors that make step t.
   *
   * @param t 1 at the first; a mean of step counts need not be whole
   */
  public StepCoefficients at(Optimizer optimizer, double t) {
    double second = second(optimizer);
    return new StepCoefficients(
        learningRate,
        beta1,
        beta2,
        second,
        epsilon,
        1 - Math.pow(beta1, t),
        optimizer == Optimizer.ADAN ? 1 - Math.pow(beta2, t) : 1,
        1 - Math.pow(second, t),
        t == 1,
        psiInAllMoments);
  }
}
