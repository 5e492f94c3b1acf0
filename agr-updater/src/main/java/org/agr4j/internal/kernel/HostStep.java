package org.agr4j.internal.kernel;

import org.agr4j.internal.layout.TensorBoundaries;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The steps of one block with numbers that the host reads; the arithmetic is a kernel's. */
public final class HostStep implements OptimizerStep {
  private final UpdateKernel kernel;
  private final BlockState state;
  private final TensorBoundaries tensors;
  private final double[] sums;
  private final double[] divisors;
  private boolean skipped;

  /**
   * Creates the steps of a block on the host.
   *
   * @param kernel does the arithmetic
   * @param state the block's state, modified by steps
   */
  public HostStep(UpdateKernel kernel, BlockState state) {
    this.kernel = kernel;
    this.state = state;
    tensors = state.tensors();
    sums = new double[tensors.count()];
    divisors = new double[tensors.count()];
  }

  UpdateKernel kernel() {
    return kernel;
  }

  @Override
  public NonFiniteTensor takeOverdue() {
    return null;
  }

  @Override
  public NonFiniteTensor step(INDArray gradient, StepNumbers numbers, boolean lastOfNetwork) {
    skipped = false;
    if (numbers.needsSums()) {
      kernel.absoluteSums(gradient, tensors, sums);
      int bad = firstNonFinite();
      if (bad >= 0 && numbers.stopIfNonFinite()) {
        return new NonFiniteTensor(bad, sums.length, tensors.length(bad), sums[bad]);
      }
      skipped = bad >= 0 && numbers.skipIfNonFinite();
    }
    for (int i = 0; i < divisors.length; i++) {
      divisors[i] = Psi.divisor(sums[i], numbers.strength(), tensors.length(i));
    }
    stepInRuns(gradient, numbers);
    return null;
  }

  private int firstNonFinite() {
    for (int i = 0; i < sums.length; i++) {
      if (!Double.isFinite(sums[i])) {
        return i;
      }
    }
    return -1;
  }

  /** Steps the tensors; neighbours that are at the same step go together. */
  private void stepInRuns(INDArray gradient, StepNumbers numbers) {
    double[] t = state.readSteps();
    restart(t, numbers.restartEvery());
    int from = 0;
    while (from < t.length) {
      boolean skip = isSkipped(from);
      int to = from + 1;
      while (to < t.length && t[to] == t[from] && skip == isSkipped(to)) {
        to++;
      }
      if (skip) {
        gradient.get(NDArrayIndex.interval(tensors.start(from), tensors.start(to))).assign(0);
        state.countSkipped(from, to);
      } else {
        BlockSlice slice =
            new BlockSlice(
                state.optimizer(), gradient, state.moments(), tensors, from, to, divisors);
        kernel.step(slice, numbers.at(state.optimizer(), t[from] + 1));
        state.countStep(from, to);
      }
      from = to;
    }
  }

  private boolean isSkipped(int tensor) {
    return skipped && !Double.isFinite(sums[tensor]);
  }

  private void restart(double[] t, int every) {
    if (every > 0) {
      for (int i = 0; i < t.length; i++) {
        if (t[i] >= every) {
          t[i] = 0;
          state.forget(i);
        }
      }
    }
  }

  @Override
  public boolean mayHaveSkipped() {
    return skipped;
  }

  @Override
  public double[] sums() {
    return sums;
  }
}
