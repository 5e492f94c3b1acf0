package org.agr4j.kernel;

/**
 * The numbers of one AdamW(AGR) step.
 *
 * @param learningRate η
 * @param beta1 β₁, decay rate of the first moment
 * @param beta2 β₂, decay rate of the second moment
 * @param epsilon ε, outside the square root and after bias correction
 * @param biasCorrection1 1 − β₁ᵗ
 * @param biasCorrection2 1 − β₂ᵗ
 * @param psiInAllMoments whether the second moment sees Ψ(g) too, or g
 */
public record AdamWCoefficients(
    double learningRate,
    double beta1,
    double beta2,
    double epsilon,
    double biasCorrection1,
    double biasCorrection2,
    boolean psiInAllMoments) {}
