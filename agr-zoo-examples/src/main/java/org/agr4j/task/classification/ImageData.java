package org.agr4j.task.classification;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.agr4j.data.ImageSet;
import org.agr4j.data.ImageSplits;
import org.agr4j.input.BadInputException;
import org.agr4j.run.DataDigest;
import org.agr4j.settings.Setting;
import org.agr4j.settings.Settings;
import org.agr4j.train.DataProgress;

/** The images that classifiers are trained on, for any task: their settings, reading, digest. */
public final class ImageData {
  private static final List<Setting<?>> DECIDING =
      List.of(
          ClassificationSettings.DATASET,
          ClassificationSettings.DATA,
          ClassificationSettings.LIMIT_TRAIN,
          ClassificationSettings.LIMIT_TEST,
          FolderSettings.TEST_SHARE,
          FolderSettings.SIDE,
          FolderSettings.FIT);

  private ImageData() {}

  /** Which images, and where they lie; the first settings of a task, behind its model. */
  public static List<Setting<?>> place(DataProgress progress) {
    return List.of(
        ClassificationSettings.DATASET,
        ClassificationSettings.DOWNLOAD,
        ClassificationSettings.DATA.fallback(
            s -> ClassificationSettings.standardPlace(s, progress)));
  }

  /** How many, and what a user's own are made into. */
  public static List<Setting<?>> amount() {
    return List.of(
        FolderSettings.TEST_SHARE,
        FolderSettings.SIDE,
        FolderSettings.FIT,
        ClassificationSettings.LIMIT_TRAIN,
        ClassificationSettings.LIMIT_TEST);
  }

  /** Refuses settings of these that do not fit together. */
  public static void check(Settings s) {
    if (s.get(ClassificationSettings.DOWNLOAD) && s.isGiven(ClassificationSettings.DATA)) {
      throw new BadInputException(
          "--download and --data " + s.get(ClassificationSettings.DATA) + " exclude each other");
    }
    FolderSettings.check(s);
  }

  /** Height and width of the images. */
  public static int side(Settings s) {
    return FolderSettings.isFolder(s)
        ? s.get(FolderSettings.SIDE)
        : s.get(ClassificationSettings.DATASET).side();
  }

  /** Whether two runs have the same images. */
  public static boolean isSame(Settings a, Settings b) {
    return DECIDING.stream().allMatch(setting -> Objects.equals(a.get(setting), b.get(setting)));
  }

  /** The name of the images in a sentence. */
  public static String title(Settings s) {
    return ClassificationSettings.dataTitle(s);
  }

  /** The name of the images for files. */
  public static String name(Settings s) {
    return ClassificationSettings.isSynthetic(s)
        ? DataChoice.SYNTHETIC
        : s.get(ClassificationSettings.DATASET).label();
  }

  /** Reads or makes the images, with a bar where that takes long. */
  public static ImageSplits read(Settings settings, DataProgress progress) {
    int train = settings.get(ClassificationSettings.LIMIT_TRAIN);
    int test = settings.get(ClassificationSettings.LIMIT_TEST);
    String place = settings.get(ClassificationSettings.DATA);
    try (DataProgress.Bar bar =
        progress.begin(
            "Reading " + place,
            settings.get(ClassificationSettings.DATASET).title(),
            (long) train + test,
            "",
            1)) {
      return FolderSettings.isFolder(settings)
          ? FolderSettings.read(settings, bar)
          : DataChoice.load(settings.get(ClassificationSettings.DATASET), place, train, test, bar);
    }
  }

  /** SHA-256 of sizes, classes and pixels in order: the same of an archive and its folder. */
  public static DataDigest digest(ImageSplits images) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("train-images", Integer.toString(images.train().size()));
    values.put("train-sha256", sha256(images.train()));
    values.put("test-images", Integer.toString(images.test().size()));
    values.put("test-sha256", sha256(images.test()));
    return new DataDigest(values);
  }

  private static String sha256(ImageSet images) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      images.update(digest);
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
