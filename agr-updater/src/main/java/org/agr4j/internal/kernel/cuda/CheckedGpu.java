package org.agr4j.internal.kernel.cuda;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.agr4j.internal.kernel.BlockState;
import org.agr4j.internal.kernel.OptimizerStep;
import org.nd4j.linalg.api.buffer.DataType;

/** ND4J's GPUs, for the devices and types on which the kernels have shown that they are right. */
final class CheckedGpu {
  private record Place(int device, DataType type) {}

  private static final Map<Place, Boolean> PASSED = new ConcurrentHashMap<>();
  private static final Gpu GPU = new Nd4jGpu();
  private static final Refusals REFUSALS = new Refusals();

  private CheckedGpu() {}

  /** The steps of a block, or null if the check failed on this thread's device. */
  static OptimizerStep stepsOf(BlockState state) {
    boolean passed =
        PASSED.computeIfAbsent(
            new Place(GPU.current(), state.dataType()),
            p -> SelfCheck.passes(GPU, p.device(), p.type()));
    return passed ? new GpuStep(GPU, Verdict::ofThread, REFUSALS, state) : null;
  }
}
