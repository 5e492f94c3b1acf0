package org.agr4j.data;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * Standardisation of 8-bit images, channel by channel: (b / 255 − mean) / std.
 *
 * <p>The 256 values of each channel are computed once, so that a batch costs one look-up a pixel.
 */
public final class Standardization implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int LEVELS = 256;

  private final double[] mean;
  private final double[] std;
  private final float[][] values;

  /**
   * Standardisation with one mean and deviation for each channel.
   *
   * @param mean means of b / 255; not modified
   * @param std standard deviations of b / 255, all &gt; 0, as many as means; not modified
   * @throws IllegalArgumentException if the lengths differ or a deviation is not positive
   */
  public Standardization(double[] mean, double[] std) {
    if (mean.length != std.length) {
      throw new IllegalArgumentException(
          "std has " + std.length + " channels, expected " + mean.length + " as in mean");
    }
    this.mean = mean.clone();
    this.std = std.clone();
    values = new float[mean.length][LEVELS];
    for (int channel = 0; channel < mean.length; channel++) {
      if (!(std[channel] > 0)) {
        throw new IllegalArgumentException(
            "std[" + channel + "] = " + std[channel] + ", expected a number > 0");
      }
      for (int level = 0; level < LEVELS; level++) {
        values[channel][level] = (float) ((level / 255.0 - mean[channel]) / std[channel]);
      }
    }
  }

  /** Means of b / 255, one a channel. */
  public List<Double> mean() {
    return Arrays.stream(mean).boxed().toList();
  }

  /** Standard deviations of b / 255, one a channel. */
  public List<Double> deviation() {
    return Arrays.stream(std).boxed().toList();
  }

  /** Number of channels. */
  public int channels() {
    return values.length;
  }

  /**
   * Standardises a run of pixels of one channel.
   *
   * @param channel the channel
   * @param pixels unsigned bytes; not modified
   * @param from first pixel
   * @param target receives the values
   * @param at where the first value goes
   * @param count number of pixels
   */
  void apply(int channel, byte[] pixels, int from, float[] target, int at, int count) {
    float[] table = values[channel];
    for (int i = 0; i < count; i++) {
      target[at + i] = table[pixels[from + i] & 0xff];
    }
  }

  /**
   * Standardises a plane whose pixels were moved.
   *
   * @param channel the channel
   * @param pixels unsigned bytes; not modified
   * @param from the plane's first pixel
   * @param source for each value the pixel it comes from, −1 for black; not modified
   * @param target receives as many values
   * @param at where the first value goes
   */
  void apply(int channel, byte[] pixels, int from, int[] source, float[] target, int at) {
    float[] table = values[channel];
    for (int i = 0; i < source.length; i++) {
      target[at + i] = table[source[i] < 0 ? 0 : pixels[from + source[i]] & 0xff];
    }
  }
}
