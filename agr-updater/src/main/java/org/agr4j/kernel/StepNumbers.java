package org.agr4j.kernel;

/**
 * The numbers of one step of a block on a device, which counts each tensor's steps itself.
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
}
