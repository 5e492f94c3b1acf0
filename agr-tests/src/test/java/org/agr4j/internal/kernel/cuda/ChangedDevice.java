package org.agr4j.internal.kernel.cuda;

import org.nd4j.linalg.api.ndarray.INDArray;

/** The host device, for tests to change. */
class ChangedDevice implements Gpu {
  private final HostDevice host = new HostDevice(0);

  @Override
  public int current() {
    return host.current();
  }

  @Override
  public int of(INDArray array) {
    return host.of(array);
  }

  @Override
  public long address(INDArray array) {
    return host.address(array);
  }

  @Override
  public void written(INDArray array) {
    host.written(array);
  }

  @Override
  public void launch(String kernel, int threadBlocks, long[] block, long[] step) {
    host.launch(kernel, threadBlocks, block, step);
  }
}
