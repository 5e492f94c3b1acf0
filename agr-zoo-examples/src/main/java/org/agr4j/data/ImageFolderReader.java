package org.agr4j.data;

import java.awt.image.BufferedImage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.agr4j.data.image.ImageDecoder;
import org.agr4j.input.BadInputException;

/**
 * Reads a user's own images from a folder or zip archive of class folders ({@link ClassFolders}),
 * of any size and of every format that {@link ImageDecoder} decodes, into squares of one size.
 *
 * <p>Every image is decoded once before training begins: so one that cannot be is named then, and
 * mean and deviation are measured, to four digits, on the training images. They are held in memory,
 * 3 · side² bytes each, where all of them take a quarter of what Java may use, at most; else they
 * are decoded whenever a batch needs them. The batches are the same bits either way.
 */
public final class ImageFolderReader {
  /** What it reads, for messages. */
  static final String WHAT = "class folders with images";

  private static final int CHANNELS = 3;
  private static final int DIGITS = 4;
  private static final double LEAST_DEVIATION = 1e-4;
  private static final int SMALL_SIDE = 32;
  private static final int LARGE_SIDE = 64;
  private static final int ENOUGH_FOR_LARGE = 48;

  private final FileTree tree;
  private final FolderForm form;
  private final boolean held;
  private final LongConsumer progress;
  private final LongAdder[] sums = adders();
  private final LongAdder[] squares = adders();
  private long decoded;

  private ImageFolderReader(FileTree tree, FolderForm form, boolean held, LongConsumer progress) {
    this.tree = tree;
    this.form = form;
    this.held = held;
    this.progress = progress;
  }

  private static LongAdder[] adders() {
    return new LongAdder[] {new LongAdder(), new LongAdder(), new LongAdder()};
  }

  /**
   * Counts the images, without decoding them.
   *
   * @param path folder or zip archive
   * @param testShare share of each class that is kept for testing; 0 where there are test folders
   * @throws BadInputException if it has no classes of images, or they contradict each other
   */
  public static ImageCounts count(Path path, double testShare) {
    try (FileTree tree = FileTree.open(path, WHAT)) {
      ClassFolders folders = new ClassFolders(tree, testShare);
      return new ImageCounts(folders.train().size(), folders.test().size());
    }
  }

  /**
   * The size for images whose owner names none, which suits every network: 64, or 32 where the
   * first image of a class has less than 48 pixels in one direction.
   *
   * @param path folder or zip archive
   * @param testShare share of each class that is kept for testing; 0 where there are test folders
   * @throws BadInputException if it has no classes of images, or one of them cannot be decoded
   */
  public static int defaultSide(Path path, double testShare) {
    try (FileTree tree = FileTree.open(path, WHAT)) {
      ClassFolders folders = new ClassFolders(tree, testShare);
      return folders.train().stream()
                  .limit(folders.classes().size())
                  .mapToInt(
                      image -> {
                        BufferedImage pixels = decode(tree, image.file());
                        return Math.min(pixels.getWidth(), pixels.getHeight());
                      })
                  .min()
                  .orElseThrow()
              < ENOUGH_FOR_LARGE
          ? SMALL_SIDE
          : LARGE_SIDE;
    }
  }

  /**
   * Reads the first images of each split.
   *
   * @param path folder or zip archive; must stay where it is, with the images it has
   * @param form what they are made into
   * @param trainImages training images to keep
   * @param testImages test images to keep
   * @param progress is told the number of images decoded so far, by one thread at a time
   * @throws BadInputException if there are no such classes, an image that is kept cannot be
   *     decoded, or more images are asked for than there are
   */
  public static ImageSplits read(
      Path path, FolderForm form, int trainImages, int testImages, LongConsumer progress) {
    long bytes = ((long) trainImages + testImages) * form.imageBytes();
    boolean held = bytes <= Runtime.getRuntime().maxMemory() / 4;
    return read(path, form, trainImages, testImages, held, progress);
  }

