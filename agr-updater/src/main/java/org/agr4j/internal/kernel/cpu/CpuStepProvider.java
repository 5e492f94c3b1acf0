package org.agr4j.internal.kernel.cpu;

import org.agr4j.internal.kernel.BlockState;
import org.agr4j.internal.kernel.HostStep;
import org.agr4j.internal.kernel.OptimizerStep;
import org.agr4j.internal.kernel.OptimizerStepProvider;

/** Steps by {@link FusedCpuKernel} where ND4J runs on a CPU. */
public final class CpuStepProvider implements OptimizerStepProvider {
  @Override
  public String name() {
    return "fused";
  }

  @Override
  public OptimizerStep stepsOf(BlockState state) {
    return FusedCpuKernel.supports(state.moments()[0])
        ? new HostStep(FusedCpuKernel.INSTANCE, state)
        : null;
  }
}
