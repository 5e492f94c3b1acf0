package org.agr4j.kernel;

import org.agr4j.layout.TensorBoundaries;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.longer.MatchCondition;
import org.nd4j.linalg.api.ops.impl.reduce.same.ASum;
import org.nd4j.linalg.api.ops.impl.transforms.floating.Sqrt;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.Axpy;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.MulOp;
import org.nd4j.linalg.api.ops.impl.transforms.same.Abs;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.indexing.conditions.Conditions;

/**
 * One optimizer step as ND4J operations, so that it runs on every backend and floating point type.
 *
 * <p>Operations for a block of T tensors, each one pass over memory or one launch on a GPU:
 *
 * <table>
 *   <caption>Operations per step</caption>
 *   <tr><th></th><th>‖g‖₁</th><th>Ψ</th><th>moments and update</th></tr>
 *   <tr><td>AdamW</td><td>T</td><td>3 + T</td><td>10</td></tr>
 *   <tr><td>Adan</td><td>T</td><td>3 + T</td><td>17 (14 at t = 1)</td></tr>
 * </table>
 *
 * The T sums are read back by the host together, once for each block; nothing else waits for the
 * device. Scratch memory is one array of the block's size for AdamW and two for Adan, from the
 * workspace that DL4J opens around an update, so none of it outlives the step.
 */
public final class Nd4jOpsKernel implements UpdateKernel {
  /** The kernel; it has no state. */
  public static final Nd4jOpsKernel INSTANCE = new Nd4jOpsKernel();

  private Nd4jOpsKernel() {}

  @Override
  public void absoluteSums(INDArray gradient, TensorBoundaries tensors, double[] sums) {
    int count = tensors.count();
    INDArray onDevice = Nd4j.createUninitialized(gradient.dataType(), count);
    for (int i = 0; i < count; i++) {
      INDArray sum = onDevice.get(NDArrayIndex.point(i));
      Nd4j.exec(new ASum(slice(gradient, tensors, i, i + 1), sum, false, null));
    }
    double[] onHost = onDevice.toDoubleVector();
    for (int i = 0; i < count; i++) {
      sums[i] =
          Double.isInfinite(onHost[i])
              ? wideAbsoluteSum(slice(gradient, tensors, i, i + 1))
              : onHost[i];
    }
  }

  /** Σ|g| of a tensor whose sum left the range of its type, or that holds an infinity. */
  private static double wideAbsoluteSum(INDArray g) {
    if (Nd4j.getExecutioner().exec(new MatchCondition(g, Conditions.notFinite())).getLong(0) > 0) {
      return Double.POSITIVE_INFINITY;
    }
    return Math.min(g.castTo(DataType.DOUBLE).norm1Number().doubleValue(), Double.MAX_VALUE);
  }

  @Override
  public void adamW(
      INDArray gradient,
      INDArray firstMoment,
      INDArray secondMoment,
      TensorBoundaries tensors,
      int from,
      int to,
      double[] divisors,
      AdamWCoefficients c) {
    INDArray g = slice(gradient, tensors, from, to);
    INDArray m = slice(firstMoment, tensors, from, to);
    INDArray v = slice(secondMoment, tensors, from, to);
    INDArray scratch = Nd4j.createUninitialized(g.dataType(), g.length());

    if (c.psiInAllMoments()) {
      psi(g, scratch, tensors, from, to, divisors);
    }
    Nd4j.exec(new MulOp(g, g, scratch));
    average(v, scratch, c.beta2());
    if (!c.psiInAllMoments()) {
      psi(g, scratch, tensors, from, to, divisors);
    }
    average(m, g, c.beta1());

    denominator(scratch, v, c.biasCorrection2(), c.epsilon());
    m.divi(scratch, g);
    g.muli(c.learningRate() / c.biasCorrection1());
  }

