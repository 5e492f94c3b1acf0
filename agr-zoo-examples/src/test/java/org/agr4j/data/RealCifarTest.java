package org.agr4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * The real CIFAR-100, where there is one: named by the system property {@code agr.cifar100}, else
 * in {@code shared/data} next to the checkout.
 */
class RealCifarTest {
  private static Path archive() {
    String named = System.getProperty("agr.cifar100");
    Path path =
        named == null
            ? Path.of("..", "..", "shared", "data", OfficialArchive.CIFAR100.fileName())
            : Path.of(named);
    Assumptions.assumeTrue(
        Files.exists(path), "no CIFAR-100 at " + path + ": name it with -Dagr.cifar100=PATH");
    return path;
  }

  @Test
  void isBalancedAndHasThePublishedStatistics() {
    ImageSplits images =
        CifarReader.read(
            CifarFormat.CIFAR100, archive(), CifarFormat.TRAIN_IMAGES, CifarFormat.TEST_IMAGES);
    assertClasses(500, images.train());
    assertClasses(100, images.test());
    double[] mean = {.5071, .4865, .4409};
    double[] std = {.2673, .2564, .2762};
    for (int channel = 0; channel < 3; channel++) {
      double[] found = statistics(images.train(), channel);
      assertEquals(mean[channel], found[0], 1e-3);
      assertEquals(std[channel], found[1], 1e-3);
    }
  }

  @Test
  void aCutHasTheFirstImages() {
    ImageSplits cut = CifarReader.read(CifarFormat.CIFAR100, archive(), 5, 3);
    assertEquals(5, cut.train().size());
    assertEquals(3, cut.test().size());
    ImageSplits longer = CifarReader.read(CifarFormat.CIFAR100, archive(), 8, 6);
    for (int i = 0; i < 5; i++) {
      assertEquals(longer.train().label(i), cut.train().label(i));
      assertEquals(longer.train().pixel(i, 2, 31, 31), cut.train().pixel(i, 2, 31, 31));
    }
  }

  private static void assertClasses(int each, ImageSet images) {
    int[] counts = new int[images.classes()];
    for (int i = 0; i < images.size(); i++) {
      counts[images.label(i)]++;
    }
    for (int label = 0; label < counts.length; label++) {
      assertEquals(each, counts[label], "images of class " + label);
    }
  }

  private static double[] statistics(ImageSet images, int channel) {
    long sum = 0;
    long squares = 0;
    for (int i = 0; i < images.size(); i++) {
      for (int y = 0; y < images.height(); y++) {
        for (int x = 0; x < images.width(); x++) {
          int value = images.pixel(i, channel, y, x);
          sum += value;
          squares += value * value;
        }
      }
    }
    double n = (double) images.size() * images.height() * images.width();
    double mean = sum / n;
    return new double[] {mean / 255, Math.sqrt(squares / n - mean * mean) / 255};
  }
}
