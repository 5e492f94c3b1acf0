package org.agr4j.kernel.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.agr4j.kernel.UpdateKernel;
import org.agr4j.kernel.UpdateKernelProvider;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link FusedCudaKernel} on the host, for tests that ask for it by name. */
public final class HostDeviceProvider implements UpdateKernelProvider {
  private static final String NAME = "host-device";
  private static UpdateKernel kernel;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public UpdateKernel forState(INDArray state) {
    return kernel;
  }

  /** Makes updaters use the host device from here on, or skips the test where there is none. */
  public static void use() {
    useRefusing("nothing");
  }

  /** The same, with a driver that refuses the kernels whose name starts as given. */
  public static void useRefusing(String prefix) {
    assumeTrue(HostDevice.MISSING == null, () -> "CUDA source on the host: " + HostDevice.MISSING);
    kernel = new FusedCudaKernel(new RefusingDevice(prefix));
    System.setProperty(UpdateKernel.PROPERTY, NAME);
  }

  /** Makes updaters use the default kernel again. */
  public static void stop() {
    System.clearProperty(UpdateKernel.PROPERTY);
  }
}
