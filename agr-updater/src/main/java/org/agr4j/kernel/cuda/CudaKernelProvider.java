package org.agr4j.kernel.cuda;

import org.agr4j.kernel.UpdateKernel;
import org.agr4j.kernel.UpdateKernelProvider;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link FusedCudaKernel} where ND4J runs on CUDA and {@link SelfCheck} has passed. */
public final class CudaKernelProvider implements UpdateKernelProvider {
  private static final Logger LOG = LoggerFactory.getLogger(CudaKernelProvider.class);

  private volatile boolean missing; // something of CUDA is not on the class path

  @Override
  public String name() {
    return "fused";
  }

  @Override
  public UpdateKernel forState(INDArray state) {
    // Nothing of the CUDA backend is named here: this class loads without it.
    boolean ours =
        !missing
            && Nd4j.getExecutioner().type() == ExecutionerType.CUDA
            && FusedCudaKernel.nameOf(state.dataType()) != null
            && (state.length() == 1 || state.elementWiseStride() == 1);
    try {
      return ours ? CheckedCudaKernel.forType(state.dataType()) : null;
    } catch (LinkageError e) {
      missing = true;
      LOG.warn("AGR4J's CUDA kernel is not used, ND4J's operations are: {}", e.toString());
      return null;
    }
  }
}