  @Override
  public void adan(
      INDArray gradient,
      INDArray firstMoment,
      INDArray difference,
      INDArray secondMoment,
      INDArray lastGradient,
      TensorBoundaries tensors,
      int from,
      int to,
      double[] divisors,
      AdanCoefficients c) {
    INDArray g = slice(gradient, tensors, from, to);
    INDArray m = slice(firstMoment, tensors, from, to);
    INDArray d = slice(difference, tensors, from, to);
    INDArray n = slice(secondMoment, tensors, from, to);
    INDArray last = slice(lastGradient, tensors, from, to);
    INDArray scratch = Nd4j.createUninitialized(g.dataType(), g.length());

    if (c.psiInAllMoments()) {
      psi(g, scratch, tensors, from, to, divisors);
    }
    if (c.firstStep()) {
      d.muli(c.beta2());
      Nd4j.exec(new MulOp(g, g, scratch));
    } else {
      g.subi(last, scratch);
      average(d, scratch, c.beta2());
      Nd4j.exec(new Axpy(scratch, g, scratch, c.beta2()));
      Nd4j.exec(new MulOp(scratch, scratch, scratch));
    }
    average(n, scratch, c.beta3());
    last.assign(g);
    if (!c.psiInAllMoments()) {
      psi(g, scratch, tensors, from, to, divisors);
    }
    average(m, g, c.beta1());

    denominator(scratch, n, c.biasCorrection3(), c.epsilon());
    m.divi(c.biasCorrection1(), g);
    Nd4j.exec(new Axpy(d, g, g, c.beta2() / c.biasCorrection2()));
    g.divi(scratch);
    g.muli(c.learningRate());
  }

  /**
   * Ψ alone.
   *
   * @param gradient block gradient, replaced by Ψ(g)
   * @param tensors boundaries of the block
   * @param divisors d_i of each tensor, positive
   */
  public void psi(INDArray gradient, TensorBoundaries tensors, double[] divisors) {
    INDArray scratch = Nd4j.createUninitialized(gradient.dataType(), gradient.length());
    psi(gradient, scratch, tensors, 0, tensors.count(), divisors);
  }

  /**
   * g ← g (1 − |g| / d), tensor by tensor; the share |g| / d comes first so that it cannot
   * underflow.
   */
  private static void psi(
      INDArray g, INDArray scratch, TensorBoundaries tensors, int from, int to, double[] divisors) {
    boolean identity = true;
    for (int i = from; i < to; i++) {
      identity &= divisors[i] == Double.POSITIVE_INFINITY;
    }
    if (identity) {
      return;
    }
    Nd4j.exec(new Abs(g, scratch));
    long origin = tensors.start(from);
    for (int i = from; i < to; i++) {
      INDArray share =
          scratch.get(NDArrayIndex.interval(tensors.start(i) - origin, tensors.end(i) - origin));
      if (divisors[i] == Double.POSITIVE_INFINITY) {
        share.assign(0);
      } else if (divisors[i] > largest(g.dataType())) {
        share.divi(Math.sqrt(divisors[i])).divi(Math.sqrt(divisors[i]));
      } else {
        share.divi(divisors[i]);
      }
    }
    scratch.muli(g);
    g.subi(scratch);
  }

  /** The largest number of a type, beyond which a divisor would become infinite. */
  private static double largest(DataType type) {
    if (type == DataType.FLOAT16) {
      return 65504;
    }
    return type == DataType.DOUBLE ? Double.MAX_VALUE : Float.MAX_VALUE;
  }

  /** mean ← β mean + (1 − β) x */
  private static void average(INDArray mean, INDArray x, double beta) {
    mean.muli(beta);
    Nd4j.exec(new Axpy(x, mean, mean, 1 - beta));
  }

  /** out ← √secondMoment / √biasCorrection + ε */
  private static void denominator(
      INDArray out, INDArray secondMoment, double biasCorrection, double epsilon) {
    Nd4j.exec(new Sqrt(secondMoment, out));
    out.divi(Math.sqrt(biasCorrection));
    out.addi(epsilon);
  }

  private static INDArray slice(INDArray block, TensorBoundaries tensors, int from, int to) {
    if (from == 0 && to == tensors.count()) {
      return block;
    }
    return block.get(NDArrayIndex.interval(tensors.start(from), tensors.start(to)));
  }
}
