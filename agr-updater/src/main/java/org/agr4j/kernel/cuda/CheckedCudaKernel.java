package org.agr4j.kernel.cuda;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.agr4j.kernel.UpdateKernel;
import org.nd4j.linalg.api.buffer.DataType;

/** The CUDA kernel, for the devices and types on which it has shown that it is right. */
final class CheckedCudaKernel {
  private record Place(int device, DataType type) {}

  private static final Map<Place, Boolean> PASSED = new ConcurrentHashMap<>();
  private static final StepDevice DEVICE = new Nd4jCudaDevice();
  private static final UpdateKernel KERNEL = new FusedCudaKernel(DEVICE);

  private CheckedCudaKernel() {}

  /** The kernel, or null if the check failed on this thread's device. */
  static UpdateKernel forType(DataType type) {
    boolean passed =
        PASSED.computeIfAbsent(
            new Place(DEVICE.current(), type), p -> SelfCheck.passes(DEVICE, p.device(), type));
    return passed ? KERNEL : null;
  }
}
