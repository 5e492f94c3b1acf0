package org.agr4j.internal.kernel.cuda;

/** The host device behind a driver that refuses some kernels. */
final class RefusingDevice extends ChangedDevice {
  private final String prefix;
  int refused;

  /**
   * A device that refuses.
   *
   * @param prefix how the names of the refused kernels start
   */
  RefusingDevice(String prefix) {
    this.prefix = prefix;
  }

  @Override
  public void launch(String kernel, int threadBlocks, long[] block, long[] step) {
    if (kernel.startsWith(prefix)) {
      refused++;
      throw new CudaException("cuLaunchKernel(" + kernel + "): CUDA_ERROR_NO_BINARY_FOR_GPU");
    }
    super.launch(kernel, threadBlocks, block, step);
  }
}
