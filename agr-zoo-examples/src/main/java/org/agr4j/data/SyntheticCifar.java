package org.agr4j.data;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Random;
import org.agr4j.input.BadInputException;

/**
 * Made-up images in the record format of CIFAR, for trying things out without a download. They show
 * that training works and nothing else: no accuracy on them says anything about real images.
 *
 * <p>Each class has a smooth pattern of its own, three waves a channel,
 *
 * <pre>
 *   pattern(c, y, x) = Σₖ aₖ cos(2π(uₖ y + vₖ x)/32 + φₖ),  uₖ, vₖ ∈ {−2, …, 2}
 * </pre>
 *
 * and an image is its class's pattern, moved by up to 2 pixels either way, at a contrast between
 * 0.6 and 1.4, with Gaussian noise of deviation 25 (of 255) on each value. Classes take turns, so
 * any cut is balanced. Image i of a split is the same whatever the number of images.
 */
public final class SyntheticCifar {
  private static final int WAVES = 3;
  private static final int HIGHEST_FREQUENCY = 2;
  private static final int LARGEST_SHIFT = 2;
  private static final double AMPLITUDE = 35;
  private static final double NOISE = 25;
  private static final double GREY = 127.5;

  private final CifarFormat format;
  private final long seed;

  private SyntheticCifar(CifarFormat format, long seed) {
    this.format = format;
    this.seed = seed;
  }

  /**
   * Makes synthetic images with learnable classes.
   *
   * @param format record format and number of classes
   * @param seed what determines patterns and images
   * @param trainImages training images, 1 to 50,000
   * @param testImages test images, 1 to 10,000; none is a training image
   * @throws BadInputException if a number is out of range
   */
  public static ImageSplits generate(
      CifarFormat format, long seed, int trainImages, int testImages) {
    require("training", trainImages, CifarFormat.TRAIN_IMAGES);
    require("test", testImages, CifarFormat.TEST_IMAGES);
    SyntheticCifar source = new SyntheticCifar(format, seed);
    return new ImageSplits(
        source.split(0, trainImages), source.split(1, testImages), format.standardization());
  }

  private static void require(String split, int images, int most) {
    if (images < 1 || images > most) {
      throw new BadInputException(
          "%d synthetic %s images asked for, expected 1 to %d".formatted(images, split, most));
    }
  }

  private ImageSet split(int split, int images) {
    double[][][] patterns = patterns();
    CifarRecords records = new CifarRecords(format, images);
    try {
      for (int i = 0; i < images; i++) {
        int label = i % format.classes();
        byte[] record = record(patterns[label], label, random(1 + split, i));
        records.read(new ByteArrayInputStream(record), "synthetic data", i, 1);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a record in memory has too few bytes", e);
    }
    return records.images();
  }

  /** Patterns [class][channel][y × 32 + x]; they wrap around, so that a shift needs no border. */
  private double[][][] patterns() {
    int side = CifarFormat.SIDE;
    double[][][] patterns = new double[format.classes()][CifarFormat.CHANNELS][side * side];
    for (int label = 0; label < patterns.length; label++) {
      Random random = random(0, label);
      for (double[] plane : patterns[label]) {
        for (int wave = 0; wave < WAVES; wave++) {
          int u = random.nextInt(2 * HIGHEST_FREQUENCY + 1) - HIGHEST_FREQUENCY;
          int v = random.nextInt(2 * HIGHEST_FREQUENCY + 1) - HIGHEST_FREQUENCY;
          double phase = 2 * Math.PI * random.nextDouble();
          double amplitude = AMPLITUDE * (0.5 + random.nextDouble());
          for (int i = 0; i < plane.length; i++) {
            double angle = 2 * Math.PI * (u * (i / side) + v * (i % side)) / side + phase;
            plane[i] += amplitude * StrictMath.cos(angle);
          }
        }
      }
    }
    return patterns;
  }

  private byte[] record(double[][] pattern, int label, Random random) {
    int side = CifarFormat.SIDE;
    byte[] record = new byte[format.recordBytes()];
    if (format.labelBytes() == 2) {
      record[0] = (byte) (label * format.labelRange(0) / format.classes());
    }
    int at = format.labelBytes();
    record[at - 1] = (byte) label;
    int down = random.nextInt(2 * LARGEST_SHIFT + 1) + side - LARGEST_SHIFT;
    int right = random.nextInt(2 * LARGEST_SHIFT + 1) + side - LARGEST_SHIFT;
    double contrast = 0.6 + 0.8 * random.nextDouble();
    for (double[] plane : pattern) {
      for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
          double clean = plane[(y + down) % side * side + (x + right) % side];
          double value = GREY + contrast * clean + NOISE * random.nextGaussian();
          record[at++] = (byte) Math.max(0, Math.min(255, Math.round(value)));
        }
      }
    }
    return record;
  }

  /** A stream for each pattern and image, so that none depends on how many came before. */
  private Random random(int purpose, int index) {
    return new Random((seed * 31 + purpose) * 1_000_003L + index);
  }
}
