package org.agr4j.run;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.stream.Stream;
import org.agr4j.input.BadInputException;

/** The folder of one run. A file in it is whole or absent: it is written aside and renamed. */
public final class RunFolder {
  /** The settings, as {@code --config} reads them. */
  public static final String SETTINGS = "settings.yaml";

  /** What its data are known by, YAML: a {@link DataDigest}. */
  public static final String DATA = "data.yaml";

  /** What it was begun on, YAML. */
  public static final String ENVIRONMENT = "environment.yaml";

  /** The metrics, one JSON object a line. */
  public static final String METRICS = "metrics.jsonl";

  /** What Ψ does to each tensor, one JSON object a line, where it was asked for. */
  public static final String STATISTICS = "statistics.jsonl";

  /**
   * The trained network in DL4J's format, with the optimizer's state; with a weight average the
   * averaged network, which is the one that was tested and has no such state.
   */
  public static final String MODEL = "model.zip";

  /** With a weight average, the network as it was trained, with the optimizer's state. */
  public static final String UNAVERAGED = "model-unaveraged.zip";

  /** Begin of the names of pictures that a network drew, {@code samples-0010.png} of an epoch. */
  public static final String SAMPLES = "samples-";

  /** Where a run of a comparison left the finite numbers, one line. */
  public static final String DIVERGED = "diverged.txt";

  /** What the process that works on the run has locked. */
  private static final String LOCK = "run.lock";

  /** Something that writes a file's content. */
  @FunctionalInterface
  public interface Content {
    /** Writes to a stream, which the caller closes. */
    void writeTo(OutputStream out) throws IOException;
  }

  /** End of the name of a file that is being written; its process is in front of it. */
  private static final String PART = ".part";

  private static final int BUFFER = 1 << 16;

  private final Path path;

  private RunFolder(Path path) {
    this.path = path;
  }

  /**
   * Makes a folder, or takes one without results.
   *
   * @param path the folder
   * @throws BadInputException if it holds another run's results or cannot be written to
   */
  public static RunFolder create(Path path) {
    if (Files.exists(path.resolve(SETTINGS))) {
      throw new BadInputException(
          path + " holds the results of another run, expected a new or empty folder");
    }
    try {
      Files.createDirectories(path);
      Files.delete(Files.createTempFile(path, "agr", ".part"));
    } catch (IOException e) {
      throw new BadInputException(path + " cannot be written to: " + reason(e), e);
    }
    return new RunFolder(path);
  }

  /**
   * Takes the folder of a run that was begun.
   *
   * @param path the folder
   * @throws BadInputException if no run was begun there
   */
  public static RunFolder existing(Path path) {
    if (!Files.exists(path.resolve(SETTINGS))) {
      throw new BadInputException(path + " has no " + SETTINGS + ", expected the folder of a run");
    }
    return new RunFolder(path);
  }

  /**
   * Makes sure that nobody else works on the run; they would remove each other's files.
   *
   * @param path the run's folder, there or not
   * @return what to close in the end; nothing if another process works on it
   * @throws BadInputException if the lock's file cannot be written
   */
  public static Optional<ProcessLock> tryLock(Path path) {
    return ProcessLock.tryTake(path.resolve(LOCK));
  }

  /**
   * Takes the run, so that no other process works on it.
   *
   * @throws BadInputException if another one does
   */
  public ProcessLock lock() {
    return tryLock(path)
        .orElseThrow(
            () ->
                new BadInputException(
                    "another process is at the run in " + path + ", expected it to have ended"));
  }

  /** Whether the run got to its end. */
  public boolean isFinished() {
    return Files.exists(path.resolve(MODEL));
  }

  /** Reads a file of UTF-8 text. */
  public String read(String name) {
    Path file = path.resolve(name);
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new BadInputException(file + " cannot be read: " + reason(e), e);
    }
  }

  /** The folder itself. */
  public Path path() {
    return path;
  }

  /**
   * Writes or replaces a file.
   *
   * @param name its name
   * @param content what goes into it
   * @return the file
   * @throws BadInputException if it cannot be written
   */
  public Path write(String name, Content content) {
    Path file = path.resolve(name);
    Path part = path.resolve(name + "." + ProcessHandle.current().pid() + PART);
    try {
      try (FileChannel channel = FileChannel.open(part, CREATE, WRITE, TRUNCATE_EXISTING)) {
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
        content.writeTo(out);
        out.flush();
        channel.force(true); // or a crash may leave the new name on missing content
      }
      return Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      delete(part);
      throw new BadInputException(file + " cannot be written: " + reason(e), e);
    }
  }

  /** Removes what killed processes left half-written; nobody else may be writing here. */
  public void removeParts() {
    try (Stream<Path> files = Files.list(path)) {
      files.filter(file -> file.toString().endsWith(PART)).forEach(RunFolder::delete);
    } catch (IOException e) {
      throw new BadInputException(path + " cannot be read: " + reason(e), e);
    }
  }

  /** Writes or replaces a file of UTF-8 text. */
  public Path write(String name, String text) {
    return write(name, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static void delete(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      // The error that led here is the one to tell; a left-over is overwritten next time.
    }
  }

  /** A file-system error's message is often no more than the path. */
  static String reason(Exception e) {
    if (e instanceof FileAlreadyExistsException) {
      return "a file of that name is in the way";
    }
    if (e instanceof FileSystemException f && f.getReason() != null) {
      return f.getReason();
    }
    return e.getClass().getSimpleName() + " " + e.getMessage();
  }
}
