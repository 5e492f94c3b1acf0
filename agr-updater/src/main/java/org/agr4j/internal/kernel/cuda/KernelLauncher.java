package org.agr4j.internal.kernel.cuda;

/** Starts kernels of {@code fused_step.cu} on some device, in the order of the calls. */
interface KernelLauncher {
  /**
   * Starts one kernel with thread blocks of {@link BlockTable#THREADS} and does not wait for it.
   *
   * @param kernel its name in the source
   * @param threadBlocks how many
   * @param block the words of its parameter {@code Block}
   * @param step the words of its parameter {@code Step}
   * @throws CudaException if the driver refuses
   */
  void launch(String kernel, int threadBlocks, long[] block, long[] step);
}
