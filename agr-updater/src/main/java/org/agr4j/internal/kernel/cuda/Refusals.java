package org.agr4j.internal.kernel.cuda;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.agr4j.internal.kernel.OptimizerSteps;
import org.nd4j.linalg.api.buffer.DataType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The devices and types for which the driver has refused a step. ND4J's operations do all steps
 * there from then on, after one warning however many blocks there are.
 */
final class Refusals {
  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

  private record Place(int device, DataType type) {}

  private final Set<Place> places = ConcurrentHashMap.newKeySet();

  boolean contains(int device, DataType type) {
    return places.contains(new Place(device, type));
  }

  /**
   * Notes a refusal.
   *
   * @throws IllegalStateException if the user wants this kernel or none
   */
  void add(int device, DataType type, CudaException refusal) {
    if ("fused".equals(System.getProperty(OptimizerSteps.PROPERTY))) {
      throw new IllegalStateException(
          OptimizerSteps.PROPERTY
              + " = fused, but a step of "
              + type
              + " on device "
              + device
              + " was refused: "
              + refusal.getMessage(),
          refusal);
    }
    if (places.add(new Place(device, type))) {
      LOG.warn(
          "AGR4J's CUDA kernel is no longer used for {} on device {}, ND4J's operations are: {}",
          type,
          device,
          refusal.getMessage());
    }
  }
}
