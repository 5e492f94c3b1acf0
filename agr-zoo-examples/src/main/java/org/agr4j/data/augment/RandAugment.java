package org.agr4j.data.augment;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * RandAugment: n operations in a row, each drawn evenly out of 15 and carried out with probability
 * ½, at a level that is drawn from N(m, ½²) and kept within 0 … 10.
 *
 * <p>That is timm's {@code rand-mM-mstd0.5-inc1}, with which ConvNeXt, Swin and TinyViT were
 * released: automatic contrast, equalize, invert, rotate, posterize, solarize, solarize-add,
 * colour, contrast, brightness, sharpness, shear and translation along both axes. The random
 * numbers are our own. Source: Cubuk et al., arXiv 1909.13719, in timm's form.
 *
 * @param operations n ≥ 0; 0 is no change
 * @param magnitude m, 0 to 10
 */
public record RandAugment(int operations, double magnitude) implements Serializable {
  /** Images as they are. */
  public static final RandAugment NONE = new RandAugment(0, 0);

  /** The releases' number of operations. */
  public static final int USUAL_OPERATIONS = 2;

  /** The releases' magnitude. */
  public static final double USUAL_MAGNITUDE = 9;

  private static final double DEVIATION = 0.5;

  /** Checks the numbers. */
  public RandAugment {
    if (operations < 0) {
      throw new IllegalArgumentException("operations = " + operations + ", expected a number >= 0");
    }
    if (!(magnitude >= 0 && magnitude <= RandAugmentOperation.HIGHEST)) {
      throw new IllegalArgumentException(
          "magnitude = " + magnitude + ", expected a number from 0 to 10");
    }
  }

  /**
   * One operation of one image.
   *
   * @param operation which
   * @param level 0 to 10
   * @param negated whether a signed argument is negated
   */
  record Step(RandAugmentOperation operation, double level, boolean negated) {}

  /** Whether nothing is done. */
  public boolean isNone() {
    return operations == 0;
  }

  /** Draws what is carried out on an image. */
  List<Step> draw(SplittableRandom random) {
    RandAugmentOperation[] all = RandAugmentOperation.values();
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < operations; i++) {
      RandAugmentOperation operation = all[random.nextInt(all.length)];
      double level = magnitude + DEVIATION * random.nextGaussian();
      boolean negated = random.nextBoolean();
      if (random.nextBoolean()) {
        double kept = Math.max(0, Math.min(RandAugmentOperation.HIGHEST, level));
        steps.add(new Step(operation, kept, negated));
      }
    }
    return steps;
  }

  /**
   * Changes an image in place.
   *
   * @param image the image
   * @param fill the colour of what comes from outside the image, 0 to 255 for each channel; not
   *     modified
   * @param random what is drawn from
   */
  public void apply(ImagePlanes image, int[] fill, SplittableRandom random) {
    for (Step step : draw(random)) {
      step.operation().apply(image, step.level(), step.negated(), fill);
    }
  }
}
