package org.agr4j.data;

import java.util.List;
import org.agr4j.data.image.ImageFit;
import org.agr4j.input.BadInputException;

/**
 * What a user's own images are made into.
 *
 * @param side height and width in pixels, 1 to 4096
 * @param fit how an image of another form becomes a square
 * @param testShare share of each class that is kept for testing, in (0, 1); 0 where the folder has
 *     test images of its own
 * @param mean means of red, green and blue, of values from 0 to 1; empty to measure them
 * @param deviation their standard deviations, as many; empty to measure them
 */
public record FolderForm(
    int side, ImageFit fit, double testShare, List<Double> mean, List<Double> deviation) {
  static final int LARGEST_SIDE = 4096;
  private static final int CHANNELS = 3;

  /**
   * Checks side and share of test images.
   *
   * @throws BadInputException if one is out of range
   */
  public FolderForm {
    if (side < 1 || side > LARGEST_SIDE) {
      throw new BadInputException(
          "--side is %d, expected 1 to %d pixels".formatted(side, LARGEST_SIDE));
    }
    if (!(testShare >= 0 && testShare < 1)) {
      throw new BadInputException(
          "--test-share is " + testShare + ", expected a number > 0 and < 1, for example 0.2");
    }
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    if (mean.size() != deviation.size() || !mean.isEmpty() && mean.size() != CHANNELS) {
      throw new BadInputException(
          "--mean has %d and --deviation %d numbers, expected 3 each: red, green, blue"
              .formatted(mean.size(), deviation.size()));
    }
    for (int i = 0; i < mean.size(); i++) {
      if (!(mean.get(i) >= 0 && mean.get(i) <= 1)) {
        throw new BadInputException("--mean has " + mean.get(i) + ", expected numbers from 0 to 1");
      }
      if (!(deviation.get(i) > 0 && deviation.get(i) <= 1)) {
        throw new BadInputException(
            "--deviation has " + deviation.get(i) + ", expected numbers > 0 and <= 1");
      }
    }
  }

  /** The same with mean and deviation as they were measured. */
  public FolderForm with(Standardization measured) {
    return new FolderForm(side, fit, testShare, measured.mean(), measured.deviation());
  }

  /** Bytes of an image. */
  int imageBytes() {
    return CHANNELS * side * side;
  }
}
