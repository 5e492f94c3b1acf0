package org.agr4j.data.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ImageFitTest {
  private interface Colour {
    int at(int x, int y);
  }

  private static BufferedImage image(int width, int height, Colour colour) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, colour.at(x, y));
      }
    }
    return image;
  }

  private static int[] fit(ImageFit fit, BufferedImage image, int side) {
    byte[] target = new byte[3 + 3 * side * side];
    fit.fit(image, side, target, 3);
    int[] values = new int[3 * side * side];
    for (int i = 0; i < values.length; i++) {
      values[i] = target[3 + i] & 0xff;
    }
    return values;
  }

  @ParameterizedTest
  @EnumSource
  void anImageOfThatSizeIsNotTouched(ImageFit fit) {
    BufferedImage noise = ImageFiles.noise(16, 16, BufferedImage.TYPE_INT_RGB, 5);
    int[] values = fit(fit, noise, 16);
    for (int i = 0; i < 256; i++) {
      int rgb = noise.getRGB(i % 16, i / 16);
      assertEquals(rgb >> 16 & 0xff, values[i]);
      assertEquals(rgb >> 8 & 0xff, values[256 + i]);
      assertEquals(rgb & 0xff, values[512 + i]);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "CROP,100,40",
    "CROP,7,30",
    "SQUEEZE,100,40",
    "SQUEEZE,7,30",
    "CROP,1,1",
    "SQUEEZE,1,9"
  })
  void oneColourStaysThatColour(ImageFit fit, int width, int height) {
    for (int value : fit(fit, image(width, height, (x, y) -> 0x646464), 16)) {
      assertEquals(100, value);
    }
  }

  @Test
  void cropTakesTheMiddleOfALongImage() {
    // red, a green square, blue
    BufferedImage wide = image(90, 30, (x, y) -> x < 30 ? 0xff0000 : x < 60 ? 0x00ff00 : 0x0000ff);
    BufferedImage high = image(30, 90, (x, y) -> y < 30 ? 0xff0000 : y < 60 ? 0x00ff00 : 0x0000ff);
    for (BufferedImage image : new BufferedImage[] {wide, high}) {
      int[] values = fit(ImageFit.CROP, image, 10);
      for (int i = 0; i < 100; i++) {
        assertEquals(0, values[i], "red");
        assertEquals(255, values[100 + i], "green");
        assertEquals(0, values[200 + i], "blue");
      }
    }
  }

  @Test
  void squeezeKeepsAllOfIt() {
    BufferedImage wide = image(90, 30, (x, y) -> x < 30 ? 0xff0000 : x < 60 ? 0x00ff00 : 0x0000ff);
    int[] values = fit(ImageFit.SQUEEZE, wide, 9);
    assertEquals(255, values[9 * 4], 1, "red at the left");
    assertEquals(255, values[81 + 9 * 4 + 4], 1, "green in the middle");
    assertEquals(255, values[162 + 9 * 4 + 8], 1, "blue at the right");
  }

  /**
   * Stripes finer than the new pixels become their mean; a poor filter makes coarse ones of them.
   */
  @Test
  void fineStripesDoNotAlias() {
    BufferedImage stripes = image(256, 256, (x, y) -> x % 2 == 0 ? 0xffffff : 0);
    int[] values = fit(ImageFit.SQUEEZE, stripes, 30);
    for (int y = 0; y < 30; y++) {
      for (int x = 2; x < 28; x++) {
        assertEquals(127.5, values[30 * y + x], 6);
      }
    }
  }

  /** A slope stays a slope, at the same place: pixels are areas, not points. */
  @Test
  void aSlopeKeepsItsPlace() {
    BufferedImage slope = image(128, 128, (x, y) -> (x + 64) * 0x010101);
    int[] values = fit(ImageFit.CROP, slope, 32);
    for (int x = 3; x < 29; x++) {
      assertEquals(64 + 4 * x + 1.5, values[32 * 16 + x], 1.1);
    }
    int[] larger = fit(ImageFit.CROP, image(32, 32, (x, y) -> 6 * x * 0x010101), 64);
    for (int x = 8; x < 56; x++) {
      assertEquals(6 * ((x + 0.5) / 2 - 0.5), larger[64 * 32 + x], 1.6);
    }
  }

  @Test
  void theNamesAreThoseOfTheCommandLine() {
    assertArrayEquals(
        new String[] {"crop", "squeeze"},
        java.util.Arrays.stream(ImageFit.values()).map(ImageFit::toString).toArray());
    assertTrue(ImageDecoder.hasImageName("a.JPEG") && ImageDecoder.hasImageName("b.Png"));
    assertTrue(!ImageDecoder.hasImageName(".png") && !ImageDecoder.hasImageName("a.txt"));
  }
}
