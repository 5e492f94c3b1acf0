package org.agr4j.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.agr4j.input.BadInputException;

/**
 * Collects the files of a distribution, in whatever order they come, into training and test images.
 * Image i is the same whatever the order.
 */
final class CifarFiles {
  private static final int MOST_NAMES_BYTES = 1 << 16;

  private final CifarFormat format;
  private final Path source;
  private final int trainImages;
  private final int testImages;
  private final CifarRecords train;
  private final CifarRecords test;
  private final Set<String> missing = new LinkedHashSet<>();
  private final Set<String> others = new TreeSet<>();
  private List<String> names;

  /**
   * Room for the first images of each split.
   *
   * @param format the distribution
   * @param source archive or folder, for messages
   * @param trainImages training images to keep
   * @param testImages test images to keep
   */
  CifarFiles(CifarFormat format, Path source, int trainImages, int testImages) {
    this.format = format;
    this.source = source;
    this.trainImages = trainImages;
    this.testImages = testImages;
    train = new CifarRecords(format, trainImages);
    test = new CifarRecords(format, testImages);
    missing.addAll(format.trainFiles());
    missing.add(format.testFile());
  }

  /**
   * Takes a file if it belongs to the distribution.
   *
   * @param name its name without folders
   * @param bytes its size
   * @param in its content
   * @throws BadInputException if the size is not the distribution's, the content ends early, a
   *     label is out of range, or the file was met before
   */
  void accept(String name, long bytes, InputStream in) throws IOException {
    String own = ownName(name);
    if (own == null && name.equalsIgnoreCase(format.namesFile())) {
      List<String> lines = TextLines.of(in.readNBytes(MOST_NAMES_BYTES));
      names = lines.size() == format.classes() ? lines : names;
    } else if (own == null) {
      if (!EntryName.isLitter(name)) {
        others.add(name);
      }
    } else if (!missing.remove(own)) {
      throw new BadInputException(
          "%s: %s is there twice, expected each file once".formatted(source, own));
    } else {
      read(own, bytes, in);
    }
  }

  /** The distribution's name of a file; tools for old file systems write names in capitals. */
  private String ownName(String name) {
    return Stream.concat(format.trainFiles().stream(), Stream.of(format.testFile()))
        .filter(name::equalsIgnoreCase)
        .findFirst()
        .orElse(null);
  }

  private void read(String name, long bytes, InputStream in) throws IOException {
    int part = format.trainFiles().indexOf(name);
    int images = part < 0 ? CifarFormat.TEST_IMAGES : format.imagesPerTrainFile();
    long expected = (long) images * format.recordBytes();
    if (bytes != expected) {
      throw new BadInputException(
          "%s: %s has %,d bytes, expected %,d".formatted(source, name, bytes, expected));
    }
    try {
      if (part < 0) {
        test.read(in, source + ": " + name, 0, testImages);
      } else {
        int first = part * images;
        int count = Math.max(0, Math.min(images, trainImages - first));
        train.read(in, source + ": " + name, first, count);
      }
    } catch (EOFException e) {
      throw truncated(name, e);
    }
  }

  /** The content of a file ended before its size. */
  private BadInputException truncated(String name, EOFException e) throws IOException {
    return new BadInputException(
        "%s (%,d bytes) is truncated: %s ends early (%s); the official archive has %,d bytes"
            .formatted(source, Files.size(source), name, e.getMessage(), format.archive().bytes()),
        e);
  }

  /**
   * The images, once every file was met.
   *
   * @throws BadInputException if one was not
   */
  ImageSplits splits() {
    if (!missing.isEmpty()) {
      throw new BadInputException(
          "%s is not the binary distribution of %s: it has no %s%s"
              .formatted(source, format.title(), String.join(", ", missing), found()));
    }
    ImageSplits numbered = new ImageSplits(train.images(), test.images(), format.standardization());
    return names == null
        ? numbered
        : new ImageSplits(
            numbered.train(), numbered.test(), numbered.standardization(), List.copyOf(names));
  }

  private String found() {
    for (CifarFormat other : CifarFormat.values()) {
      if (other != format && others.contains(other.testFile())) {
        return "; it looks like " + other.title();
      }
    }
    if (others.isEmpty()) {
      return "";
    }
    return "; found "
        + String.join(", ", others.stream().limit(4).toList())
        + (others.size() > 4 ? ", …" : "");
  }
}
