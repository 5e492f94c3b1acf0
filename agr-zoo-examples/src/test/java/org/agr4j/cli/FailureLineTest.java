package org.agr4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.agr4j.input.BadInputException;
import org.junit.jupiter.api.Test;

class FailureLineTest {
  private static String line(Throwable failure) {
    String line = FailureLine.of(failure).orElseThrow(() -> new AssertionError(failure));
    assertEquals(1, line.lines().count(), line);
    return line;
  }

  @Test
  void namesWhatToLowerWhenMemoryRunsOut() {
    for (Throwable failure :
        new Throwable[] {
          new OutOfMemoryError("Java heap space"),
          new OutOfMemoryError("Cannot allocate new FloatPointer(9): totalBytes = 1G"),
          new RuntimeException("std::bad_alloc"),
          new IllegalStateException(
              new ExecutionException(new OutOfMemoryError("Physical memory usage is too high")))
        }) {
      String line = line(failure);
      assertTrue(line.startsWith("out of memory ("), line);
      assertTrue(line.contains("lower --batch-size or --width, or set AGR_JAVA_OPTS=-Xmx"), line);
    }
    assertTrue(
        line(new OutOfMemoryError("unable to create native thread: possibly out of memory"))
            .contains("lower --workers or OMP_NUM_THREADS"));
  }

  @Test
  void namesTheFileAndWhatTheSystemSaid() {
    assertEquals(
        "/a b: Read-only file system",
        line(
            new UncheckedIOException(
                new FileSystemException("/a b", null, "Read-only file system"))));
    assertEquals("/a: permission denied", line(new IOException(new AccessDeniedException("/a"))));
    assertTrue(
        line(new UncheckedIOException(new IOException("No space left on device")))
            .startsWith("No space left on device; free some"));
  }

  @Test
  void saysHowToReachANameTheLocaleLacks() {
    String line =
        line(
            new InvalidPathException(
                "é", "Malformed input or input contains unmappable characters"));
    assertTrue(line.startsWith("'é' has letters that the locale lacks ("), line);
    assertTrue(line.endsWith("set LC_ALL=C.UTF-8"), line);
    assertEquals(
        "'a?b' is no name of a file: Nul character not allowed",
        line(new InvalidPathException("a\0b", "Nul character not allowed")));
  }

  @Test
  void saysWhereNativeLibrariesGo() {
    UnsatisfiedLinkError failure = new UnsatisfiedLinkError("Could not create the cache");
    failure.setStackTrace(
        new StackTraceElement[] {
          new StackTraceElement("org.bytedeco.javacpp.Loader", "load", "Loader.java", 1)
        });
    String line = line(new ExceptionInInitializerError(failure));
    assertTrue(line.contains("(Could not create the cache)"), line);
    assertTrue(line.contains("AGR_JAVA_OPTS=-Dorg.bytedeco.javacpp.cachedir="), line);
  }

  @Test
  void leavesDefectsAlone() {
    for (Throwable failure :
        new Throwable[] {
          new NullPointerException(),
          new IllegalArgumentException("memory"),
          new IOException("stream closed"),
          new NoClassDefFoundError("org/agr4j/Missing"),
          new StackOverflowError()
        }) {
      assertEquals(Optional.empty(), FailureLine.of(failure));
    }
    assertEquals("a b", line(new RuntimeException(new BadInputException("a\n  b"))));
  }
}
