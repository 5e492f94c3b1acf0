package org.agr4j.updater;

import org.agr4j.kernel.cuda.HostDeviceProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** What a step does besides the formula, again, where a device does it whole. */
class DeviceStepTest extends StepTest {
  @BeforeAll
  static void useTheHostDevice() {
    HostDeviceProvider.use();
  }

  @AfterAll
  static void stop() {
    HostDeviceProvider.stop();
  }
}
