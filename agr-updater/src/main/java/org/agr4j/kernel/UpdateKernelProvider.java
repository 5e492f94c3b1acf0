package org.agr4j.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A kernel for a backend that need not be on the class path, found by {@link
 * java.util.ServiceLoader}. The class of a provider must load where that backend is not.
 */
public interface UpdateKernelProvider {
  /** The value of {@value UpdateKernel#PROPERTY} that chooses this kernel. */
  String name();

  /**
   * The kernel for a block.
   *
   * @param state the block's state
   * @return the kernel, or null if it cannot do this block, after a warning where that is a
   *     surprise
   */
  UpdateKernel forState(INDArray state);
}
