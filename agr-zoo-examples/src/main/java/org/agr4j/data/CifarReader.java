package org.agr4j.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.agr4j.input.BadInputException;

/**
 * Reads CIFAR-10 and CIFAR-100 from the official binary archive (.tar.gz), which is streamed and
 * never unpacked to disk, or from a folder it was extracted to.
 *
 * <p>Memory: 3,072 bytes an image kept. A cut keeps the first images of each split; the rest of the
 * archive is still read, so that damage anywhere in it is found.
 */
public final class CifarReader {
  private static final int BUFFER = 1 << 16;

  private CifarReader() {}

  /**
   * Reads the first images of each split.
   *
   * @param format what it should be
   * @param path archive or folder
   * @param trainImages training images to keep, 1 to 50,000
   * @param testImages test images to keep, 1 to 10,000
   * @return the images, in the order of the distribution
   * @throws BadInputException if the path is missing, truncated or something else, a label is out
   *     of range, or more images are asked for than there are
   */
  public static ImageSplits read(CifarFormat format, Path path, int trainImages, int testImages) {
    requireAvailable(format, "training", trainImages, CifarFormat.TRAIN_IMAGES);
    requireAvailable(format, "test", testImages, CifarFormat.TEST_IMAGES);
    if (!Files.exists(path)) {
      throw new BadInputException(
          "%s: no such file or folder, expected %s (%,d bytes) or the folder it extracts to"
              .formatted(path, format.archive().fileName(), format.archive().bytes()));
    }
    CifarFiles files = new CifarFiles(format, path, trainImages, testImages);
    try {
      if (Files.isDirectory(path)) {
        readFolder(format, path, files);
      } else {
        readArchive(format, path, files);
      }
    } catch (IOException e) {
      throw new BadInputException("%s cannot be read: %s".formatted(path, e.getMessage()), e);
    }
    return files.splits();
  }

  private static void requireAvailable(CifarFormat format, String split, int asked, int there) {
    if (asked < 1 || asked > there) {
      throw new BadInputException(
          "%d %s images asked for, expected 1 to %d: %s has no more"
              .formatted(asked, split, there, format.title()));
    }
  }

  private static void readFolder(CifarFormat format, Path path, CifarFiles files)
      throws IOException {
    Path folder = folder(format, path);
    try (var entries = Files.newDirectoryStream(folder, Files::isRegularFile)) {
      for (Path file : entries) {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
          files.accept(file.getFileName().toString(), Files.size(file), in);
        }
      }
    }
  }

  /** The folder itself, or the one in it that holds the distribution. */
  private static Path folder(CifarFormat format, Path path) throws IOException {
    Path inner = path.resolve(format.archive().folder());
    if (Files.isDirectory(inner)) {
      return inner;
    }
    if (holds(path, format)) {
      return path;
    }
    try (var folders = Files.newDirectoryStream(path, Files::isDirectory)) {
      List<Path> wrapped = new ArrayList<>();
      for (Path folder : folders) {
        if (holds(folder, format)) {
          wrapped.add(folder);
        }
      }
      if (wrapped.size() > 1) {
        Collections.sort(wrapped);
        throw new BadInputException(
            "%s and %s are both there, expected one %s"
                .formatted(wrapped.get(0), wrapped.get(1), format.title()));
      }
      return wrapped.isEmpty() ? path : wrapped.get(0);
    }
  }

  private static boolean holds(Path folder, CifarFormat format) throws IOException {
    try (var files = Files.newDirectoryStream(folder, Files::isRegularFile)) {
      for (Path file : files) {
        if (file.getFileName().toString().equalsIgnoreCase(format.testFile())) {
          return true;
        }
      }
    }
    return false;
  }

  private static void readArchive(CifarFormat format, Path path, CifarFiles files)
      throws IOException {
    OfficialArchive official = format.archive();
    TarFiles.read(
        path,
        new UnpackGuard(path, official),
        "the official %s has %,d bytes".formatted(official.fileName(), official.bytes()),
        (plain, bytes, in) -> files.accept(plain.substring(plain.lastIndexOf('/') + 1), bytes, in));
  }
}
