package org.agr4j.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.agr4j.data.BadInputException;
import org.agr4j.data.ImageSet;
import org.agr4j.data.ImageSplits;

/**
 * What the images of a run are known by, wherever they lie: {@code data.yaml} in a run's folder.
 *
 * <p>The digests are SHA-256 of sizes, classes and pixels of the images that are used, in their
 * order. So an archive and the folder it extracts to have the same.
 *
 * @param trainImages number of training images
 * @param trainSha256 their digest, hexadecimal
 * @param testImages number of test images
 * @param testSha256 their digest, hexadecimal
 */
public record DataDigest(int trainImages, String trainSha256, int testImages, String testSha256) {
  private static final YAMLMapper YAML =
      YAMLMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE).build();

  /** The digests of a data set's images. */
  public static DataDigest of(ImageSplits data) {
    return new DataDigest(
        data.train().size(), sha256(data.train()), data.test().size(), sha256(data.test()));
  }

  /** Writes them into the folder of a run that begins. */
  public void write(RunFolder folder) {
    folder.write(RunFolder.DATA, SettingsFile.yaml(this));
  }

  /**
   * Makes sure that a run goes on with the images it was begun with, and notes where they lie now.
   *
   * @param folder the run
   * @param settings what it goes on with
   * @param data its images
   * @throws BadInputException if they are others, or if they are elsewhere and the run is of a
   *     build that kept no digest; nothing is changed then
   */
  public static void require(RunFolder folder, TrainSettings settings, ImageSplits data) {
    DataDigest now = of(data);
    boolean moved = isElsewhere(folder, settings);
    if (Files.exists(folder.path().resolve(RunFolder.DATA))) {
      DataDigest begun = read(folder);
      if (!begun.equals(now)) {
        throw new BadInputException(
            "the images of --data %s are not those the run in %s was begun with: found %s, expected %s"
                .formatted(settings.data(), folder.path(), now, begun));
      }
    } else if (moved) {
      throw new BadInputException(
          "the run in %s was begun by a build that kept no digest of its images, so those of --data %s cannot be compared with them, expected --data %s"
              .formatted(folder.path(), settings.data(), place(folder)));
    } else {
      now.write(folder);
    }
    if (moved) {
      folder.write(
          RunFolder.SETTINGS,
          SettingsFile.replace(
              folder.read(RunFolder.SETTINGS), SettingsFile.DATA, settings.data()));
    }
  }

  /** Whether the images are said to be at another place than a run notes. */
  public static boolean isElsewhere(RunFolder folder, TrainSettings settings) {
    return !settings.data().equals(place(folder));
  }

  private static String place(RunFolder folder) {
    return SettingsFile.value(folder.read(RunFolder.SETTINGS), SettingsFile.DATA);
  }

  private static DataDigest read(RunFolder folder) {
    try {
      return YAML.readValue(folder.read(RunFolder.DATA), DataDigest.class);
    } catch (JsonProcessingException e) {
      throw new BadInputException(
          folder.path().resolve(RunFolder.DATA) + " does not describe a run's images", e);
    }
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

  /** For messages: counts and the first digits. */
  @Override
  public String toString() {
    return "%d training images %s… and %d test images %s…"
        .formatted(trainImages, start(trainSha256), testImages, start(testSha256));
  }

  private static String start(String digest) {
    return digest.substring(0, Math.min(12, digest.length()));
  }
}
