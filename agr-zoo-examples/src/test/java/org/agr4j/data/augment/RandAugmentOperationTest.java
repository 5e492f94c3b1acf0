package org.agr4j.data.augment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each operation against Pillow (augment/rand_augment.py), and against numbers by hand. */
class RandAugmentOperationTest {
  private static final int WIDTH = 20;
  private static final int HEIGHT = 16;
  private static final int[] FILL = {124, 116, 104};

  /** The made-up image of rand_augment.py. */
  private static ImagePlanes image() {
    ImagePlanes image = new ImagePlanes(3, HEIGHT, WIDTH);
    int state = 12345;
    int at = 0;
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
          state = (state * 1103515245 + 12345) & 0x7fffffff;
          image.pixels()[at++] = (byte) (20 + (7 * x + 5 * y + 40 * c) % 150 + (state >> 16) % 60);
        }
      }
    }
    return image;
  }

  /** The very bytes. */
  @Test
  void makesOfAnImageWhatPillowDoes() throws IOException {
    Map<RandAugmentOperation, Integer> seen = new EnumMap<>(RandAugmentOperation.class);
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                getClass().getResourceAsStream("/augment/rand-augment.txt"), UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ");
        RandAugmentOperation operation = RandAugmentOperation.valueOf(words[0]);
        ImagePlanes image = image();
        operation.apply(image, Double.parseDouble(words[1]), Boolean.parseBoolean(words[2]), FILL);
        byte[] expected = Base64.getDecoder().decode(words[3]);
        assertArrayEquals(expected, image.pixels(), line.substring(0, 30));
        seen.merge(operation, 1, Integer::sum);
      }
    }
    assertEquals(RandAugmentOperation.values().length, seen.size());
  }

  /** Level 0 of all that have a level is no change, but posterize then keeps 4 bits. */
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"AUTO_CONTRAST", "EQUALIZE", "INVERT", "POSTERIZE"})
  void levelZeroIsTheImage(RandAugmentOperation operation) {
    for (boolean negated : new boolean[] {false, true}) {
      ImagePlanes image = image();
      operation.apply(image, 0, negated, FILL);
      assertArrayEquals(image().pixels(), image.pixels());
    }
  }

  /** A row of one channel, 3 high so that sharpness has an inside. */
  private static ImagePlanes plane(int height, int width, int... values) {
    ImagePlanes image = new ImagePlanes(1, height, width);
    for (int i = 0; i < values.length; i++) {
      image.pixels()[i] = (byte) values[i];
    }
    return image;
  }

  private static void assertBecomes(
      RandAugmentOperation operation, double level, int[] before, int... after) {
    ImagePlanes image = plane(1, before.length, before);
    operation.apply(image, level, false, new int[] {99});
    assertValues(image, after);
  }

  private static void assertValues(ImagePlanes image, int... expected) {
    int[] found = new int[expected.length];
    for (int i = 0; i < found.length; i++) {
      found[i] = image.pixels()[i] & 0xff;
    }
    assertArrayEquals(expected, found);
  }

  @Test
  void tonesByHand() {
    assertBecomes(RandAugmentOperation.INVERT, 5, new int[] {0, 100, 255}, 255, 155, 0);
    // Threshold 256 − ⌊0.5 · 256⌋ = 128.
    assertBecomes(RandAugmentOperation.SOLARIZE, 5, new int[] {0, 127, 128, 255}, 0, 127, 127, 0);
    // Below 128 made larger by ⌊0.9 · 110⌋ = 99.
    assertBecomes(RandAugmentOperation.SOLARIZE_ADD, 9, new int[] {0, 127, 128}, 99, 226, 128);
    // 4 − ⌊0.5 · 4⌋ = 2 bits kept.
    assertBecomes(RandAugmentOperation.POSTERIZE, 5, new int[] {63, 64, 200, 255}, 0, 64, 192, 192);
    assertBecomes(RandAugmentOperation.POSTERIZE, 10, new int[] {63, 255}, 0, 0);
    assertBecomes(RandAugmentOperation.AUTO_CONTRAST, 5, new int[] {50, 75, 101}, 0, 125, 255);
    assertBecomes(RandAugmentOperation.AUTO_CONTRAST, 5, new int[] {50, 50}, 50, 50);
    // Factor 1.9.
    assertBecomes(RandAugmentOperation.BRIGHTNESS, 10, new int[] {10, 100, 200}, 19, 190, 255);
    // The mean is 60.
    assertBecomes(RandAugmentOperation.CONTRAST, 10, new int[] {50, 70}, 41, 79);
    // Fewer than 255 pixels below the largest value.
    assertBecomes(RandAugmentOperation.EQUALIZE, 5, new int[] {1, 2, 3}, 1, 2, 3);
  }

  /** 600 pixels, 200 each of 10, 20 and 30: s = ⌊400 / 255⌋ = 1, and 0, 200, 400 of at most 255. */
  @Test
  void equalizesByHand() {
    ImagePlanes image = new ImagePlanes(1, 20, 30);
    for (int i = 0; i < 600; i++) {
      image.pixels()[i] = (byte) (10 * (1 + i % 3));
    }
    RandAugmentOperation.EQUALIZE.apply(image, 5, false, new int[] {0});
    assertValues(image, 0, 200, 255, 0, 200, 255);
  }

  /** Of red, (19595 · 200 + 2¹⁵) / 2¹⁶ = 60: factor 0.1 leaves 60 + ⌊0.1 · 140⌋ and 60 − 6. */
  @Test
  void colorByHand() {
    ImagePlanes image = new ImagePlanes(3, 1, 1);
    image.pixels()[0] = (byte) 200;
    RandAugmentOperation.COLOR.apply(image, 10, true, FILL);
    assertValues(image, 74, 54, 54);
  }

  /** The middle of 0 … 0 13 0 … 0 smoothed is 5; factor 1.9 gives 5 + 1.9 · 8 = 20.2. */
  @Test
  void sharpnessByHand() {
    ImagePlanes image = plane(3, 3, 0, 0, 0, 0, 13, 0, 0, 0, 0);
    RandAugmentOperation.SHARPNESS.apply(image, 10, false, new int[] {0});
    assertValues(image, 0, 0, 0, 0, 20, 0, 0, 0, 0);
  }

  /** 0.45 of 20 pixels are 9, whole pixels, so that nothing is blurred. */
  @Test
  void translatesByHand() {
    ImagePlanes image = image();
    RandAugmentOperation.TRANSLATE_X.apply(image, 10, false, FILL);
    ImagePlanes before = image();
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
          int row = (c * HEIGHT + y) * WIDTH;
          int expected = x + 9 < WIDTH ? before.pixels()[row + x + 9] & 0xff : FILL[c];
          assertEquals(expected, image.pixels()[row + x] & 0xff);
        }
      }
    }
  }

  /** A constant image stays constant wherever it comes from inside. */
  @ParameterizedTest
  @EnumSource(names = {"ROTATE", "SHEAR_X", "SHEAR_Y", "TRANSLATE_X", "TRANSLATE_Y"})
  void moveNothingInAnImageOfOneColor(RandAugmentOperation operation) {
    ImagePlanes image = new ImagePlanes(3, HEIGHT, WIDTH);
    Arrays.fill(image.pixels(), (byte) 77);
    operation.apply(image, 8.3, true, new int[] {77, 77, 9});
    for (int i = 0; i < 2 * HEIGHT * WIDTH; i++) {
      assertEquals(77, image.pixels()[i]);
    }
    int filled = 0;
    for (int i = 2 * HEIGHT * WIDTH; i < 3 * HEIGHT * WIDTH; i++) {
      assertTrue(image.pixels()[i] == 77 || image.pixels()[i] == 9);
      filled += image.pixels()[i] == 9 ? 1 : 0;
    }
    assertTrue(filled > 0 && filled < HEIGHT * WIDTH, filled + " filled");
  }
}