  /** The same, where it is said whether images are held in memory. */
  static ImageSplits read(
      Path path,
      FolderForm form,
      int trainImages,
      int testImages,
      boolean held,
      LongConsumer progress) {
    FileTree tree = FileTree.open(path, WHAT);
    boolean needed = false;
    try {
      ClassFolders folders = new ClassFolders(tree, form.testShare());
      requireAvailable(path, "training", trainImages, folders.train().size());
      requireAvailable(path, "test", testImages, folders.test().size());
      ImageFolderReader reader = new ImageFolderReader(tree, form, held, progress);
      int classes = folders.classes().size();
      ImageSet train = reader.images(folders.train().subList(0, trainImages), classes, true);
      ImageSet test = reader.images(folders.test().subList(0, testImages), classes, false);
      needed = !held;
      return new ImageSplits(train, test, reader.standardization(trainImages), folders.classes());
    } finally {
      if (!needed) {
        tree.close();
      }
    }
  }

  private static void requireAvailable(Path path, String split, int asked, int there) {
    if (asked < 1 || asked > there) {
      throw new BadInputException(
          "%d %s images asked for, expected 1 to %d: %s has no more"
              .formatted(asked, split, there, path));
    }
  }

  private ImageSet images(List<LabelledFile> files, int classes, boolean measured) {
    byte[][] pixels = new byte[held ? files.size() : 0][];
    IntStream.range(0, files.size())
        .parallel()
        .forEach(
            i -> {
              byte[] image = square(tree, files.get(i).file(), form);
              if (held) {
                pixels[i] = image;
              }
              if (measured) {
                measure(image);
              }
              decodedOne();
            });
    int[] labels = files.stream().mapToInt(LabelledFile::label).toArray();
    PixelSource source = held ? PixelSource.inArrays(pixels) : new DecodedPixels(tree, files, form);
    return new ImageSet(source, labels, form.side(), classes);
  }

  private synchronized void decodedOne() {
    progress.accept(++decoded);
  }

  /** Sums of whole numbers are the same in whatever order. */
  private void measure(byte[] image) {
    int plane = form.side() * form.side();
    for (int channel = 0; channel < CHANNELS; channel++) {
      long sum = 0;
      long square = 0;
      for (int i = channel * plane; i < (channel + 1) * plane; i++) {
        int value = image[i] & 0xff;
        sum += value;
        square += (long) value * value;
      }
      sums[channel].add(sum);
      squares[channel].add(square);
    }
  }

  private Standardization standardization(int images) {
    double[] mean = new double[CHANNELS];
    double[] deviation = new double[CHANNELS];
    double n = (double) images * form.side() * form.side();
    for (int i = 0; i < CHANNELS; i++) {
      if (form.mean().isEmpty()) {
        double average = sums[i].sum() / n;
        double variance = Math.max(0, squares[i].sum() / n - average * average);
        mean[i] = rounded(average / 255);
        deviation[i] = Math.max(LEAST_DEVIATION, rounded(Math.sqrt(variance) / 255));
      } else {
        mean[i] = form.mean().get(i);
        deviation[i] = form.deviation().get(i);
      }
    }
    return new Standardization(mean, deviation);
  }

  private static double rounded(double value) {
    return BigDecimal.valueOf(value).setScale(DIGITS, RoundingMode.HALF_EVEN).doubleValue();
  }

  private static BufferedImage decode(FileTree tree, String file) {
    return ImageDecoder.decode(tree.read(file), tree.located(file), (width, height) -> {});
  }

  private static byte[] square(FileTree tree, String file, FolderForm form) {
    byte[] pixels = new byte[form.imageBytes()];
    form.fit().fit(decode(tree, file), form.side(), pixels, 0);
    return pixels;
  }

  /** Images that are decoded whenever they are asked for. */
  private static final class DecodedPixels implements PixelSource {
    private static final long serialVersionUID = 1L;

    private final transient FileTree tree;
    private final transient List<LabelledFile> files;
    private final transient FolderForm form;

    DecodedPixels(FileTree tree, List<LabelledFile> files, FolderForm form) {
      this.tree = tree;
      this.files = List.copyOf(files);
      this.form = form;
    }

    @Override
    public byte[] array(int image) {
      return square(tree, files.get(image).file(), form);
    }

    @Override
    public int offset(int image) {
      return 0;
    }
  }
}
