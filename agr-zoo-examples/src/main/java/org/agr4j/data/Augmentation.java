package org.agr4j.data;

import java.io.Serializable;
import java.util.SplittableRandom;
import org.agr4j.data.augment.RandAugment;
import org.agr4j.data.augment.RandomErasing;

/**
 * What is done at random to a training image, in this order: a crop of its own size out of the
 * image with a black border, a mirror image with probability ½, a rotation about the centre by an
 * angle drawn evenly from [−d°, d°], nearest pixel, black outside; operations of {@link
 * RandAugment}; and, once the image is standardised, {@link RandomErasing}.
 *
 * <p>The draws depend on seed, epoch and the image's index alone, so neither on batch size nor on
 * threads nor on what came before. The first three steps are one look-up: an output pixel is
 * followed back to where it comes from. Geometry is that of torchvision's RandomCrop,
 * RandomHorizontalFlip and RandomRotation on PIL images, which the paper's authors use; the random
 * numbers are our own.
 *
 * @param padding width of the border in pixels, at least 0; the crop moves by up to that much
 * @param flip whether images are mirrored
 * @param rotationDegrees largest angle d, 0 to 180
 * @param operations what is done to colours and shape
 * @param erasing what becomes noise
 */
public record Augmentation(
    int padding,
    boolean flip,
    double rotationDegrees,
    RandAugment operations,
    RandomErasing erasing)
    implements Serializable {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /** Images as they are. */
  public static final Augmentation NONE = new Augmentation(0, false, 0);

  /** The paper's, for CIFAR: padding 4, mirror images, 15°. */
  public static final Augmentation CIFAR = new Augmentation(4, true, 15);

  /** Checks border and angle. */
  public Augmentation {
    if (padding < 0) {
      throw new IllegalArgumentException("padding = " + padding + ", expected a number >= 0");
    }
    if (!(rotationDegrees >= 0 && rotationDegrees <= 180)) {
      throw new IllegalArgumentException(
          "rotationDegrees = " + rotationDegrees + ", expected a number from 0 to 180");
    }
  }

  /**
   * Crop, mirror image and rotation alone.
   *
   * @param padding width of the border in pixels, at least 0
   * @param flip whether images are mirrored
   * @param rotationDegrees largest angle, 0 to 180
   */
  public Augmentation(int padding, boolean flip, double rotationDegrees) {
    this(padding, flip, rotationDegrees, RandAugment.NONE, RandomErasing.NONE);
  }

  /** The same crop, mirror image and rotation, and then these. */
  public Augmentation with(RandAugment operations, RandomErasing erasing) {
    return new Augmentation(padding, flip, rotationDegrees, operations, erasing);
  }

  /**
   * What was drawn for one image: its crop, mirroring and rotation.
   *
   * @param offsetX the crop's first column, counted in the image with its border
   * @param offsetY the crop's first row
   * @param mirrored whether left and right change places
   * @param radians angle, counter-clockwise
   */
  record Draw(int offsetX, int offsetY, boolean mirrored, double radians) {}

  /**
   * Draws for an image.
   *
   * @param seed of the run
   * @param epoch 0 is the first
   * @param image its index in the set
   */
  Draw draw(long seed, int epoch, int image) {
    SplittableRandom random = new SplittableRandom(stream(seed, epoch) + image);
    int x = random.nextInt(2 * padding + 1);
    int y = random.nextInt(2 * padding + 1);
    boolean mirrored = random.nextInt(2) == 1 && flip;
    double degrees = (2 * random.nextDouble() - 1) * rotationDegrees;
    return new Draw(x, y, mirrored, Math.toRadians(degrees));
  }

  private static long stream(long seed, int epoch) {
    return new SplittableRandom(new SplittableRandom(seed).nextLong() + epoch).nextLong();
  }

  /** What the operations of an image are drawn from. */
  static SplittableRandom operations(long seed, int epoch, int image) {
    return named("operations", seed, epoch, image);
  }

  /** What the erasing of an image is drawn from. */
  static SplittableRandom erasing(long seed, int epoch, int image) {
    return named("erasing", seed, epoch, image);
  }

  private static SplittableRandom named(String name, long seed, int epoch, int image) {
    long stream = stream(seed + GOLDEN * name.hashCode(), epoch);
    return new SplittableRandom(stream + image);
  }

  /**
   * For each pixel of the outcome the one it comes from.
   *
   * @param draw what was drawn
   * @param height of the image
   * @param width of the image
   * @param source receives [height, width] indices into a plane, −1 for black
   */
  void locate(Draw draw, int height, int width, int[] source) {
    double cos = Math.cos(draw.radians());
    double sin = Math.sin(draw.radians());
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double dx = x + 0.5 - width / 2.0;
        double dy = y + 0.5 - height / 2.0;
        int turnedX = (int) Math.floor(cos * dx - sin * dy + width / 2.0);
        int turnedY = (int) Math.floor(sin * dx + cos * dy + height / 2.0);
        source[y * width + x] = -1;
        if (turnedX >= 0 && turnedX < width && turnedY >= 0 && turnedY < height) {
          int column = (draw.mirrored() ? width - 1 - turnedX : turnedX) + draw.offsetX() - padding;
          int row = turnedY + draw.offsetY() - padding;
          if (column >= 0 && column < width && row >= 0 && row < height) {
            source[y * width + x] = row * width + column;
          }
        }
      }
    }
  }
}
