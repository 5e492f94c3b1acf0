package org.agr4j.golden;

import org.agr4j.internal.kernel.cuda.HostDeviceProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The trajectories again, with steps that a device does whole, on the CUDA source on the host. */
class DeviceGoldenTrajectoryTest extends GoldenTrajectoryTest {
  @BeforeAll
  static void useTheHostDevice() {
    HostDeviceProvider.use();
  }

  @AfterAll
  static void stop() {
    HostDeviceProvider.stop();
  }
}
