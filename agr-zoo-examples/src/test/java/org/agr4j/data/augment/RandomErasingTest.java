package org.agr4j.data.augment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What random erasing draws, and what it leaves alone. */
class RandomErasingTest {
  private static final int DRAWS = 20_000;
  private static final int HEIGHT = 64;
  private static final int WIDTH = 48;

  @Test
  void drawsBoxesWithinTheirBounds() {
    SplittableRandom random = new SplittableRandom(3);
    RandomErasing erasing = new RandomErasing(0.25);
    int erased = 0;
    double shares = 0;
    for (int i = 0; i < DRAWS; i++) {
      RandomErasing.Box box = erasing.draw(HEIGHT, WIDTH, random);
      if (!box.equals(RandomErasing.Box.NONE)) {
        erased++;
        double share = (double) box.height() * box.width() / (HEIGHT * WIDTH);
        double aspect = (double) box.height() / box.width();
        shares += share;
        assertTrue(share > 0.018 && share < 0.35, box.toString());
        assertTrue(aspect > 0.26 && aspect < 3.9, box.toString());
        assertTrue(box.top() >= 0 && box.top() + box.height() <= HEIGHT, box.toString());
        assertTrue(box.left() >= 0 && box.left() + box.width() <= WIDTH, box.toString());
      }
    }
    assertEquals(0.25, (double) erased / DRAWS, 5 * Math.sqrt(0.25 * 0.75 / DRAWS));
    // The mean of 0.02 … 1/3, but large boxes fit less often.
    assertEquals((0.02 + 1 / 3.0) / 2, shares / erased, 0.02);
  }

  /** The box, in all channels, is N(0, 1), and nothing else changes. */
  @Test
  void fillsTheBoxWithNoise() {
    int count = 0;
    double sum = 0;
    double squares = 0;
    for (int seed = 0; seed < 20; seed++) {
      RandomErasing erasing = new RandomErasing(1);
      RandomErasing.Box box = erasing.draw(HEIGHT, WIDTH, new SplittableRandom(seed));
      int length = 3 * HEIGHT * WIDTH;
      float[] values = new float[7 + length + 7];
      Arrays.fill(values, 1000);
      erasing.apply(values, 7, 3, HEIGHT, WIDTH, new SplittableRandom(seed));
      for (int i = 0; i < values.length; i++) {
        int pixel = (i - 7) % (HEIGHT * WIDTH);
        int y = pixel / WIDTH;
        int x = pixel % WIDTH;
        boolean inside =
            i >= 7
                && i < 7 + length
                && y >= box.top()
                && y < box.top() + box.height()
                && x >= box.left()
                && x < box.left() + box.width();
        assertEquals(inside, values[i] != 1000, "value " + i);
        if (inside) {
          count++;
          sum += values[i];
          squares += values[i] * values[i];
        }
      }
    }
    assertEquals(0, sum / count, 5 / Math.sqrt(count));
    assertEquals(1, squares / count, 5 * Math.sqrt(2.0 / count));
  }

  @Test
  void noneIsTheImage() {
    float[] values = {1, 2, 3, 4};
    RandomErasing.NONE.apply(values, 0, 1, 2, 2, new SplittableRandom(1));
    assertArrayEquals(new float[] {1, 2, 3, 4}, values);
  }

  /** No rectangle fits in an image of one pixel. */
  @Test
  void anImageOfOnePixelStays() {
    float[] values = {5};
    for (int seed = 0; seed < 50; seed++) {
      new RandomErasing(1).apply(values, 0, 1, 1, 1, new SplittableRandom(seed));
    }
    assertArrayEquals(new float[] {5}, values);
  }

  @Test
  void refusesNumbersOutOfRange() {
    assertThrows(IllegalArgumentException.class, () -> new RandomErasing(-0.1));
    assertThrows(IllegalArgumentException.class, () -> new RandomErasing(1.1));
    assertThrows(IllegalArgumentException.class, () -> new RandomErasing(Double.NaN));
  }
}
