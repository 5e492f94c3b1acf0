package org.agr4j.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.agr4j.input.BadInputException;
import org.deeplearning4j.common.resources.DL4JResources;
import org.deeplearning4j.common.resources.ResourceType;

/**
 * A data set in DL4J's cache folder: {@code ~/.deeplearning4j/data/cifar-100-binary} unless the
 * system property {@code org.deeplearning4j.resources.directory} names another root.
 */
public final class DatasetCache {
  private final OfficialArchive official;
  private final Path folder;

  /**
   * The cache of one archive in DL4J's folder.
   *
   * @param official the archive
   */
  public DatasetCache(OfficialArchive official) {
    this(official, DL4JResources.getBaseDirectory().toPath());
  }

  /**
   * The cache of one archive under another root.
   *
   * @param official the archive
   * @param root what stands for {@code ~/.deeplearning4j}
   */
  public DatasetCache(OfficialArchive official, Path root) {
    this.official = official;
    this.folder =
        root.resolve(ResourceType.DATASET.resourceName()).resolve(official.distribution());
  }

  /** Where a download of the archive belongs. */
  public Path archive() {
    return folder.resolve(official.fileName());
  }

  /** The cached archive, else the folder if it was extracted there, else nothing. */
  public Optional<Path> find() {
    if (Files.isRegularFile(archive())) {
      return Optional.of(archive());
    }
    boolean extracted =
        Files.isRegularFile(folder.resolve(official.landmark()))
            || Files.isRegularFile(folder.resolve(official.folder()).resolve(official.landmark()));
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
                                official.title(),
                                folder,
                                official.fileName(),
                                official.bytes(),
                                official.md5(),
                                official.uri())
                        + " and pass --data PATH, or try --data synthetic"));
  }
}
