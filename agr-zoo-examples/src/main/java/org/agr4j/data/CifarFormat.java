package org.agr4j.data;

import java.net.URI;
import java.util.List;

/**
 * The official binary distributions of CIFAR: file names, record layout, sizes, where to get them.
 *
 * <p>A record is its label bytes (CIFAR-10: the class; CIFAR-100: the coarse and then the fine
 * class) followed by 3,072 bytes of a 32×32 image: the red plane, the green, the blue, each row by
 * row. Sizes and MD5 sums are those of the archives on the data set's home page.
 */
public enum CifarFormat {
  /** CIFAR-10: 10 classes, five training files. */
  CIFAR10(
      "CIFAR-10",
      "cifar-10-binary",
      "cifar-10-batches-bin",
      170_052_171L,
      "c32a1d4ab5d03f1284b67883e8d87530",
      List.of(
          "data_batch_1.bin",
          "data_batch_2.bin",
          "data_batch_3.bin",
          "data_batch_4.bin",
          "data_batch_5.bin"),
      "test_batch.bin",
      new int[] {10},
      new Standardization(new double[] {.4914, .4822, .4465}, new double[] {.2470, .2435, .2616})),

  /** CIFAR-100 with its 100 fine classes. */
  CIFAR100(
      "CIFAR-100",
      "cifar-100-binary",
      "cifar-100-binary",
      168_513_733L,
      "03b5dce01913d631647c71ecec9e9cb8",
      List.of("train.bin"),
      "test.bin",
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

  private final String title;
  private final String distribution;
  private final String extractedFolder;
  private final long archiveBytes;
  private final String archiveMd5;
  private final List<String> trainFiles;
  private final String testFile;
  private final int[] labelRanges;
  private final Standardization standardization;

  CifarFormat(
      String title,
      String distribution,
      String extractedFolder,
      long archiveBytes,
      String archiveMd5,
      List<String> trainFiles,
      String testFile,
      int[] labelRanges,
      Standardization standardization) {
    this.title = title;
    this.distribution = distribution;
    this.extractedFolder = extractedFolder;
    this.archiveBytes = archiveBytes;
    this.archiveMd5 = archiveMd5;
    this.trainFiles = trainFiles;
    this.testFile = testFile;
    this.labelRanges = labelRanges;
    this.standardization = standardization;
  }

  /** The name in prose. */
  public String title() {
    return title;
  }

  /** The distribution's name, under which DL4J's cache folder keeps it. */
  public String distribution() {
    return distribution;
  }

  /** Name of the folder in the archive. */
  public String extractedFolder() {
    return extractedFolder;
  }

  /** File name of the official archive. */
  public String archiveName() {
    return distribution + ".tar.gz";
  }

  /** Where the official archive lies. */
  public URI archiveUri() {
    return URI.create("https://www.cs.toronto.edu/~kriz/" + archiveName());
  }

  /** Size of the official archive in bytes. */
  public long archiveBytes() {
    return archiveBytes;
  }

  /** MD5 of the official archive, lower-case hexadecimal. */
  public String archiveMd5() {
    return archiveMd5;
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

  /** Images in each training file. */
  int imagesPerTrainFile() {
    return TRAIN_IMAGES / trainFiles.size();
  }
}
