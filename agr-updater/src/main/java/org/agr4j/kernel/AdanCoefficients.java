package org.agr4j.kernel;

/**
 * The numbers of one Adan(AGR) step, with PyTorch's β (the paper's β is 1 − ours).
 *
 * @param learningRate η
 * @param beta1 β₁, decay rate of the first moment
 * @param beta2 β₂, decay rate of the mean gradient difference
 * @param beta3 β₃, decay rate of the second moment
 * @param epsilon ε, outside the square root and after bias correction
 * @param biasCorrection1 1 − β₁ᵗ
 * @param biasCorrection2 1 − β₂ᵗ
 * @param biasCorrection3 1 − β₃ᵗ
 * @param firstStep whether t = 1, where the gradient difference is 0 whatever the last gradient
 *     holds
 * @param psiInAllMoments whether difference, second moment and last gradient see Ψ(g) too, or g
 */
public record AdanCoefficients(
    double learningRate,
    double beta1,
    double beta2,
    double beta3,
    double epsilon,
    double biasCorrection1,
    double biasCorrection2,
    double biasCorrection3,
    boolean firstStep,
    boolean psiInAllMoments) {}
