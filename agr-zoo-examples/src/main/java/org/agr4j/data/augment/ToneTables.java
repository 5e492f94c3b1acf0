package org.agr4j.data.augment;

import java.util.function.IntUnaryOperator;

/**
 * Operations that give each value of a channel another, whatever its place: by a table of 256
 * values, as Pillow computes it. All change the image in place.
 */
final class ToneTables {
  private static final int LEVELS = 256;
  private static final int WHITE = 255;

  private ToneTables() {}

  /** One function of the value for all channels. */
  static void map(ImagePlanes image, IntUnaryOperator function) {
    byte[] table = table(function);
    for (int channel = 0; channel < image.channels(); channel++) {
      apply(image, channel, table);
    }
  }

  /** v ← 255 − v. */
  static void invert(ImagePlanes image) {
    map(image, value -> WHITE - value);
  }

  /** v ← 255 − v from a threshold on. */
  static void solarize(ImagePlanes image, int threshold) {
    map(image, value -> value < threshold ? value : WHITE - value);
  }

  /** v ← v + addend below 128. */
  static void solarizeAdd(ImagePlanes image, int addend) {
    map(image, value -> value < LEVELS / 2 ? value + addend : value);
  }

  /** Keeps the highest bits of v. */
  static void posterize(ImagePlanes image, int bits) {
    int mask = -(1 << (Byte.SIZE - bits));
    map(image, value -> value & mask);
  }

  /** Stretches each channel so that its smallest value is 0 and its largest 255. */
  static void autoContrast(ImagePlanes image) {
    for (int channel = 0; channel < image.channels(); channel++) {
      int[] histogram = histogram(image, channel);
      int low = 0;
      while (histogram[low] == 0) {
        low++;
      }
      int high = WHITE;
      while (histogram[high] == 0) {
        high--;
      }
      if (high > low) {
        double scale = (double) WHITE / (high - low);
        double offset = -low * scale;
        apply(image, channel, table(value -> (int) (value * scale + offset)));
      }
    }
  }

  /**
   * Spreads each channel's values evenly: v ← (⌊s/2⌋ + number of pixels below v) / s, rounded down,
   * with s = ⌊(pixels − those of the largest value) / 255⌋; nothing where s is 0.
   */
  static void equalize(ImagePlanes image) {
    for (int channel = 0; channel < image.channels(); channel++) {
      int[] histogram = histogram(image, channel);
      int high = WHITE;
      while (histogram[high] == 0) {
        high--;
      }
      int step = (image.plane() - histogram[high]) / WHITE;
      if (step > 0) {
        byte[] table = new byte[LEVELS];
        int below = step / 2;
        for (int value = 0; value < LEVELS; value++) {
          table[value] = (byte) Math.min(WHITE, below / step);
          below += histogram[value];
        }
        apply(image, channel, table);
      }
    }
  }

  private static int[] histogram(ImagePlanes image, int channel) {
    int[] histogram = new int[LEVELS];
    int from = channel * image.plane();
    for (int i = 0; i < image.plane(); i++) {
      histogram[image.pixels()[from + i] & 0xff]++;
    }
    return histogram;
  }

  private static byte[] table(IntUnaryOperator function) {
    byte[] table = new byte[LEVELS];
    for (int value = 0; value < LEVELS; value++) {
      table[value] = (byte) Math.max(0, Math.min(WHITE, function.applyAsInt(value)));
    }
    return table;
  }

  private static void apply(ImagePlanes image, int channel, byte[] table) {
    byte[] pixels = image.pixels();
    int to = (channel + 1) * image.plane();
    for (int i = channel * image.plane(); i < to; i++) {
      pixels[i] = table[pixels[i] & 0xff];
    }
  }
}
