package org.agr4j.data.augment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What is drawn, and how often. */
class RandAugmentTest {
  private static final int DRAWS = 30_000;

  /** Each operation evenly, carried out half of the time, levels around the magnitude. */
  @Test
  void drawsAsTimm() {
    RandAugment augment = new RandAugment(2, 9);
    int[] counts = new int[RandAugmentOperation.values().length];
    int steps = 0;
    int negated = 0;
    int highest = 0;
    int below = 0;
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < DRAWS; i++) {
      for (RandAugment.Step step : augment.draw(random)) {
        counts[step.operation().ordinal()]++;
        steps++;
        negated += step.negated() ? 1 : 0;
        highest += step.level() == 10 ? 1 : 0;
        below += step.level() < 9 ? 1 : 0;
        assertTrue(step.level() >= 0 && step.level() <= 10);
      }
    }
    assertShare(0.5, steps, 2 * DRAWS);
    for (int count : counts) {
      assertShare(1.0 / counts.length, count, steps);
    }
    assertShare(0.5, negated, steps);
    assertShare(0.5, below, steps);
    assertShare(0.02275, highest, steps); // two deviations above
  }

  private static void assertShare(double expected, int count, int of) {
    double deviation = Math.sqrt(expected * (1 - expected) / of);
    assertEquals(expected, (double) count / of, 5 * deviation);
  }

  @Test
  void theSameRandomNumbersGiveTheSameSteps() {
    RandAugment augment = new RandAugment(4, 5);
    List<RandAugment.Step> once = augment.draw(new SplittableRandom(1));
    assertEquals(once, augment.draw(new SplittableRandom(1)));
  }

  @Test
  void noneIsTheImage() {
    ImagePlanes image = new ImagePlanes(3, 4, 4);
    image.pixels()[5] = 7;
    byte[] before = image.pixels().clone();
    RandAugment.NONE.apply(image, new int[3], new SplittableRandom(1));
    assertArrayEquals(before, image.pixels());
  }

  @Test
  void refusesNumbersOutOfRange() {
    assertThrows(IllegalArgumentException.class, () -> new RandAugment(-1, 9));
    assertThrows(IllegalArgumentException.class, () -> new RandAugment(2, 10.5));
    assertThrows(IllegalArgumentException.class, () -> new RandAugment(2, Double.NaN));
  }
}
