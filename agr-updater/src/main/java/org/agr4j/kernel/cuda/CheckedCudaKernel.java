package org.agr4j.kernel.cuda;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.agr4j.kernel.UpdateKernel;
import org.nd4j.linalg.api.buffer.DataType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The CUDA kernel, for the devices and types on which it has shown that it is right. */
final class CheckedCudaKernel {
  private static final Logger LOG = LoggerFactory.getLogger(CheckedCudaKernel.class);

  private record Place(int device, DataType type) {}

  private static final Map<Place, Boolean> PASSED = new ConcurrentHashMap<>();
  private static final StepDevice DEVICE = new Nd4jCudaDevice();
  private static final UpdateKernel KERNEL = new FusedCudaKernel(DEVICE);

  private CheckedCudaKernel() {}

  /** The kernel, or null if the check failed on this thread's device. */
  static UpdateKernel forType(DataType type) {
    boolean passed =
        PASSED.computeIfAbsent(
            new Place(DEVICE.current(), type), p -> passes(DEVICE, p.device(), type));
    return passed ? KERNEL : null;
  }

  /** Checks a device, and warns if something is wrong there. */
  static boolean passes(StepDevice device, int number, DataType type) {
    String difference;
    try {
      difference = new SelfCheck(device, type).difference();
    } catch (CudaException e) {
      difference = e.getMessage();
    } catch (RuntimeException | LinkageError e) {
      difference = e.toString();
    }
    if (difference != null) {
      LOG.warn(
          "AGR4J's CUDA kernel is not used for {} on device {}, ND4J's operations are: {}",
          type,
          number,
          difference);
    }
    return difference == null;
  }
}
