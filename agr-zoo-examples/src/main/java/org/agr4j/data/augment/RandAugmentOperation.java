package org.agr4j.data.augment;

/**
 * An operation of RandAugment, and what its level from 0 to 10 means: more is stronger, as in
 * timm's increasing set ({@code inc1}).
 *
 * <p>Signed arguments are negated with probability ½. The pixels are those that Pillow computes,
 * with its bicubic filter where they move.
 */
enum RandAugmentOperation {
  /** Each channel stretched to 0 … 255, at any level. */
  AUTO_CONTRAST {
    @Override
    void apply(ImagePlanes image, double level, boolean negated, int[] fill) {
      ToneTables.autoContrast(image);
    }
  },
  /** Each channel's values spread evenly, at any level. */
  EQUALIZE {
    @Override
    void apply(ImagePlanes image, double level, boolean negated, int[] fill) {
      ToneTables.equalize(image);
    }
  },
  /** The negative, at any level. */
  INVERT {
    @Override
    void apply(ImagePlanes image, double level, boolean negated, int[] fill) {
      ToneTables.invert(image);
    }
  },
  /** A turn by ±3° a level. */
  ROTATE {
    @Override
    void apply(ImagePlanes image, double level, boolean negated, int[] fill) {
      double degrees = signed(3 * level, negated);
      AffineMap.rotation(degrees, image.height(), image.width()).apply(image, fill);
    }
  },
  /** 4 bits kept, one less every 2.5 levels. */
  POSTERIZE {
    @Override
    void apply(ImagePlanes image, double level, boolean negated, int[] fill) {
      ToneTables.posterize(image, 4 - (int) (level / HIGHEST * 4));
    }
  },
  /** The negative of values from 256 on, 25.6 lower a level. */
  SOLARIZE {
    @Override
    void apply(ImagePlanes image, double level, boolean negated, int[] fill) {
      ToneTables.solarize(image, 256 - (int) (level / HIGHEST * 256));
    }
  },
  /** Values below 128 made larger by 11 a level. */
  SOLARIZE_ADD {
    @Override
    void apply(ImagePlanes image, double level, boolean negated, int[] fill) {
      ToneTables.solarizeAdd(image, (int) (level / HIGHEST * 110));
    }
  },
  /** Colour by the factor 1 ± 0.09 a level. */
  COLOR {
    @Override
    void apply(ImagePlanes image, double level, boolean negated, int[] fill) {
      Enhancement.color(image, factor(level, negated));
    }
  },
  /** Contrast by the factor 1 ± 0.09 a level. */
  CONTRAST {
    @Override
    void apply(ImagePlanes image, double level, boolean negated, int[] fill) {
      Enhancement.contrast(image, factor(level, negated));
    }
  },
  /** Brightness by the factor 1 ± 0.09 a level. */
  BRIGHTNESS {
    @Override
    void apply(ImagePlanes image, double level, boolean negated, int[] fill) {
      Enhancement.brightness(image, factor(level, negated));
    }
  },
  /** Sharpness by the factor 1 ± 0.09 a level. */
  SHARPNESS {
    @Override
    void apply(ImagePlanes image, double level, boolean negated, int[] fill) {
      Enhancement.sharpness(image, factor(level, negated));
    }
  },
  /** Rows moved by ±0.03 of their distance from the top a level. */
  SHEAR_X {
    @Override
    void apply(ImagePlanes image, double level, boolean negated, int[] fill) {
      AffineMap.shearX(signed(0.03 * level, negated)).apply(image, fill);
    }
  },
  /** Columns moved by ±0.03 of their distance from the left a level. */
  SHEAR_Y {
    @Override
    void apply(ImagePlanes image, double level, boolean negated, int[] fill) {
      AffineMap.shearY(signed(0.03 * level, negated)).apply(image, fill);
    }
  },
  /** A move sideways by ±0.045 of the width a level. */
  TRANSLATE_X {
    @Override
    void apply(ImagePlanes image, double level, boolean negated, int[] fill) {
      double pixels = signed(0.045 * level, negated) * image.width();
      AffineMap.translation(pixels, 0).apply(image, fill);
    }
  },
  /** A move up or down by ±0.045 of the height a level. */
  TRANSLATE_Y {
    @Override
    void apply(ImagePlanes image, double level, boolean negated, int[] fill) {
      double pixels = signed(0.045 * level, negated) * image.height();
      AffineMap.translation(0, pixels).apply(image, fill);
    }
  };

  /** The highest level. */
  static final double HIGHEST = 10;

  /**
   * Changes an image in place.
   *
   * @param image the image
   * @param level 0 to 10
   * @param negated whether a signed argument is negated
   * @param fill the colour of what comes from outside the image, a value for each channel
   */
  abstract void apply(ImagePlanes image, double level, boolean negated, int[] fill);

  private static double signed(double value, boolean negated) {
    return negated ? -value : value;
  }

  private static double factor(double level, boolean negated) {
    return Math.max(0.1, 1 + signed(0.09 * level, negated));
  }
}
