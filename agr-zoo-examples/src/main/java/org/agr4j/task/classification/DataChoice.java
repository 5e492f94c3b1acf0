package org.agr4j.task.classification;

import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.agr4j.data.ArchiveDownload;
import org.agr4j.data.DatasetCache;
import org.agr4j.data.DatasetChoice;
import org.agr4j.data.ImageCounts;
import org.agr4j.data.ImageSplits;
import org.agr4j.data.OfficialArchive;

/** Where training data comes from; never from anywhere else than was said. */
public final class DataChoice {
  /** What stands for the place of made-up images. */
  public static final String SYNTHETIC = "synthetic";

  /** Patterns and images of the made-up data are the same in every run, whatever its seed. */
  private static final long SYNTHETIC_SEED = 20240716;

  private DataChoice() {}

  /**
   * Archive or folder of the data in DL4J's cache.
   *
   * @param official the archive
   * @param download whether to fetch it if the cache has none
   * @param progress is told the number of bytes fetched so far
   * @throws org.agr4j.input.BadInputException if there is none, or the download fails
   */
  public static Path cached(OfficialArchive official, boolean download, LongConsumer progress) {
    DatasetCache cache = new DatasetCache(official);
    if (download && cache.find().isEmpty()) {
      ArchiveDownload.fetch(
          official.uri(), cache.archive(), official.bytes(), official.md5(), progress);
    }
    return cache.require();
  }

  /**
   * The number of images there are.
   *
   * @param dataset the data set
   * @param data {@code synthetic}, or the archive or folder of the data
   * @throws org.agr4j.input.BadInputException if it is not that data set
   */
  public static ImageCounts available(DatasetChoice dataset, String data) {
    return data.equals(SYNTHETIC)
        ? new ImageCounts(dataset.trainImages(), dataset.testImages())
        : dataset.count(Path.of(data));
  }

  /**
   * The images a run is about.
   *
   * @param dataset the data set
   * @param data {@code synthetic}, or the archive or folder of the data
   * @param train training images
   * @param test test images
   * @param progress is told the number of images decoded so far, where that takes long
   * @throws org.agr4j.input.BadInputException if they cannot be had
   */
  public static ImageSplits load(
      DatasetChoice dataset, String data, int train, int test, LongConsumer progress) {
    return data.equals(SYNTHETIC)
        ? dataset.synthetic(SYNTHETIC_SEED, train, test)
        : dataset.read(Path.of(data), train, test, progress);
  }
}
