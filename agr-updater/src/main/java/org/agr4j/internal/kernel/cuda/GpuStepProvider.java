package org.agr4j.internal.kernel.cuda;

import org.agr4j.internal.kernel.BlockState;
import org.agr4j.internal.kernel.OptimizerStep;
import org.agr4j.internal.kernel.OptimizerStepProvider;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Steps by {@link GpuStep} where ND4J runs on CUDA and {@link SelfCheck} has passed. */
public final class GpuStepProvider implements OptimizerStepProvider {
  private static final Logger LOG = LoggerFactory.getLogger(GpuStepProvider.class);

  private volatile boolean missing; // something of CUDA is not on the class path

  @Override
  public String name() {
    return "fused";
  }

  @Override
  public OptimizerStep stepsOf(BlockState state) {
    // Nothing of the CUDA backend is named here: this class loads without it.
    INDArray moment = state.moments()[0];
    boolean ours =
        !missing
            && Nd4j.getExecutioner().type() == ExecutionerType.CUDA
            && GpuStep.nameOf(state.dataType()) != null
            && (moment.length() == 1 || moment.elementWiseStride() == 1);
    try {
      return ours ? CheckedGpu.stepsOf(state) : null;
    } catch (LinkageError e) {
      missing = true;
      LOG.warn("AGR4J's CUDA kernel is not used, ND4J's operations are: {}", e.toString());
      return null;
    }
  }
}
