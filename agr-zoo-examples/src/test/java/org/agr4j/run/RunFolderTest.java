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

class RunFolderTest {
  @TempDir Path folder;

  @Test
  void writesWholeFilesOnly() throws IOException {
    RunFolder run = RunFolder.create(folder.resolve("a/b"));
    Path file = run.write("x.txt", "one");
    BadInputException e =
        assertThrows(
            BadInputException.class,
            () ->
                run.write(
                    "x.txt",
                    out -> {
                      out.write('t');
                      throw new IOException("No space left on device");
                    }));
    assertEquals(file + " cannot be written: IOException No space left on device", e.getMessage());
    assertEquals("one", Files.readString(file), "the last whole file stays");
    run.write("x.txt", "three");
    assertEquals("three", Files.readString(file));
  }

  @Test
  void refusesAFolderThatCannotBeWritten() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertMessage("cannot be written to", file.resolve("run"));
    assertMessage("a file of that name is in the way", file);
    // Nobody, not even root, can make a file there.
    Path proc = Path.of("/proc/self/agr4j");
    if (Files.isDirectory(proc.getParent())) {
      assertMessage("cannot be written to", proc);
    }
  }

  @Test
  void refusesAnotherRunsResults() {
    RunFolder.create(folder).write(RunFolder.SETTINGS, "{}");
    assertMessage("holds the results of another run, expected a new or empty folder", folder);
  }

  private static void assertMessage(String part, Path path) {
    String message =
        assertThrows(BadInputException.class, () -> RunFolder.create(path)).getMessage();
    assertTrue(message.contains(part) && message.startsWith(path.toString()), message);
    assertEquals(1, message.lines().count(), message);
  }
}
