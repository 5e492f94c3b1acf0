package org.agr4j.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agr4j.input.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessLockTest {
  @TempDir Path folder;

  @Test
  void oneAtATime() {
    Path run = folder.resolve("arm/seed-1/run.lock");
    ProcessLock lock = ProcessLock.tryTake(run).orElseThrow();
    assertTrue(ProcessLock.tryTake(run).isEmpty());
    ProcessLock.tryTake(folder.resolve("arm/seed-2/run.lock")).orElseThrow().close();
    lock.close();
    ProcessLock.tryTake(run).orElseThrow().close();
  }

  @Test
  void namesWhatCannotBeWritten() throws IOException {
    Path file = Files.createDirectory(folder.resolve("run.lock"));
    String message =
        assertThrows(BadInputException.class, () -> ProcessLock.tryTake(file)).getMessage();
    assertTrue(message.startsWith(file + " cannot be written: "), message);
    assertEquals(1, message.lines().count());
  }
}
