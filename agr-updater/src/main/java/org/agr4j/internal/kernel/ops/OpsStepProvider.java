package org.agr4j.internal.kernel.ops;

import org.agr4j.internal.kernel.BlockState;
import org.agr4j.internal.kernel.HostStep;
import org.agr4j.internal.kernel.OptimizerStep;
import org.agr4j.internal.kernel.OptimizerStepProvider;

/** Steps by {@link Nd4jOpsKernel}, on every backend. */
public final class OpsStepProvider implements OptimizerStepProvider {
  @Override
  public String name() {
    return "ops";
  }

  @Override
  public OptimizerStep stepsOf(BlockState state) {
    return new HostStep(Nd4jOpsKernel.INSTANCE, state);
  }
}
