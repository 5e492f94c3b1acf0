package org.agr4j.internal.kernel.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.agr4j.internal.kernel.BlockState;
import org.agr4j.internal.kernel.OptimizerStep;
import org.agr4j.internal.kernel.OptimizerStepProvider;
import org.agr4j.internal.kernel.OptimizerSteps;

/** {@link GpuStep} on the host, for tests that ask for it by name. */
public final class HostDeviceProvider implements OptimizerStepProvider {
  private static final String NAME = "host-device";
  private static Gpu gpu;
  private static Refusals refusals;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public OptimizerStep stepsOf(BlockState state) {
    return gpu == null ? null : new GpuStep(gpu, Verdict::ofThread, refusals, state);
  }

  /** Makes updaters use the host device from here on, or skips the test where there is none. */
  public static void use() {
    useRefusing("nothing");
  }

  /** The same, with a driver that refuses the kernels whose name starts as given. */
  public static void useRefusing(String prefix) {
    assumeTrue(HostDevice.MISSING == null, () -> "CUDA source on the host: " + HostDevice.MISSING);
    gpu = new RefusingDevice(prefix);
    refusals = new Refusals();
    System.setProperty(OptimizerSteps.PROPERTY, NAME);
  }

  /** Makes updaters use the default kernel again. */
  public static void stop() {
    System.clearProperty(OptimizerSteps.PROPERTY);
  }
}
