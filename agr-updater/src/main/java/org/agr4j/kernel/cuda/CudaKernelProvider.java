package org.agr4j.kernel.cuda;

import org.agr4j.kernel.UpdateKernel;
import org.agr4j.kernel.UpdateKernelProvider;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;

/** {@link FusedCudaKernel} where ND4J runs on CUDA and {@link SelfCheck} has passed. */
public final class CudaKernelProvider implements UpdateKernelProvider {
  @Override
  public String name() {
    return "fused";
  }

  @Override
  public UpdateKernel forState(INDArray state) {
    // Nothing of the CUDA backend is named here: this class loads without it.
    boolean ours =
        Nd4j.getExecutioner().type() == ExecutionerType.CUDA
            && FusedCudaKernel.nameOf(state.dataType()) != null
            && (state.length() == 1 || state.elementWiseStride() == 1);
    return ours ? CheckedCudaKernel.forType(state.dataType()) : null;
  }
}
