package org.agr4j.compare;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
  @TempDir Path folder;

  @Test
  void oneAtATime() {
    Path run = folder.resolve("arm/seed-1");
    RunLock lock = RunLock.tryTake(run).orElseThrow();
    assertTrue(RunLock.tryTake(run).isEmpty());
    assertTrue(RunLock.tryTake(folder.resolve("arm/seed-2")).isPresent());
    lock.close();
    assertTrue(RunLock.tryTake(run).isPresent());
  }
}
