package org.agr4j.data;

import java.nio.file.Path;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.agr4j.data.image.ImageDecoder;
import org.agr4j.data.image.ImageFit;
import org.agr4j.input.BadInputException;

/**
 * Reads Tiny-ImageNet from the official archive (.zip), in place, or from the folder it was
 * extracted to; also a part of it with fewer classes. The images become 3×64×64 bytes, grayscale
 * ones too; the validation images are the test images. {@code TinyImageNetIndex} says in which
 * order: classes take turns, so that any cut is balanced.
 *
 * <p>Memory: 12,288 bytes an image kept, 1,352 MB for all 110,000. Images are decoded on the
 * threads of the common pool, each to its own place, so that their number changes nothing. A cut
 * decodes, and so checks, only what it keeps.
 */
public final class TinyImageNetReader {
  private static final int SIDE = 64;
  private static final int CHANNELS = 3;
  private static final int IMAGE_BYTES = CHANNELS * SIDE * SIDE;

  /** ImageNet's, as is usual; the paper's settings record none. */
  private static final Standardization STANDARDIZATION =
      new Standardization(new double[] {.485, .456, .406}, new double[] {.229, .224, .225});

  private final FileTree tree;
  private final LongConsumer progress;
  private long decoded;

  private TinyImageNetReader(FileTree tree, LongConsumer progress) {
    this.tree = tree;
    this.progress = progress;
  }

  /**
   * Counts the images, without decoding them.
   *
   * @param path archive or folder
   * @throws BadInputException if it is not Tiny-ImageNet or its lists and folders disagree
   */
  public static ImageCounts count(Path path) {
    try (FileTree tree = FileTree.open(path, OfficialArchive.TINY_IMAGENET)) {
      TinyImageNetIndex index = new TinyImageNetIndex(tree);
      return new ImageCounts(index.train().size(), index.test().size());
    }
  }

  /**
   * Reads the first images of each split.
   *
   * @param path archive or folder
   * @param trainImages training images to keep, 1 to 100,000
   * @param testImages validation images to keep, 1 to 10,000
   * @param progress is told the number of images decoded so far, by one thread at a time
   * @return images of as many classes as {@code wnids.txt} names
   * @throws BadInputException if it is not Tiny-ImageNet, an image that is kept is damaged, or more
   *     images are asked for than there are
   */
  public static ImageSplits read(
      Path path, int trainImages, int testImages, LongConsumer progress) {
    try (FileTree tree = FileTree.open(path, OfficialArchive.TINY_IMAGENET)) {
      TinyImageNetIndex index = new TinyImageNetIndex(tree);
      requireAvailable(path, "training", trainImages, index.train().size());
      requireAvailable(path, "test", testImages, index.test().size());
      TinyImageNetReader reader = new TinyImageNetReader(tree, progress);
      return new ImageSplits(
          reader.decode(index.train().subList(0, trainImages), index.classes()),
          reader.decode(index.test().subList(0, testImages), index.classes()),
          STANDARDIZATION,
          index.classNames());
    }
  }

  private static void requireAvailable(Path path, String split, int asked, int there) {
    if (asked < 1 || asked > there) {
      throw new BadInputException(
          "%d %s images asked for, expected 1 to %d: %s has no more"
              .formatted(asked, split, there, path));
    }
  }

  private ImageSet decode(List<LabelledFile> images, int classes) {
    byte[] pixels = new byte[Math.multiplyExact(images.size(), IMAGE_BYTES)];
    IntStream.range(0, images.size())
        .parallel()
        .forEach(
            i -> {
              String file = images.get(i).file();
              String source = tree.located(file);
              ImageFit.planes(
                  ImageDecoder.decode(
                      tree.read(file), source, (width, height) -> check(width, height, source)),
                  pixels,
                  i * IMAGE_BYTES);
              decodedOne();
            });
    int[] labels = images.stream().mapToInt(LabelledFile::label).toArray();
    return new ImageSet(pixels, labels, CHANNELS, SIDE, SIDE, classes);
  }

  private static void check(int width, int height, String source) {
    if (width != SIDE || height != SIDE) {
      throw new BadInputException(
          "%s is %d×%d pixels, expected %d×%d".formatted(source, width, height, SIDE, SIDE));
    }
  }

  private synchronized void decodedOne() {
    progress.accept(++decoded);
  }
}
