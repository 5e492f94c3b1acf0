package org.agr4j.internal.kernel.ops;

import org.agr4j.internal.kernel.BlockSlice;
import org.agr4j.internal.kernel.Psi;
import org.agr4j.internal.kernel.StepCoefficients;
import org.agr4j.internal.kernel.UpdateKernel;
import org.agr4j.internal.layout.TensorBoundaries;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.floating.Norm1;
import org.nd4j.linalg.api.ops.impl.reduce.longer.MatchCondition;
import org.nd4j.linalg.api.ops.impl.reduce.same.ASum;
import org.nd4j.linalg.api.ops.impl.transforms.floating.Sqrt;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.Axpy;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.MulOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.indexing.conditions.Conditions;

/**
 * One optimizer step as ND4J operations, so that it runs on every backend, in FLOAT and DOUBLE.
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

  /** Longer tensors of FLOAT are summed in DOUBLE; shorter ones lose 2⁻⁸ at the very most. */
  private static final int LONGEST_FLOAT_SUM = 1 << 16;

  private Nd4jOpsKernel() {}

  @Override
  public void absoluteSums(INDArray gradient, TensorBoundaries tensors, double[] sums) {
    int count = tensors.count();
    INDArray onDevice = Nd4j.createUninitialized(gradient.dataType(), count);
    for (int i = 0; i < count; i++) {
      if (!isSummedWide(gradient, tensors.length(i))) {
        INDArray sum = onDevice.get(NDArrayIndex.point(i));
        Nd4j.exec(new ASum(slice(gradient, tensors, i, i + 1), sum, false, null));
      }
    }
    double[] onHost = onDevice.toDoubleVector();
    for (int i = 0; i < count; i++) {
      boolean wide = isSummedWide(gradient, tensors.length(i));
      sums[i] =
          wide || Double.isInfinite(onHost[i])
              ? wideAbsoluteSum(slice(gradient, tensors, i, i + 1))
              : onHost[i];
    }
  }

  /**
   * Whether a tensor's sum needs more than its own type. On a CPU a running sum in FLOAT loses what
   * it adds: 8% of 30 million equal elements. ND4J's CUDA backend adds in a tree.
   */
  private static boolean isSummedWide(INDArray gradient, long length) {
    return length > LONGEST_FLOAT_SUM
        && gradient.dataType() == DataType.FLOAT
        && Nd4j.getEnvironment().isCPU();
  }

  /** Σ|g| in DOUBLE, +∞ where the tensor holds an infinity, and NaN where it holds a NaN. */
  private static double wideAbsoluteSum(INDArray g) {
    if (Nd4j.getEnvironment().isCPU()) {
      INDArray sum = Nd4j.createUninitialized(DataType.DOUBLE, 1);
      Nd4j.exec(new Norm1(g, sum.get(NDArrayIndex.point(0)), false, 0));
      double wide = sum.getDouble(0);
      if (!Double.isInfinite(wide)) {
        return wide;
      }
    }
    if (Nd4j.getExecutioner().exec(new MatchCondition(g, Conditions.notFinite())).getLong(0) > 0) {
      return Double.POSITIVE_INFINITY;
    }
    return Math.min(g.castTo(DataType.DOUBLE).norm1Number().doubleValue(), Double.MAX_VALUE);
  }

  @Override
  public void step(BlockSlice slice, StepCoefficients c) {
    switch (slice.optimizer()) {
      case ADAMW -> adamW(slice, c);
      case ADAN -> adan(slice, c);
    }
  }

  private static void adamW(BlockSlice s, StepCoefficients c) {
    INDArray g = slice(s, s.gradient());
    INDArray m = slice(s, s.firstMoment());
    INDArray v = slice(s, s.secondMoment());
    INDArray scratch = Nd4j.createUninitialized(g.dataType(), g.length());

    if (c.psiInAllMoments()) {
      psi(s, g, scratch);
    }
    Nd4j.exec(new MulOp(g, g, scratch));
    average(v, scratch, c.second());
    if (!c.psiInAllMoments()) {
      psi(s, g, scratch);
    }
    average(m, g, c.first());

    denominator(scratch, v, c.secondCorrection(), c.epsilon());
    m.divi(scratch, g);
    g.muli(c.learningRate() / c.firstCorrection());
  }

  private static void adan(BlockSlice s, StepCoefficients c) {
    INDArray g = slice(s, s.gradient());
    INDArray m = slice(s, s.firstMoment());
    INDArray d = slice(s, s.difference());
    INDArray n = slice(s, s.secondMoment());
    INDArray last = slice(s, s.lastGradient());
    INDArray scratch = Nd4j.createUninitialized(g.dataType(), g.length());

    if (c.psiInAllMoments()) {
      psi(s, g, scratch);
    }
    if (c.firstStep()) {
      d.muli(c.difference());
      Nd4j.exec(new MulOp(g, g, scratch));
    } else {
      g.subi(last, scratch);
      average(d, scratch, c.difference());
      Nd4j.exec(new Axpy(scratch, g, scratch, c.difference()));
      Nd4j.exec(new MulOp(scratch, scratch, scratch));
    }
    average(n, scratch, c.second());
    last.assign(g);
    if (!c.psiInAllMoments()) {
      psi(s, g, scratch);
    }
    average(m, g, c.first());

    denominator(scratch, n, c.secondCorrection(), c.epsilon());
    m.divi(c.firstCorrection(), g);
    Nd4j.exec(new Axpy(d, g, g, c.difference() / c.differenceCorrection()));
    g.divi(scratch);
    g.muli(c.learningRate());
  }

  private static void psi(BlockSlice s, INDArray g, INDArray scratch) {
    Psi.apply(g, scratch, s.tensors(), s.from(), s.to(), s.divisors());
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

  private static INDArray slice(BlockSlice s, INDArray block) {
    return slice(block, s.tensors(), s.from(), s.to());
  }

  private static INDArray slice(INDArray block, TensorBoundaries tensors, int from, int to) {
    if (from == 0 && to == tensors.count()) {
      return block;
    }
    return block.get(NDArrayIndex.interval(tensors.start(from), tensors.start(to)));
  }
}
