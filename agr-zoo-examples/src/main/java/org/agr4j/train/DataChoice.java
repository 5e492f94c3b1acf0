package org.agr4j.train;

import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.agr4j.data.ArchiveDownload;
import org.agr4j.data.CifarCache;
import org.agr4j.data.CifarFormat;
import org.agr4j.data.CifarReader;
import org.agr4j.data.ImageSplits;
import org.agr4j.data.SyntheticCifar;

/** Where training data comes from; never from anywhere else than was said. */
public final class DataChoice {
  /** Patterns and images of the made-up data are the same in every run, whatever its seed. */
  private static final long SYNTHETIC_SEED = 20240716;

  private DataChoice() {}

  /**
   * Archive or folder of the data in DL4J's cache.
   *
   * @param format the distribution
   * @param download whether to fetch the official archive if the cache has none
   * @param progress is told the number of bytes fetched so far
   * @throws org.agr4j.data.BadInputException if there is none, or the download fails
   */
  public static Path cached(CifarFormat format, boolean download, LongConsumer progress) {
    CifarCache cache = new CifarCache(format);
    if (download && cache.find().isEmpty()) {
      ArchiveDownload.fetch(
          format.archiveUri(),
          cache.archive(),
          format.archiveBytes(),
          format.archiveMd5(),
          progress);
    }
    return cache.require();
  }

  /**
   * The images a run is about.
   *
   * @param settings data, format and limits
   * @throws org.agr4j.data.BadInputException if they cannot be had
   */
  public static ImageSplits load(TrainSettings settings) {
    return settings.data().equals(TrainSettings.SYNTHETIC)
        ? SyntheticCifar.generate(
            settings.dataset(), SYNTHETIC_SEED, settings.limitTrain(), settings.limitTest())
        : CifarReader.read(
            settings.dataset(),
            Path.of(settings.data()),
            settings.limitTrain(),
            settings.limitTest());
  }
}
