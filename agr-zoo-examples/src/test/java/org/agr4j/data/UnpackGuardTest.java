package org.agr4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.agr4j.input.BadInputException;
import org.junit.jupiter.api.Test;

class UnpackGuardTest {
  /** A zip's sizes are what its maker wrote; their sum need not be a number. */
  @Test
  void sizesBeyondAllNumbersAreTooMany() {
    UnpackGuard guard = new UnpackGuard(Path.of("a.zip"), "Tiny-ImageNet", 9, 1000);
    guard.unpacked(600);
    guard.unpacked(400);
    for (long more : new long[] {1, Long.MAX_VALUE}) {
      assertEquals(
          "a.zip unpacks to more than 1,000 bytes, expected those of Tiny-ImageNet",
          assertThrows(BadInputException.class, () -> guard.unpacked(more)).getMessage());
    }
  }
}
