package org.agr4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JpegDecoderTest {
  private static byte[] decode(byte[] jpeg) {
    byte[] pixels = new byte[5 + 3 * 64 * 64];
    new JpegDecoder(64).decode(jpeg, "x.JPEG", pixels, 5);
    return Arrays.copyOfRange(pixels, 5, pixels.length);
  }

  /** Red in the upper half, blue in the left half of the lower one. */
  private static byte[] picture() {
    BufferedImage image = TinyImageNetFixture.solid(64, 64, new int[] {0, 0, 0});
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 64; x++) {
        int[] rgb = {y < 32 ? 250 : 0, 0, y >= 32 && x < 32 ? 250 : 0};
        image.getRaster().setPixel(x, y, rgb);
      }
    }
    return TinyImageNetFixture.jpeg(image);
  }

  @Test
  void planesAreRedGreenBlueRowByRow() {
    byte[] pixels = decode(picture());
    int[][] expected = {{250, 250, 0, 0}, {0, 0, 0, 0}, {0, 0, 250, 0}};
    for (int channel = 0; channel < 3; channel++) {
      for (int quarter = 0; quarter < 4; quarter++) {
        int y = 16 + quarter / 2 * 32;
        int x = 16 + quarter % 2 * 32;
        int found = pixels[(channel * 64 + y) * 64 + x] & 0xff;
        assertEquals(expected[channel][quarter], found, 5, "channel " + channel + ", " + quarter);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100, 128, 255})
  void grayscaleKeepsItsValues(int value) {
    for (byte pixel : decode(TinyImageNetFixture.jpeg(new int[] {value}))) {
      assertEquals(value, pixel & 0xff);
    }
  }

  @Test
  void refusesATruncatedImageWhereverItEnds() {
    byte[] whole = picture();
    for (int bytes = 0; bytes < whole.length; bytes += bytes < 20 ? 1 : 7) {
      assertRefused(
          Arrays.copyOf(whole, bytes), "x.JPEG (%,d bytes) is not a sound JPEG".formatted(bytes));
    }
    assertRefused(Arrays.copyOf(whole, whole.length - 1), "is not a sound JPEG image");
  }

  /** Not all damage shows; what does is reported in one line, and nothing else is thrown. */
  @Test
  void survivesADamagedImage() {
    byte[] whole = picture();
    Random random = new Random(7);
    int refused = 0;
    for (int i = 0; i < 1000; i++) {
      byte[] damaged = whole.clone();
      for (int hits = random.nextInt(4); hits >= 0; hits--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      try {
        decode(damaged);
      } catch (BadInputException e) {
        refused++;
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        assertTrue(e.getMessage().startsWith("x.JPEG "), e.getMessage());
      }
    }
    assertTrue(refused > 100, refused + " of 1000");
  }

  @Test
  void refusesOtherFormats() throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(TinyImageNetFixture.solid(64, 64, new int[3]), "png", png);
    assertRefused(
        png.toByteArray(), "is not a sound JPEG image: Not a JPEG file: starts with 0x89");
    assertRefused(new byte[0], "x.JPEG (0 bytes) is not a sound JPEG image");
  }

  @Test
  void refusesAnotherSizeBeforeDecoding() {
    byte[] huge = TinyImageNetFixture.jpeg(new int[] {1, 2, 3});
    int frame = 0;
    while ((huge[frame] & 0xff) != 0xff || (huge[frame + 1] & 0xff) != 0xc0) {
      frame++;
    }
    Arrays.fill(huge, frame + 5, frame + 9, (byte) 0xfd); // height and width of the frame
    assertRefused(huge, "x.JPEG is 65021×65021 pixels, expected 64×64");
  }

  private static void assertRefused(byte[] jpeg, String part) {
    BadInputException e = assertThrows(BadInputException.class, () -> decode(jpeg));
    assertTrue(e.getMessage().contains(part), () -> e.getMessage() + "\nhas no: " + part);
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
  }
}
