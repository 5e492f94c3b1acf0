package org.agr4j.run;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.agr4j.input.BadInputException;

/**
 * Makes sure that one process works on something; the system releases it however the process ends.
 * The file stays: were it removed, two processes could hold locks of one name.
 */
public final class ProcessLock implements AutoCloseable {
  private final FileChannel channel;

  private ProcessLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes a lock if nobody has it, neither another process nor another thread of this one.
   *
   * @param file stands for what is worked on; it and its folder are made
   * @throws BadInputException if it cannot be written
   */
  public static Optional<ProcessLock> tryTake(Path file) {
    FileChannel channel = null;
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        channel.close();
        return Optional.empty();
      }
      return Optional.of(new ProcessLock(channel));
    } catch (OverlappingFileLockException e) {
      close(channel);
      return Optional.empty();
    } catch (IOException e) {
      close(channel);
      throw new BadInputException(file + " cannot be written: " + e.getMessage(), e);
    }
  }

  private static void close(FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // nothing was written to it
    }
  }

  @Override
  public void close() {
    close(channel);
  }
}
