package org.agr4j.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.agr4j.input.BadInputException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** The files of a tar archive, zipped by gzip or not, read in one pass and in place. */
final class TarFiles {
  private static final int BUFFER = 1 << 16;
  private static final String TAR_MAGIC = "ustar";
  private static final int TAR_MAGIC_AT = 257;

  /** Takes a file. */
  @FunctionalInterface
  interface Taker {
    /**
     * Takes a file, or passes it over.
     *
     * @param plain its name, as {@link EntryName#plain} makes it
     * @param bytes its size
     * @param in its content; need not be read to the end
     */
    void take(String plain, long bytes, InputStream in) throws IOException;
  }

  private TarFiles() {}

  /**
   * Reads an archive to its end, so that damage anywhere in it is found.
   *
   * @param path the archive
   * @param guard is told of every entry and of every byte
   * @param expected the end of a message: what the archive should be
   * @param taker is given every file but what desktops leave behind
   * @throws BadInputException if it is truncated or no such archive, or the guard refuses it
   */
  static void read(Path path, UnpackGuard guard, String expected, Taker taker) throws IOException {
    String entryName = null;
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(path), BUFFER);
        InputStream unzipped = guard.counting(unzipped(raw));
        TarArchiveInputStream tar = new TarArchiveInputStream(unzipped, "UTF-8")) {
      for (TarArchiveEntry entry; (entry = tar.getNextEntry()) != null; ) {
        entryName = entry.getName();
        guard.entry(entryName, entry.isSymbolicLink() || entry.isLink());
        String plain = EntryName.plain(entryName);
        if (entry.isFile() && !EntryName.isLitter(plain)) {
          taker.take(plain, entry.getSize(), tar);
        }
      }
      // The checksum comes last in a gzip file and is compared when the end is reached.
      unzipped.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw unreadable(path, expected, entryName, e);
    }
  }

  /** Some browsers take the .gz off a download, and leave the .tar under the old name. */
  private static InputStream unzipped(InputStream raw) throws IOException {
    raw.mark(TAR_MAGIC_AT + TAR_MAGIC.length());
    byte[] head = raw.readNBytes(TAR_MAGIC_AT + TAR_MAGIC.length());
    raw.reset();
    boolean tar =
        head.length == TAR_MAGIC_AT + TAR_MAGIC.length()
            && new String(head, TAR_MAGIC_AT, TAR_MAGIC.length(), StandardCharsets.US_ASCII)
                .equals(TAR_MAGIC);
    return tar ? raw : new GZIPInputStream(raw, BUFFER);
  }

  private static BadInputException unreadable(
      Path path, String expected, String entryName, IOException e) throws IOException {
    long bytes = Files.size(path);
    String where = entryName == null ? "" : " in or after " + entryName;
    boolean truncated =
        e instanceof EOFException || String.valueOf(e.getMessage()).startsWith("Truncated");
    return new BadInputException(
        "%s (%,d bytes) is %s%s; %s"
            .formatted(
                path,
                bytes,
                truncated ? "truncated" : "not a sound .tar.gz: " + e.getMessage(),
                truncated ? ", it ends" + where : where,
                expected),
        e);
  }
}
