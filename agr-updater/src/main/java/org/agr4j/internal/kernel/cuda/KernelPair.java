package org.agr4j.internal.kernel.cuda;

import org.agr4j.internal.kernel.Optimizer;
import org.agr4j.internal.kernel.StepNumbers;

/**
 * The two kernels of one step of a block, norms and update, with their parameters. Knows addresses,
 * not arrays.
 *
 * <p>The words of the parameters are {@code Block} and {@code Step} in {@code fused_step.cu}. An
 * instance belongs to one thread at a time.
 */
final class KernelPair {
  /** How many words {@code Block} has. */
  static final int BLOCK_WORDS = 14;

  /** How many words {@code Step} has. */
  static final int STEP_WORDS = 12;

  /** The verdict where no gradient was other than finite. */
  static final long ALL_FINITE = -1;

  private static final int VERDICT = 6;
  private static final int GRADIENT = 7;
  private static final int FAIL = 0;
  private static final int SKIP = 1;
  private static final int PROPAGATE = 2;
  private static final int NEEDS_SUMS = 1;
  private static final int PSI_IN_ALL_MOMENTS = 2;

  private final String norms;
  private final String update;
  private final Optimizer optimizer;
  private final int threadBlocks;
  private final long[] block = new long[BLOCK_WORDS];
  private final long[] step = new long[STEP_WORDS];

  /**
   * Creates the kernels' parameters for a block.
   *
   * @param type {@code float} or {@code double}
   * @param table the block's table
   */
  KernelPair(String type, Optimizer optimizer, BlockTable table) {
    this.norms = "norms_" + type;
    this.update = (optimizer == Optimizer.ADAN ? "adan_" : "adamw_") + type;
    this.optimizer = optimizer;
    this.threadBlocks = table.items();
  }

  /**
   * Sets where the table lies on the device.
   *
   * @param table its layout
   * @param address where its words are
   */
  void table(BlockTable table, long address) {
    block[0] = address;
    block[1] = address + Long.BYTES * table.tensorsAt();
    block[2] = address + Long.BYTES * table.partialsAt();
    block[3] = address + Long.BYTES * table.arrivedAt();
    block[4] = address + Long.BYTES * table.sumsAt();
    block[5] = address + Long.BYTES * table.plansAt();
  }

  /**
   * Sets where the arrays lie on the device.
   *
   * @param verdict one word, {@link #ALL_FINITE} unless a step under FAIL found a NaN
   * @param gradient block gradient, becomes the update
   * @param moments addresses, in the optimizer's order
   * @param steps steps made by each tensor
   * @param skipped steps skipped by each tensor
   */
  void arrays(long verdict, long gradient, long[] moments, long steps, long skipped) {
    block[VERDICT] = verdict;
    block[GRADIENT] = gradient;
    block[GRADIENT + 1] = moments[optimizer.firstMoment()];
    block[GRADIENT + 2] = moments[optimizer.secondMoment()];
    if (optimizer == Optimizer.ADAN) {
      block[GRADIENT + 3] = moments[optimizer.difference()];
      block[GRADIENT + 4] = moments[optimizer.lastGradient()];
    }
    block[GRADIENT + 5] = steps;
    block[GRADIENT + 6] = skipped;
  }

  /**
   * Launches both kernels, which together make a step.
   *
   * @param launcher where to
   * @param c the numbers
   * @param place which of several blocks this is, so that a verdict tells them apart
   * @throws CudaException if the driver refuses; nothing of the block's state has changed then
   */
  void launch(KernelLauncher launcher, StepNumbers c, int place) {
    if (threadBlocks == 0) {
      return;
    }
    step[0] = Double.doubleToRawLongBits(c.learningRate());
    step[1] = Double.doubleToRawLongBits(c.beta1());
    step[2] = Double.doubleToRawLongBits(c.beta2());
    step[3] = Double.doubleToRawLongBits(c.beta3());
    step[4] = Double.doubleToRawLongBits(c.epsilon());
    step[5] = Double.doubleToRawLongBits(Math.log(c.beta1()));
    step[6] = Double.doubleToRawLongBits(Math.log(c.beta2()));
    step[7] = Double.doubleToRawLongBits(Math.log(c.second(optimizer)));
    step[8] = Double.doubleToRawLongBits(c.strength());
    step[9] = Double.doubleToRawLongBits(c.restartEvery());
    step[10] = (long) place << 32;
    int nonFinite = c.stopIfNonFinite() ? FAIL : c.skipIfNonFinite() ? SKIP : PROPAGATE;
    int flags = (c.needsSums() ? NEEDS_SUMS : 0) | (c.psiInAllMoments() ? PSI_IN_ALL_MOMENTS : 0);
    step[11] = BlockTable.pair(nonFinite, flags);
    launcher.launch(norms, threadBlocks, block, step);
    launcher.launch(update, threadBlocks, block, step);
  }
}
