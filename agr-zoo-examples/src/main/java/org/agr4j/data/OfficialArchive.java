package org.agr4j.data;

import java.net.URI;

/**
 * The archives in which the data sets are published: where they lie, their size and MD5 sum.
 *
 * <p>Source: the home pages of CIFAR (sizes and sums as published there) and, for Tiny-ImageNet,
 * the site of the course that made it (which publishes no sum; this is the one in common use). The
 * limits on unpacking are about twice what the archive holds.
 */
public enum OfficialArchive {
  /** CIFAR-10, binary version: five training files and a test file. */
  CIFAR10(
      "CIFAR-10",
      "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
      170_052_171L,
      "c32a1d4ab5d03f1284b67883e8d87530",
      "cifar-10-batches-bin/test_batch.bin",
      40,
      400_000_000L),

  /** CIFAR-100, binary version: a training file and a test file. */
  CIFAR100(
      "CIFAR-100",
      "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
      168_513_733L,
      "03b5dce01913d631647c71ecec9e9cb8",
      "cifar-100-binary/test.bin",
      40,
      400_000_000L),

  /** Tiny-ImageNet: 110,000 labelled and 10,000 unlabelled JPEG files. */
  TINY_IMAGENET(
      "Tiny-ImageNet",
      "http://cs231n.stanford.edu/tiny-imagenet-200.zip",
      248_100_043L,
      "90528d7ca1a48142e341f4ef8d21d0de",
      "tiny-imagenet-200/wnids.txt",
      250_000,
      600_000_000L);

  private final String title;
  private final URI uri;
  private final long bytes;
  private final String md5;
  private final String landmark;
  private final int mostEntries;
  private final long mostUnpackedBytes;

  OfficialArchive(
      String title,
      String uri,
      long bytes,
      String md5,
      String landmark,
      int mostEntries,
      long mostUnpackedBytes) {
    this.title = title;
    this.uri = URI.create(uri);
    this.bytes = bytes;
    this.md5 = md5;
    this.landmark = landmark;
    this.mostEntries = mostEntries;
    this.mostUnpackedBytes = mostUnpackedBytes;
  }

  /** The data set's name in prose. */
  public String title() {
    return title;
  }

  /** Where the archive lies. */
  public URI uri() {
    return uri;
  }

  /** The archive's file name. */
  public String fileName() {
    String path = uri.getPath();
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** The file name without its endings, under which DL4J's cache folder keeps it. */
  public String distribution() {
    String name = fileName();
    return name.substring(0, name.indexOf('.'));
  }

  /** Its size in bytes. */
  public long bytes() {
    return bytes;
  }

  /** Its MD5 sum, lower-case hexadecimal. */
  public String md5() {
    return md5;
  }

  /** Name of the folder in the archive. */
  public String folder() {
    return landmark.substring(0, landmark.indexOf('/'));
  }

  /** Name of a file in {@link #folder()} that tells that it was extracted. */
  String landmark() {
    return landmark.substring(landmark.indexOf('/') + 1);
  }

  /** The number of entries above which an archive is not this one. */
  int mostEntries() {
    return mostEntries;
  }

  /** The number of unpacked bytes above which an archive is not this one. */
  long mostUnpackedBytes() {
    return mostUnpackedBytes;
  }
}
