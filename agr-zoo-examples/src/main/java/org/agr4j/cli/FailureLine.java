package org.agr4j.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.agr4j.input.BadInputException;
import org.agr4j.updater.NonFiniteGradientException;
import org.nd4j.linalg.factory.Nd4jBackend.NoAvailableBackendException;

/** The line that tells a user what ended a command, where that is not a defect of the command. */
final class FailureLine {
  private static final String LESS_MEMORY = "lower --batch-size or --width";

  /** What libraries say instead of throwing an OutOfMemoryError, in small letters. */
  private static final List<String> OUT_OF_MEMORY =
      List.of("bad_alloc", "out of memory", "memory allocation failed", "failed to allocate");

  private FailureLine() {}

  /**
   * The line, without the name of the command.
   *
   * @param failure what was thrown
   * @return nothing for a defect
   */
  static Optional<String> of(Throwable failure) {
    List<Throwable> causes = causes(failure);
    return first(causes, FailureLine::ofMemory)
        .or(() -> first(causes, FailureLine::ofInput))
        .or(() -> first(causes, FailureLine::ofSystem))
        .map(FailureLine::inOneLine);
  }

  /** White space that would begin a new line becomes a space. */
  static String inOneLine(String message) {
    return String.valueOf(message).strip().replaceAll("\\s*\\R\\s*", " ");
  }

  private static String ofMemory(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    if (cause instanceof OutOfMemoryError) {
      return message.contains("native thread")
          ? "out of threads (%s): lower --workers or OMP_NUM_THREADS, or raise the limit (ulimit -u)"
              .formatted(message)
          : outOfMemory(message);
    }
    String small = message.toLowerCase(Locale.ROOT);
    boolean outOfMemory =
        cause instanceof RuntimeException && OUT_OF_MEMORY.stream().anyMatch(small::contains);
    return outOfMemory ? outOfMemory(message) : null;
  }

  /** The limit of arrays outside of the Java heap follows that of the heap. */
  private static String outOfMemory(String message) {
    return "out of memory (%s): %s, or set AGR_JAVA_OPTS=-Xmx…".formatted(message, LESS_MEMORY);
  }

  private static String ofInput(Throwable cause) {
    if (cause instanceof NonFiniteGradientException) {
      return "training diverged: " + cause.getMessage() + "; lower --learning-rate";
    }
    if (cause instanceof BadInputException) {
      return cause.getMessage();
    }
    if (cause instanceof InvalidPathException path) {
      return unnameable(path);
    }
    return null;
  }

  /** A name that this machine cannot give to a file. */
  static String unnameable(InvalidPathException path) {
    boolean letters = path.getReason().contains("unmappable");
    return letters
        ? "'%s' has letters that the locale lacks (%s); set LC_ALL=C.UTF-8"
            .formatted(path.getInput(), System.getProperty("sun.jnu.encoding"))
        : "'%s' is no name of a file: %s"
            .formatted(path.getInput().replace('\0', '?'), path.getReason());
  }

  private static String ofSystem(Throwable cause) {
    if (cause instanceof LinkageError || cause instanceof NoAvailableBackendException) {
      return ofNatives(cause);
    }
    if (cause instanceof FileSystemException file && file.getFile() != null) {
      return file.getFile() + ": " + reason(file);
    }
    if (cause instanceof IOException && !(cause instanceof FileSystemException)) {
      String message = String.valueOf(cause.getMessage());
      return message.contains("No space left") || message.contains("quota")
          ? message + "; free some space there, or name another folder"
          : null;
    }
    return null;
  }

  private static String reason(FileSystemException file) {
    if (file instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (file instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    return file.getReason() == null ? file.getClass().getSimpleName() : file.getReason();
  }

  /** JavaCPP unpacks ND4J's libraries into a folder, from which the system loads them. */
  private static String ofNatives(Throwable cause) {
    List<Throwable> causes = causes(cause);
    boolean natives =
        causes.stream()
            .flatMap(c -> Arrays.stream(c.getStackTrace()))
            .anyMatch(
                frame ->
                    frame.getClassName().startsWith("org.bytedeco.")
                        || frame.getClassName().startsWith("org.nd4j."));
    return natives
        ? "ND4J's native libraries cannot be loaded (%s); they are unpacked into ~/.javacpp/cache: name another"
                .formatted(causes.get(causes.size() - 1).getMessage())
            + " folder, with 300 MB free and where programs may run, with"
            + " AGR_JAVA_OPTS=-Dorg.bytedeco.javacpp.cachedir=…"
        : null;
  }

  private static Optional<String> first(List<Throwable> causes, Function<Throwable, String> line) {
    return causes.stream().map(line).filter(Objects::nonNull).findFirst();
  }

  private static List<Throwable> causes(Throwable failure) {
    List<Throwable> causes = new ArrayList<>();
    for (Throwable t = failure; t != null && !causes.contains(t); t = t.getCause()) {
      causes.add(t);
    }
    return causes;
  }
}
