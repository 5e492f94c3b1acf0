package org.agr4j.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.agr4j.input.BadInputException;

/**
 * The whole content of files of some names, wherever they lie in a folder, a zip archive or a tar
 * archive. Archives are read in place and as packing tools leave them ({@link UnpackGuard}, {@link
 * EntryName}); in folders, subfolders are looked into down to the second.
 *
 * <p>Memory: the files'.
 */
public final class FilesByName {
  private static final int DEEPEST = 2;
  private static final int ZIP_MAGIC = 'P' << 8 | 'K';

  private final String what;
  private final Set<String> names;
  private final int mostBytes;
  private final Path path;
  private final Map<String, byte[]> found = new TreeMap<>();

  private FilesByName(Path path, Set<String> names, String what, int mostBytes) {
    this.path = path;
    this.names = names;
    this.what = what;
    this.mostBytes = mostBytes;
  }

  /**
   * Reads files.
   *
   * @param path the folder or archive
   * @param names what they are called, in lower case and without folders
   * @param what they are in words, for messages: {@code the texts of WikiText-2}
   * @param mostBytes what a file may hold
   * @return contents by names as they are in the folder or archive, slashes between their parts
   * @throws BadInputException if there is no such folder or archive, it is damaged or harmful, or a
   *     file is too large
   */
  public static Map<String, byte[]> read(Path path, Set<String> names, String what, int mostBytes) {
    FilesByName files = new FilesByName(path, names, what, mostBytes);
    String expected = "expected a folder, .zip or .tar.gz of " + what;
    if (!Files.exists(path)) {
      throw new BadInputException("%s: no such file or folder, %s".formatted(path, expected));
    }
    try {
      if (Files.isDirectory(path) || isZip(path)) {
        try (FileTree tree = FileTree.open(path, what)) {
          files.walk(tree, "", Files.isDirectory(path) ? DEEPEST : Integer.MAX_VALUE);
        }
      } else {
        UnpackGuard guard =
            new UnpackGuard(path, what, FileTree.MOST_ENTRIES, FileTree.MOST_UNPACKED_BYTES);
        TarFiles.read(path, guard, expected, files::take);
      }
    } catch (IOException e) {
      throw new BadInputException("%s cannot be read: %s".formatted(path, e.getMessage()), e);
    }
    return files.found;
  }

  private static boolean isZip(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return (in.read() << 8 | in.read()) == ZIP_MAGIC;
    }
  }

  private boolean isWanted(String plain) {
    return names.contains(plain.substring(plain.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT));
  }

  private void walk(FileTree tree, String folder, int deeper) {
    for (String name : tree.children(folder)) {
      String plain = folder.isEmpty() ? name : folder + "/" + name;
      if (isWanted(plain) && tree.has(plain)) {
        found.put(plain, requireSize(plain, tree.read(plain)));
      } else if (deeper > 0 && !tree.has(plain)) {
        walk(tree, plain, deeper - 1);
      }
    }
  }

  private void take(String plain, long bytes, InputStream in) throws IOException {
    if (isWanted(plain)
        && found.put(plain, requireSize(plain, in.readNBytes(mostBytes + 1))) != null) {
      throw new BadInputException("%s: the entry %s is there twice".formatted(path, plain));
    }
  }

  private byte[] requireSize(String plain, byte[] content) {
    if (content.length > mostBytes) {
      throw new BadInputException(
          "%s: %s has more than %,d bytes, expected one of %s"
              .formatted(path, plain, mostBytes, what));
    }
    return content;
  }
}
