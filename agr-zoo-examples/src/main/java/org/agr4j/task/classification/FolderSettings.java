package org.agr4j.task.classification;

import java.nio.file.Path;
import java.util.List;
import java.util.function.LongConsumer;
import org.agr4j.data.DatasetChoice;
import org.agr4j.data.FolderForm;
import org.agr4j.data.ImageCounts;
import org.agr4j.data.ImageFolderReader;
import org.agr4j.data.ImageSplits;
import org.agr4j.data.image.ImageFit;
import org.agr4j.input.BadInputException;
import org.agr4j.settings.Fact;
import org.agr4j.settings.Setting;
import org.agr4j.settings.Settings;
import org.agr4j.train.DataProgress;

/** The settings of {@code --dataset folder}: what a user's own images are made into. */
final class FolderSettings {
  /** The share of each class that is kept for testing; none where there are test folders. */
  static final Setting<Double> TEST_SHARE =
      Setting.number("test-share", "NUMBER")
          .help(
              "folder: share of each class that is kept for testing where there is no val or test, "
                  + "for example 0.2.")
          .check(v -> v > 0 && v < 1, "a number > 0 and < 1, for example 0.2")
          .fallback(s -> null);

  /** Height and width of the images. */
  static final Setting<Integer> SIDE =
      Setting.whole("side", "N")
          .help(
              "folder: height and width that images are brought to, with Lanczos's filter. Default "
                  + "64, or 32 where the first image of a class has less than 48.")
          .check(n -> n >= 1 && n <= 4096, "1 to 4096 pixels")
          .fallback(s -> isFolder(s) ? ImageFolderReader.defaultSide(place(s), share(s)) : null)
          .fact(Fact.of(Fact.Line.DATA, "", side -> side + "×" + side + " pixels"));

  /** How an image of another form becomes a square. */
  static final Setting<ImageFit> FIT =
      Setting.choice("fit", "NAME", ImageFit.class)
          .help(
              "folder: crop (the largest square in the middle) or squeeze (all of it, distorted) "
                  + "(default crop).")
          .fallback(s -> isFolder(s) ? ImageFit.CROP : null);

  /** Means of the colours, by which images are standardised. */
  static final Setting<List<Double>> MEAN =
      Setting.numbers("mean", "R,G,B")
          .help(
              "folder: means of red, green and blue, of values from 0 to 1. Default measured on the "
                  + "training images.")
          .check(
              v -> v.size() == 3 && v.stream().allMatch(x -> x >= 0 && x <= 1),
              "three numbers from 0 to 1: red, green, blue")
          .fallback(s -> null);

  /** Standard deviations of the colours, by which images are standardised. */
  static final Setting<List<Double>> DEVIATION =
      Setting.numbers("deviation", "R,G,B")
          .help("folder: their standard deviations. Default measured on the training images.")
          .check(
              v -> v.size() == 3 && v.stream().allMatch(x -> x > 0 && x <= 1),
              "three numbers > 0 and <= 1: red, green, blue")
          .fallback(s -> null);

  private static final List<Setting<?>> ALL = List.of(TEST_SHARE, SIDE, FIT, MEAN, DEVIATION);

  private FolderSettings() {}

  /** Those that determine which images there are and how large. */
  static List<Setting<?>> ofImages() {
    return List.of(TEST_SHARE, SIDE, FIT);
  }

  /** Those whose default is measured, on as many images as are trained on. */
  static List<Setting<?>> measured(DataProgress progress) {
    return List.of(
        MEAN.fallback(s -> isFolder(s) ? measure(s, progress).standardization().mean() : null),
        DEVIATION.fallback(
            s -> isFolder(s) ? measure(s, progress).standardization().deviation() : null));
  }

  private static ImageSplits measure(Settings s, DataProgress progress) {
    String place = s.get(ClassificationSettings.DATA);
    int train = s.get(ClassificationSettings.LIMIT_TRAIN);
    int test = s.get(ClassificationSettings.LIMIT_TEST);
    String name = s.get(ClassificationSettings.DATASET).title();
    try (DataProgress.Bar bar =
        progress.begin("Reading " + place, name, (long) train + test, "", 1)) {
      return read(s, bar);
    }
  }

  static boolean isFolder(Settings s) {
    return s.get(ClassificationSettings.DATASET) == DatasetChoice.FOLDER
        && !ClassificationSettings.isSynthetic(s);
  }

  private static Path place(Settings s) {
    return Path.of(s.get(ClassificationSettings.DATA));
  }

  private static double share(Settings s) {
    return s.has(TEST_SHARE) ? s.get(TEST_SHARE) : 0;
  }

  /** The number of images there are. */
  static ImageCounts count(Settings s) {
    return ImageFolderReader.count(place(s), share(s));
  }

  /** The images, standardised as the settings say as far as they do. */
  static ImageSplits read(Settings s, LongConsumer progress) {
    boolean known = s.has(MEAN) && s.has(DEVIATION);
    FolderForm form =
        new FolderForm(
            s.get(SIDE),
            s.get(FIT),
            share(s),
            known ? s.get(MEAN) : List.of(),
            known ? s.get(DEVIATION) : List.of());
    return FolderImages.read(
        place(s),
        form,
        s.get(ClassificationSettings.LIMIT_TRAIN),
        s.get(ClassificationSettings.LIMIT_TEST),
        progress);
  }

  /** Refuses settings of folders for other data. */
  static void check(Settings s) {
    if (isFolder(s)) {
      return;
    }
    for (Setting<?> setting : ALL) {
      if (s.isGiven(setting)) {
        throw new BadInputException(
            "%s means nothing to --dataset %s, expected --dataset folder"
                .formatted(setting.option(), s.get(ClassificationSettings.DATASET)));
      }
    }
  }
}
