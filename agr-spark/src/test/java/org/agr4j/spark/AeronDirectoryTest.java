package org.agr4j.spark;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.CommonContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AeronDirectoryTest {
  @AfterEach
  void forget() {
    System.clearProperty(CommonContext.AERON_DIR_PROP_NAME);
    System.clearProperty("aeron.dir.delete.on.shutdown");
  }

  @Test
  void leftOversOfEndedProcessesGoAndOthersStay() throws Exception {
    AeronDirectory.useNew();
    Path own = Path.of(System.getProperty(CommonContext.AERON_DIR_PROP_NAME));
    Process ended =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-version")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    ended.waitFor();
    Path left = own.resolveSibling(nameOf(ended.pid()));
    Path foreign = own.resolveSibling("aeron-agr4j-test-of-somebody-else");
    try {
      Files.createDirectories(own);
      Files.createDirectories(left);
      Files.write(left.resolve("cnc.dat"), new byte[10]);
      Files.createDirectories(foreign);

      AeronDirectory.removeLeftOvers();

      assertFalse(Files.exists(left));
      assertTrue(Files.exists(own));
      assertTrue(Files.exists(foreign));
    } finally {
      Files.deleteIfExists(own);
      Files.deleteIfExists(foreign);
    }
  }

  private static String nameOf(long process) {
    return "agr4j-aeron-%s-%d-1".formatted(System.getProperty("user.name"), process);
  }

  @Test
  void everyUseHasAFolderOfItsOwn() throws IOException {
    AeronDirectory.useNew();
    String first = System.getProperty(CommonContext.AERON_DIR_PROP_NAME);
    AeronDirectory.useNew();
    assertNotEquals(first, System.getProperty(CommonContext.AERON_DIR_PROP_NAME));
  }
}
