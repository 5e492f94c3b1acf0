package org.agr4j.data;

import java.io.Closeable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.agr4j.input.BadInputException;

/**
 * The files of a data set, in a zip archive or in a folder. Names are relative to it and have
 * slashes between their parts. Its methods may be called by several threads.
 */
interface FileTree extends Closeable {
  /** A file above this size is no image to train on: 64 MiB. */
  int MOST_FILE_BYTES = 1 << 26;

  /** Limits of archives whose content is not known beforehand. */
  int MOST_ENTRIES = 20_000_000;

  /** Limit of what they unpack to: 4 TiB. */
  long MOST_UNPACKED_BYTES = 1L << 42;

  /**
   * Opens an archive or a folder.
   *
   * @param path where it is
   * @param official what it should be
   * @throws BadInputException if there is neither, or it is damaged
   */
  static FileTree open(Path path, OfficialArchive official) {
    if (!Files.exists(path)) {
      throw new BadInputException(
          "%s: no such file or folder, expected %s (%,d bytes) or the folder it extracts to"
              .formatted(path, official.fileName(), official.bytes()));
    }
    return Files.isDirectory(path)
        ? new FolderTree(path)
        : ZipTree.open(path, official, new UnpackGuard(path, official));
  }

  /**
   * Opens an archive or a folder of a user's own.
   *
   * @param path where it is
   * @param what it should hold, for messages
   * @throws BadInputException if there is neither, or it is damaged
   */
  static FileTree open(Path path, String what) {
    if (!Files.exists(path)) {
      throw new BadInputException(
          "%s: no such file or folder, expected a folder or zip archive of %s"
              .formatted(path, what));
    }
    return Files.isDirectory(path)
        ? new FolderTree(path)
        : ZipTree.open(
            path,
            "expected a folder or zip archive of " + what,
            new UnpackGuard(path, what, MOST_ENTRIES, MOST_UNPACKED_BYTES));
  }

  /**
   * Names of the files and folders right in a folder, in no particular order, without that folder's
   * name.
   *
   * @param folder its name; empty for the top
   * @return nothing if there is no such folder
   */
  List<String> children(String folder);

  /** Whether there is a file of that name. */
  boolean has(String file);

  /**
   * The content of a file.
   *
   * @param file its name
   * @throws BadInputException if there is none, it is damaged or above {@link #MOST_FILE_BYTES}
   */
  byte[] read(String file);

  /** What to call a file or folder in a message. */
  String located(String name);

  @Override
  void close();
}
