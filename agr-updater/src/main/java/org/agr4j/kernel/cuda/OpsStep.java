package org.agr4j.kernel.cuda;

import org.agr4j.kernel.AdamWCoefficients;
import org.agr4j.kernel.AdanCoefficients;
import org.agr4j.kernel.Nd4jOpsKernel;
import org.agr4j.kernel.StepNumbers;
import org.agr4j.kernel.UpdateKernel;
import org.agr4j.layout.TensorBoundaries;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A step of finite gradients by ND4J's operations, for {@link SelfCheck} to compare with. */
final class OpsStep {
  private OpsStep() {}

  /**
   * Replaces a gradient by its update.
   *
   * @param s the moments, modified
   * @param t the step, 1 at the first
   */
  static void step(
      TensorBoundaries tensors, INDArray g, INDArray[] s, StepNumbers c, boolean adan, int t) {
    UpdateKernel ops = Nd4jOpsKernel.INSTANCE;
    int count = tensors.count();
    double[] divisors = new double[count];
    ops.absoluteSums(g, tensors, divisors);
    for (int i = 0; i < count; i++) {
      if (tensors.length(i) == 1) {
        divisors[i] = Double.POSITIVE_INFINITY;
      }
    }
    double correction1 = 1 - Math.pow(c.beta1(), t);
    double correction2 = 1 - Math.pow(c.beta2(), t);
    double correction3 = 1 - Math.pow(c.beta3(), t);
    boolean all = c.psiInAllMoments();
    if (adan) {
      AdanCoefficients numbers =
          new AdanCoefficients(
              c.learningRate(),
              c.beta1(),
              c.beta2(),
              c.beta3(),
              c.epsilon(),
              correction1,
              correction2,
              correction3,
              t == 1,
              all);
      ops.adan(g, s[0], s[1], s[2], s[3], tensors, 0, count, divisors, numbers);
    } else {
      AdamWCoefficients numbers =
          new AdamWCoefficients(
              c.learningRate(), c.beta1(), c.beta2(), c.epsilon(), correction1, correction2, all);
      ops.adamW(g, s[0], s[1], tensors, 0, count, divisors, numbers);
    }
  }
}
