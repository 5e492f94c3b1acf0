package org.agr4j.data;

import java.util.List;

/**
 * The official binary distributions of CIFAR: file names and record layout.
 *
 * <p>A record is its label bytes (CIFAR-10: the class; CIFAR-100: the coarse and then the fine
 * class) followed by 3,072 bytes of a 32×32 image: the red plane, the green, the blue, each row by
 * row.
 */
public enum CifarFormat {
  /** CIFAR-10: 10 classes, five training files. */
  CIFAR10(
      OfficialArchive.CIFAR10,
      List.of(
          "data_batch_1.bin",
          "data_batch_2.bin",
          "data_batch_3.bin",
          "data_batch_4.bin",
          "data_batch_5.bin"),
      "test_batch.bin",
      "batches.meta.txt",
      new int[] {10},
      new Standardization(new double[] {.4914, .4822, .4465}, new double[] {.2470, .2435, .2616})),

  /** CIFAR-100 with its 100 fine classes. */
  CIFAR100(
      OfficialArchive.CIFAR100,
      List.of("train.bin"),
      "test.bin",
      "fine_label_names.txt",
      new int[] {20, 100},
      new Standardization(new double[] {.5071, .4865, .4409}, new double[] {.2673, .2564, .2762}));

  /** Channels of an image. */
  public static final int CHANNELS = 3;

  /** Height and width of an image in pixels. */
  public static final int SIDE = 32;

  /** Bytes of an image. */
  public static final int IMAGE_BYTES = CHANNELS * SIDE * SIDE;

  /** Training images. */
  public static final int TRAIN_IMAGES = 50_000;

  /** Test images. */
  public static final int TEST_IMAGES = 10_000;

  private final OfficialArchive archive;
  private final List<String> trainFiles;
  private final String testFile;
  private final String namesFile;
  private final int[] labelRanges;
  private final Standardization standardization;

  CifarFormat(
      OfficialArchive archive,
      List<String> trainFiles,
      String testFile,
      String namesFile,
      int[] labelRanges,
      Standardization standardization) {
    this.archive = archive;
    this.trainFiles = trainFiles;
    this.testFile = testFile;
    this.namesFile = namesFile;
    this.labelRanges = labelRanges;
    this.standardization = standardization;
  }

  /** The archive it is published in. */
  public OfficialArchive archive() {
    return archive;
  }

  /** The name in prose. */
  public String title() {
    return archive.title();
  }

  /** Number of classes. */
  public int classes() {
    return labelRanges[labelRanges.length - 1];
  }

  /** Number of labels in front of an image; the last one is the class. */
  public int labelBytes() {
    return labelRanges.length;
  }

  /**
   * Number of values a label may have.
   *
   * @param label 0 to {@link #labelBytes()} − 1
   */
  int labelRange(int label) {
    return labelRanges[label];
  }

  /** Bytes of a record. */
  public int recordBytes() {
    return labelBytes() + IMAGE_BYTES;
  }

  /** The published mean and standard deviation of the training images. */
  public Standardization standardization() {
    return standardization;
  }

  /** Names of the training files, in order. */
  public List<String> trainFiles() {
    return trainFiles;
  }

  /** Name of the test file. */
  public String testFile() {
    return testFile;
  }

  /** Name of the file that names the classes, one a line. */
  public String namesFile() {
    return namesFile;
  }

  /** Images in each training file. */
  int imagesPerTrainFile() {
    return TRAIN_IMAGES / trainFiles.size();
  }
}
