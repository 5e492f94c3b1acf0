package org.agr4j.data;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.agr4j.input.BadInputException;

/**
 * Watches over the reading of an archive and refuses one that is not what it claims to be: with
 * entries outside its folder, with links, with far more entries or bytes than it should have.
 *
 * <p>Archives are read in place and nothing of them is written to disk. The refusals keep a harmful
 * archive from filling the memory, and from lying where another program may unpack it.
 */
final class UnpackGuard {
  private final Path archive;
  private final String title;
  private final int mostEntries;
  private final long mostBytes;
  private int entries;
  private long bytes;

  /**
   * Watches over an archive.
   *
   * @param archive for messages
   * @param official what it should be
   */
  UnpackGuard(Path archive, OfficialArchive official) {
    this(archive, official.title(), official.mostEntries(), official.mostUnpackedBytes());
  }

  /**
   * Watches over an archive.
   *
   * @param archive for messages
   * @param title what it should be, for messages
   * @param mostEntries entries it may have
   * @param mostBytes bytes it may unpack to
   */
  UnpackGuard(Path archive, String title, int mostEntries, long mostBytes) {
    this.archive = archive;
    this.title = title;
    this.mostEntries = mostEntries;
    this.mostBytes = mostBytes;
  }

  /**
   * Checks an entry before it is unpacked.
   *
   * @param name its name in the archive
   * @param link whether it is a symbolic or a hard link
   * @throws BadInputException if it lies outside the archive's folder, is a link, or is one too
   *     many
   */
  void entry(String name, boolean link) {
    if (++entries > mostEntries) {
      throw new BadInputException(
          "%s has more than %,d entries, expected those of %s"
              .formatted(archive, mostEntries, title));
    }
    if (leaves(name)) {
      throw new BadInputException(
          "%s: the entry %s leaves the archive's folder, expected paths inside it"
              .formatted(archive, name));
    }
    if (link) {
      throw new BadInputException(
          "%s: the entry %s is a link, expected files and folders".formatted(archive, name));
    }
  }

  /** Whether a name, read as on any system, leads out of the folder it is unpacked in. */
  private static boolean leaves(String name) {
    String path = name.replace('\\', '/');
    if (path.startsWith("/") || path.matches("[A-Za-z]:.*")) {
      return true;
    }
    int depth = 0;
    for (String step : path.split("/")) {
      depth += step.equals("..") ? -1 : step.isEmpty() || step.equals(".") ? 0 : 1;
      if (depth < 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Counts unpacked bytes against the limit.
   *
   * @param more how many
   * @throws BadInputException if they are too many in all
   */
  void unpacked(long more) {
    if (more > mostBytes - bytes) { // their sum may overflow: sizes can be forged
      throw new BadInputException(
          "%s unpacks to more than %,d bytes, expected those of %s"
              .formatted(archive, mostBytes, title));
    }
    bytes += more;
  }

  /** Unpacked bytes as they come, counted. */
  InputStream counting(InputStream unpacked) {
    return new FilterInputStream(unpacked) {
      @Override
      public int read() throws IOException {
        int value = in.read();
        unpacked(value < 0 ? 0 : 1);
        return value;
      }

      @Override
      public int read(byte[] target, int at, int count) throws IOException {
        int n = in.read(target, at, count);
        unpacked(Math.max(0, n));
        return n;
      }

      @Override
      public long skip(long count) throws IOException {
        long n = in.skip(count);
        unpacked(n);
        return n;
      }

      @Override
      public boolean markSupported() {
        return false;
      }
    };
  }
}
