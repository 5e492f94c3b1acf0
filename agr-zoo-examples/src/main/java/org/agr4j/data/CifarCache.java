package org.agr4j.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.deeplearning4j.common.resources.DL4JResources;
import org.deeplearning4j.common.resources.ResourceType;

/**
 * CIFAR in DL4J's cache folder: {@code ~/.deeplearning4j/data/cifar-100-binary} unless the system
 * property {@code org.deeplearning4j.resources.directory} names another root.
 */
public final class CifarCache {
  private final CifarFormat format;
  private final Path folder;

  /**
   * The cache of one distribution in DL4J's folder.
   *
   * @param format the distribution
   */
  public CifarCache(CifarFormat format) {
    this(format, DL4JResources.getBaseDirectory().toPath());
  }

  /**
   * The cache of one distribution under another root.
   *
   * @param format the distribution
   * @param root what stands for {@code ~/.deeplearning4j}
   */
  public CifarCache(CifarFormat format, Path root) {
    this.format = format;
    this.folder = root.resolve(ResourceType.DATASET.resourceName()).resolve(format.distribution());
  }

  /** Where a download of the archive belongs. */
  public Path archive() {
    return folder.resolve(format.archiveName());
  }

  /** The cached archive, else the folder if the files were extracted there, else nothing. */
  public Optional<Path> find() {
    if (Files.isRegularFile(archive())) {
      return Optional.of(archive());
    }
    boolean extracted =
        Files.isRegularFile(folder.resolve(format.testFile()))
            || Files.isRegularFile(
                folder.resolve(format.extractedFolder()).resolve(format.testFile()));
    return extracted ? Optional.of(folder) : Optional.empty();
  }

  /**
   * The cached data.
   *
   * @throws BadInputException if there is none; the message says where to get it
   */
  public Path require() {
    return find()
        .orElseThrow(
            () ->
                new BadInputException(
                    "no %s in %s: run again with --download, or get %s (%,d bytes, MD5 %s) from %s"
                            .formatted(
                                format.title(),
                                folder,
                                format.archiveName(),
                                format.archiveBytes(),
                                format.archiveMd5(),
                                format.archiveUri())
                        + " and pass --data PATH, or try --data synthetic"));
  }
}
