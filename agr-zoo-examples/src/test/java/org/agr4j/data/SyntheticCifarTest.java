package org.agr4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agr4j.input.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SyntheticCifarTest {
  @ParameterizedTest
  @EnumSource(CifarFormat.class)
  void isBalancedAndSeeded(CifarFormat format) {
    int n = 3 * format.classes();
    ImageSet images = SyntheticCifar.generate(format, 1, n, 10).train();
    ImageSet same = SyntheticCifar.generate(format, 1, n + 5, 10).train();
    ImageSet other = SyntheticCifar.generate(format, 2, n, 10).train();
    int[] count = new int[format.classes()];
    for (int i = 0; i < n; i++) {
      count[images.label(i)]++;
    }
    for (int c : count) {
      assertEquals(3, c);
    }
    assertEquals(sum(images), sum(same, n));
    assertNotEquals(sum(images), sum(other));
  }

  /** A classifier that knows only training images does far better than chance on test images. */
  @Test
  void classesCanBeToldApart() {
    ImageSplits splits = SyntheticCifar.generate(CifarFormat.CIFAR10, 1, 200, 100);
    int right = 0;
    for (int test = 0; test < 100; test++) {
      int nearest = -1;
      long smallest = Long.MAX_VALUE;
      for (int train = 0; train < 200; train++) {
        long distance = distance(splits.test(), test, splits.train(), train);
        if (distance < smallest) {
          smallest = distance;
          nearest = train;
        }
      }
      right += splits.train().label(nearest) == splits.test().label(test) ? 1 : 0;
    }
    assertTrue(right >= 80, right + " of 100");
  }

  @Test
  void testImagesAreNoTrainingImages() {
    ImageSplits splits = SyntheticCifar.generate(CifarFormat.CIFAR100, 1, 300, 100);
    for (int test = 0; test < 100; test++) {
      for (int train = 0; train < 300; train++) {
        assertTrue(distance(splits.test(), test, splits.train(), train) > 0);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "50001, 1", "1, 0", "1, 10001"})
  void refusesNumbersOutOfRange(int train, int test) {
    assertThrows(
        BadInputException.class,
        () -> SyntheticCifar.generate(CifarFormat.CIFAR10, 1, train, test));
  }

  private static long distance(ImageSet a, int i, ImageSet b, int j) {
    long sum = 0;
    for (int channel = 0; channel < 3; channel++) {
      for (int y = 0; y < 32; y += 2) {
        for (int x = 0; x < 32; x += 2) {
          long d = a.pixel(i, channel, y, x) - b.pixel(j, channel, y, x);
          sum += d * d;
        }
      }
    }
    return sum;
  }

  private static long sum(ImageSet images) {
    return sum(images, images.size());
  }

  private static long sum(ImageSet images, int n) {
    long sum = 0;
    for (int i = 0; i < n; i++) {
      for (int p = 0; p < 3072; p++) {
        sum = sum * 31 + images.pixel(i, p / 1024, p / 32 % 32, p % 32);
      }
    }
    return sum;
  }
}
