package org.agr4j.data.augment;

import java.io.Serializable;
import java.util.SplittableRandom;

/**
 * Random erasing: with a probability, a rectangle of an image becomes noise, N(0, 1) for each pixel
 * and channel, after standardisation.
 *
 * <pre>
 *   area     even in [0.02, 1/3] of the image
 *   height   round( √(area · r) ),  width round( √(area / r) ),  log r even in [log 0.3, −log 0.3]
 * </pre>
 *
 * <p>It lies evenly over the places where it fits; a rectangle as high or wide as the image is
 * drawn again, up to ten times. Source: Zhong et al., arXiv 1708.04896, in timm's form, mode {@code
 * pixel}.
 *
 * @param probability 0 to 1; 0 is no change
 */
public record RandomErasing(double probability) implements Serializable {
  /** Images as they are. */
  public static final RandomErasing NONE = new RandomErasing(0);

  private static final double LEAST_AREA = 0.02;
  private static final double MOST_AREA = 1 / 3.0;
  private static final double LEAST_ASPECT = 0.3;
  private static final int ATTEMPTS = 10;

  /** Checks the number. */
  public RandomErasing {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException(
          "probability = " + probability + ", expected a number from 0 to 1");
    }
  }

  /**
   * What is erased.
   *
   * @param top first row
   * @param left first column
   * @param height rows; 0 for nothing
   * @param width columns; 0 for nothing
   */
  record Box(int top, int left, int height, int width) {
    static final Box NONE = new Box(0, 0, 0, 0);
  }

  /** Draws what is erased in an image of a size. */
  Box draw(int height, int width, SplittableRandom random) {
    if (random.nextDouble() >= probability) {
      return Box.NONE;
    }
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      double share = LEAST_AREA + (MOST_AREA - LEAST_AREA) * random.nextDouble();
      double area = share * height * width;
      double aspect = Math.exp(Math.log(LEAST_ASPECT) * (1 - 2 * random.nextDouble()));
      int rows = (int) Math.rint(Math.sqrt(area * aspect));
      int columns = (int) Math.rint(Math.sqrt(area / aspect));
      if (rows < height && columns < width) {
        int top = random.nextInt(height - rows + 1);
        return new Box(top, random.nextInt(width - columns + 1), rows, columns);
      }
    }
    return Box.NONE;
  }

  /**
   * Erases a rectangle of an image, or nothing, in place.
   *
   * @param values standardised images
   * @param at where the image's [channels, height, width] values begin
   * @param channels of the image
   * @param height of the image
   * @param width of the image
   * @param random what is drawn from
   */
  public void apply(
      float[] values, int at, int channels, int height, int width, SplittableRandom random) {
    Box box = draw(height, width, random);
    for (int channel = 0; channel < channels; channel++) {
      for (int y = box.top(); y < box.top() + box.height(); y++) {
        int row = at + (channel * height + y) * width + box.left();
        for (int x = 0; x < box.width(); x++) {
          values[row + x] = (float) random.nextGaussian();
        }
      }
    }
  }
}
