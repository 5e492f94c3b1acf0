package org.agr4j.data;

import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.agr4j.input.BadInputException;

/** A data set that can be used by name. */
public enum DatasetChoice {
  /** CIFAR-10. */
  CIFAR10("cifar10", OfficialArchive.CIFAR10, 10, 32, 50_000, 10_000),
  /** CIFAR-100 with its 100 fine classes. */
  CIFAR100("cifar100", OfficialArchive.CIFAR100, 100, 32, 50_000, 10_000),
  /** Tiny-ImageNet; its validation images are the test images, as in the paper. */
  TINY_IMAGENET("tiny-imagenet", OfficialArchive.TINY_IMAGENET, 200, 64, 100_000, 10_000),
  /** A user's own images in class folders. */
  FOLDER("folder");

  private final String label;
  private final OfficialArchive archive;
  private final int classes;
  private final int side;
  private final int trainImages;
  private final int testImages;

  /** A data set that is not published. */
  DatasetChoice(String label) {
    this(label, null, 0, 0, 0, 0);
  }

  DatasetChoice(
      String label,
      OfficialArchive archive,
      int classes,
      int side,
      int trainImages,
      int testImages) {
    this.label = label;
    this.archive = archive;
    this.classes = classes;
    this.side = side;
    this.trainImages = trainImages;
    this.testImages = testImages;
  }

  /** The name on the command line. */
  @JsonValue
  public String label() {
    return label;
  }

  @Override
  public String toString() {
    return label;
  }

  /** The name in prose. */
  public String title() {
    return isPublished() ? archive.title() : "own";
  }

  /** Whether it is one data set that everybody has, with an archive. */
  public boolean isPublished() {
    return archive != null;
  }

  /** How it is published; null if it is not. */
  public OfficialArchive archive() {
    return archive;
  }

  /** Number of classes of the whole data set; 0 if that is not known. */
  public int classes() {
    return classes;
  }

  /** Height and width of an image in pixels; 0 if that is not known. */
  public int side() {
    return side;
  }

  /** Training images of the whole data set; 0 if that is not known. */
  public int trainImages() {
    return trainImages;
  }

  /** Test images of the whole data set; 0 if that is not known. */
  public int testImages() {
    return testImages;
  }

  /**
   * Counts the images that there are to read: fewer than the whole data set's in a part of
   * Tiny-ImageNet.
   *
   * @param path archive or folder
   * @param testShare of {@link #FOLDER}: the share of each class that is kept for testing, 0 where
   *     there are test folders
   * @throws BadInputException if it is not this data set
   */
  public ImageCounts count(Path path, double testShare) {
    return switch (this) {
      case FOLDER -> ImageFolderReader.count(path, testShare);
      case CIFAR10, CIFAR100 -> new ImageCounts(trainImages, testImages);
      case TINY_IMAGENET -> TinyImageNetReader.count(path);
    };
  }

  /**
   * Counts the images of a published data set that there are to read.
   *
   * @param path archive or folder
   * @throws BadInputException if it is not this data set
   */
  public ImageCounts count(Path path) {
    return count(path, 0);
  }

  /**
   * Reads the first images of each split of a published data set.
   *
   * @param path archive or folder
   * @param trainImages training images to keep
   * @param testImages test images to keep
   * @throws BadInputException if it is not this data set, is damaged, or has fewer images
   */
  public ImageSplits read(Path path, int trainImages, int testImages) {
    return read(path, trainImages, testImages, images -> {});
  }

  /**
   * Reads the first images of each split of a published data set.
   *
   * @param path archive or folder
   * @param trainImages training images to keep
   * @param testImages test images to keep
   * @param progress is told the number of images decoded so far; nothing for CIFAR, which takes
   *     seconds
   * @throws BadInputException if it is not this data set, is damaged, or has fewer images
   */
  public ImageSplits read(Path path, int trainImages, int testImages, LongConsumer progress) {
    return read(path, null, trainImages, testImages, progress);
  }

  /**
   * Reads the first images of each split.
   *
   * @param path archive or folder
   * @param form what images of {@link #FOLDER} are made into; others have one form
   * @param trainImages training images to keep
   * @param testImages test images to keep
   * @param progress is told the number of images decoded so far; nothing for CIFAR, which takes
   *     seconds
   * @throws BadInputException if it is not this data set, is damaged, or has fewer images
   */
  public ImageSplits read(
      Path path, FolderForm form, int trainImages, int testImages, LongConsumer progress) {
    return switch (this) {
      case FOLDER -> ImageFolderReader.read(path, form, trainImages, testImages, progress);
      case CIFAR10 -> CifarReader.read(CifarFormat.CIFAR10, path, trainImages, testImages);
      case CIFAR100 -> CifarReader.read(CifarFormat.CIFAR100, path, trainImages, testImages);
      case TINY_IMAGENET -> TinyImageNetReader.read(path, trainImages, testImages, progress);
    };
  }

  /**
   * Made-up images of the same shape and classes.
   *
   * @param seed what determines them
   * @param trainImages training images
   * @param testImages test images
   * @throws BadInputException if none are made up for this data set, or a number is out of range
   */
  public ImageSplits synthetic(long seed, int trainImages, int testImages) {
    return switch (this) {
      case CIFAR10 -> SyntheticCifar.generate(CifarFormat.CIFAR10, seed, trainImages, testImages);
      case CIFAR100 -> SyntheticCifar.generate(CifarFormat.CIFAR100, seed, trainImages, testImages);
      case TINY_IMAGENET, FOLDER ->
          throw new BadInputException(
              "there are no synthetic images for %s, expected %s or %s"
                  .formatted(label, CIFAR10, CIFAR100));
    };
  }
}
