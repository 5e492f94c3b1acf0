package org.agr4j.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.agr4j.input.BadInputException;
import org.apache.commons.compress.archivers.zip.UnsupportedZipFeatureException;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * A {@link FileTree} in a zip archive, read in place. What is read is checked against the entry's
 * size and CRC-32, which commons-compress leaves to its caller. Names are those of {@link ZipName},
 * made {@linkplain EntryName#plain plain}; what desktops leave behind is passed over.
 */
final class ZipTree implements FileTree {
  /** What a zip archive begins with: the header of its first entry. */
  private static final byte[] FIRST_HEADER = {'P', 'K', 3, 4};

  private final Path path;
  private final ZipFile zip;
  private final Map<String, ZipArchiveEntry> files = new HashMap<>();
  private final Map<String, List<String>> folders = new HashMap<>();

  private ZipTree(Path path, ZipFile zip) {
    this.path = path;
    this.zip = zip;
  }

  /**
   * Opens an archive and reads its list of entries.
   *
   * @param path the archive
   * @param official what it should be, for messages
   * @param guard is told of every entry and its size
   * @throws BadInputException if it is truncated or damaged, or the guard refuses it
   */
  static ZipTree open(Path path, OfficialArchive official, UnpackGuard guard) {
    String expected =
        "the official %s has %,d bytes".formatted(official.fileName(), official.bytes());
    return open(path, expected, guard);
  }

  /** The same, with what to say of other files. */
  static ZipTree open(Path path, String expected, UnpackGuard guard) {
    ZipFile zip;
    try {
      zip = ZipFile.builder().setPath(path).setIgnoreLocalFileHeader(true).get();
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(path, expected, e);
    }
    ZipTree tree = new ZipTree(path, zip);
    try {
      for (ZipArchiveEntry entry : Collections.list(zip.getEntries())) {
        String name = ZipName.of(entry);
        guard.entry(name, entry.isUnixSymlink());
        guard.unpacked(Math.max(0, entry.getSize()));
        String plain = EntryName.plain(name);
        if (!plain.isEmpty() && !EntryName.isLitter(plain)) {
          tree.add(entry, plain, name.endsWith("/") || name.endsWith("\\"));
        }
      }
    } catch (BadInputException e) {
      tree.close();
      throw e;
    }
    return tree;
  }

  private static BadInputException unreadable(Path path, String expected, Exception error) {
    try (InputStream in = Files.newInputStream(path)) {
      boolean begun = Arrays.equals(in.readNBytes(FIRST_HEADER.length), FIRST_HEADER);
      return new BadInputException(
          "%s (%,d bytes) is %s; %s"
              .formatted(
                  path,
                  Files.size(path),
                  begun
                      ? "truncated or damaged: the list of entries at its end cannot be read ("
                          + error.getMessage()
                          + ")"
                      : "no zip archive",
                  expected),
          error);
    } catch (IOException e) {
      return new BadInputException("%s cannot be read: %s".formatted(path, e), e);
    }
  }

  private void add(ZipArchiveEntry entry, String name, boolean folder) {
    if (folder) {
      if (folders.containsKey(name)) {
        return;
      }
      folders.put(name, new ArrayList<>());
    } else if (files.putIfAbsent(name, entry) != null) {
      throw new BadInputException("%s: the entry %s is there twice".formatted(path, name));
    }
    addToParent(name);
    if (folders.containsKey(name) && files.containsKey(name)) {
      throw new BadInputException(
          "%s: the entry %s is both a file and a folder".formatted(path, name));
    }
  }

  /** Archives need not have entries for their folders. */
  private void addToParent(String name) {
    int slash = name.lastIndexOf('/');
    String parent = slash < 0 ? "" : name.substring(0, slash);
    boolean known = folders.containsKey(parent);
    if (files.containsKey(parent)) {
      throw new BadInputException(
          "%s: the entry %s is both a file and a folder".formatted(path, parent));
    }
    folders.computeIfAbsent(parent, key -> new ArrayList<>()).add(name.substring(slash + 1));
    if (!known && !parent.isEmpty()) {
      addToParent(parent);
    }
  }

  @Override
  public List<String> children(String folder) {
    return Collections.unmodifiableList(folders.getOrDefault(folder, List.of()));
  }

  @Override
  public boolean has(String file) {
    return files.containsKey(file);
  }

  @Override
  public byte[] read(String file) {
    ZipArchiveEntry entry = files.get(file);
    if (entry == null) {
      throw new BadInputException("%s is missing".formatted(located(file)));
    }
    long size = entry.getSize();
    if (size > MOST_FILE_BYTES) {
      throw new BadInputException(
          "%s has %,d bytes, expected an image or list, at most %,d"
              .formatted(located(file), size, MOST_FILE_BYTES));
    }
    byte[] content = unpack(file, entry, (int) size + 1);
    if (content.length != size) {
      throw new BadInputException(
          "%s is damaged: it unpacks to %s %,d bytes, expected %,d"
              .formatted(
                  located(file),
                  content.length > size ? "more than" : "only",
                  Math.min(content.length, size),
                  size));
    }
    CRC32 crc = new CRC32();
    crc.update(content);
    if (crc.getValue() != entry.getCrc()) {
      throw new BadInputException(
          "%s is damaged: its CRC-32 is %08x, expected %08x"
              .formatted(located(file), crc.getValue(), entry.getCrc()));
    }
    return content;
  }

  /** The archive's reader has one position for all threads. */
  private synchronized byte[] unpack(String file, ZipArchiveEntry entry, int most) {
    try (InputStream in = zip.getInputStream(entry)) {
      return in.readNBytes(most);
    } catch (UnsupportedZipFeatureException
        | LinkageError e) { // methods with libraries of their own
      throw new BadInputException(
          "%s is %s, expected a plain zip archive, as with 'zip -r'"
              .formatted(
                  located(file),
                  entry.getGeneralPurposeBit().usesEncryption()
                      ? "encrypted"
                      : "packed with method " + entry.getMethod()),
          e);
    } catch (IOException | IllegalArgumentException e) {
      throw new BadInputException("%s is damaged: %s".formatted(located(file), e.getMessage()), e);
    }
  }

  @Override
  public String located(String name) {
    return path + ": " + name;
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException e) {
      throw new BadInputException("%s cannot be closed: %s".formatted(path, e), e);
    }
  }
}
