package org.agr4j.internal.kernel;

/**
 * The numbers of one step of tensors that have made equally many, with PyTorch's β (Adan's paper's
 * β is 1 − ours).
 *
 * @param learningRate η
 * @param first β₁, decay rate of the first moment
 * @param difference β₂ of Adan, decay rate of the mean gradient difference; AdamW has none
 * @param second decay rate of the second moment: AdamW's β₂, Adan's β₃
 * @param epsilon ε, outside the square root and after bias correction
 * @param firstCorrection 1 − β₁ᵗ
 * @param differenceCorrection 1 − βᵗ of the difference
 * @param secondCorrection 1 − βᵗ of the second moment
 * @param firstStep whether t = 1, where Adan's gradient difference is 0 whatever the last gradient
 *     holds
 * @param psiInAllMoments whether every moment, and Adan's last gradient, sees Ψ(g), as against the
 *     first alone
 */
public record StepCoefficients(
    double learningRate,
    double first,
    double difference,
    double second,
    double epsilon,
    double firstCorrection,
    double differenceCorrection,
    double secondCorrection,
    boolean firstStep,
    boolean psiInAllMoments) {}
