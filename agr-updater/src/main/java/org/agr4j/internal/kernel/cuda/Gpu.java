package org.agr4j.internal.kernel.cuda;

import org.nd4j.linalg.api.ndarray.INDArray;

/** The backend that holds the arrays of a {@link GpuStep}, and starts its kernels. */
interface Gpu extends KernelLauncher {
  /** The current thread's device. */
  int current();

  /** The device that holds an array. */
  int of(INDArray array);

  /**
   * Where an array's first element lies on its device, after what the host wrote has been copied
   * there.
   */
  long address(INDArray array);

  /** Notes that a kernel launched by this thread writes an array. */
  void written(INDArray array);
}
