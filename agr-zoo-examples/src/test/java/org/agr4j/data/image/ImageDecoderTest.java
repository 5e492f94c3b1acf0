package org.agr4j.data.image;

import static org.agr4j.data.image.ImageFiles.bytes;
import static org.agr4j.data.image.ImageFiles.exif;
import static org.agr4j.data.image.ImageFiles.instead;
import static org.agr4j.data.image.ImageFiles.jpeg;
import static org.agr4j.data.image.ImageFiles.noise;
import static org.agr4j.data.image.ImageFiles.splice;
import static org.agr4j.data.image.ImageFiles.with;
import static org.agr4j.data.image.ImageFiles.withChunk;
import static org.agr4j.data.image.ImageFiles.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.awt.Color;
import java.awt.Point;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.agr4j.input.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {
  private static final byte[] JPEG = jpeg(1);

  private static int[] decode(byte[] file) {
    BufferedImage image = image(file);
    return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
  }

  private static BufferedImage image(byte[] file) {
    return ImageDecoder.decode(file, "x", (width, height) -> {});
  }

  private static void assertSamePixels(byte[] expected, byte[] file) {
    assertArrayEquals(decode(expected), decode(file));
  }

  private static void assertRefused(byte[] file, String part) {
    BadInputException e = assertThrows(BadInputException.class, () -> decode(file));
    assertTrue(e.getMessage().contains(part), () -> e.getMessage() + "\nhas no: " + part);
    assertTrue(e.getMessage().startsWith("x "), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
  }

  // JPEG

  /** What the JDK's decoder gives for a sound file is what earlier runs were trained on. */
  @ParameterizedTest
  @CsvSource({
    "24,16,3,0.9,false",
    "17,31,3,0.5,true",
    "64,64,1,0.75,false",
    "9,8,1,0.3,true",
    "1,1,3,1,false",
    "33,7,3,1,true"
  })
  void soundJpegsGiveTheJdksBytes(int width, int height, int bands, float quality, boolean steps)
      throws IOException {
    int type = bands == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR;
    Raster noise = noise(width, height, type, 11 * width + height).getRaster();
    byte[] file = jpeg(noise, true, quality, steps);
    Raster raster = ImageIO.read(new ByteArrayInputStream(file)).getRaster();
    int[] rgb = decode(file);
    for (int i = 0; i < rgb.length; i++) {
      for (int channel = 0; channel < 3; channel++) {
        int expected = raster.getSample(i % width, i / width, Math.min(channel, bands - 1));
        assertEquals(expected, rgb[i] >> 16 - 8 * channel & 0xff, "pixel " + i);
      }
    }
  }

  private static Stream<Arguments> oddities() {
    byte[] icc = ICC_Profile.getInstance(ColorSpace.CS_sRGB).getData();
    byte[] lab = icc.clone();
    System.arraycopy(bytes("Lab "), 0, lab, 16, 4);
    byte[] unsigned = icc.clone();
    Arrays.fill(unsigned, 36, 40, (byte) 0);
    byte[] random = new byte[300];
    new Random(5).nextBytes(random);
    int end = JPEG.length - 2;
    int scan = indexOf(JPEG, 0xda);
    byte[] oddScan = JPEG.clone();
    oddScan[scan + 12] = 0; // the last coefficient of the scan: all 64 are there
    return Stream.of(
        arguments("a profile of noise", with(JPEG, 0xe2, profile(1, 1, random))),
        arguments("a profile cut off", with(JPEG, 0xe2, profile(1, 1, Arrays.copyOf(icc, 900)))),
        arguments("a profile without signature", with(JPEG, 0xe2, profile(1, 1, unsigned))),
        arguments("a profile for Lab", with(JPEG, 0xe2, profile(1, 1, lab))),
        arguments("part 2 of 3 of a profile", with(JPEG, 0xe2, profile(2, 3, icc))),
        arguments("part 0 of 0 of a profile", with(JPEG, 0xe2, profile(0, 0, icc))),
        arguments("an empty profile", with(JPEG, 0xe2, bytes("ICC_PROFILE", 0))),
        arguments(
            "a part of a profile twice",
            with(with(JPEG, 0xe2, profile(1, 1, icc)), 0xe2, profile(1, 1, icc))),
        arguments("a profile of sRGB", with(JPEG, 0xe2, profile(1, 1, icc))),
        arguments("JFIF of another version", splice(JPEG, 11, 13, bytes("", 9, 9))),
        arguments("JFIF without density", splice(JPEG, 13, 18, new byte[5])),
        arguments("JFIF with a small picture that is not there", splice(JPEG, 18, 20, random(2))),
        arguments("JFIF twice", with(JPEG, 0xe0, Arrays.copyOfRange(JPEG, 6, 20))),
        arguments("JFIF's extension, unknown", with(JPEG, 0xe0, bytes("JFXX", 0, 0x99, 1))),
        arguments("two letters of JFIF", instead(JPEG, 0xe0, bytes("JF"))),
        arguments("no JFIF", splice(JPEG, 2, 20, new byte[0])),
        arguments("Exif of noise", with(JPEG, 0xe1, bytes("Exif\0\0garbage"))),
        arguments("Exif first", splice(JPEG, 2, 2, segment(0xe1, bytes("Exif\0\0xx")))),
        arguments("Adobe's for YCC", instead(JPEG, 0xee, adobe(1))),
        arguments("Adobe's for printing colours", instead(JPEG, 0xee, adobe(2))),
        arguments("Adobe's, unknown", instead(JPEG, 0xee, adobe(77))),
        arguments("Adobe's for RGB beside JFIF", with(JPEG, 0xee, adobe(0))),
        arguments("Adobe's, unknown, beside JFIF", with(JPEG, 0xee, adobe(3))),
        arguments("Adobe's, cut off", with(JPEG, 0xee, bytes("Adobe", 0, 100))),
        arguments("a comment with markers", with(JPEG, 0xfe, bytes("", 0xff, 0xd8, 0xff, 0xd9))),
        arguments("filling before a marker", splice(JPEG, 2, 2, bytes("", 0xff, 0xff, 0xff))),
        arguments("bytes between segments", splice(JPEG, 20, 20, new byte[4])),
        arguments("a scan that names other coefficients", oddScan),
        arguments("zeros before the end", splice(JPEG, end, end, new byte[6])),
        arguments("filling before the end", splice(JPEG, end, end, bytes("", 0xff, 0xff))),
        arguments("zeros after the end", splice(JPEG, end + 2, end + 2, new byte[500])),
        arguments("noise after the end", splice(JPEG, end + 2, end + 2, random)),
        arguments("another image after the end", splice(JPEG, end + 2, end + 2, jpeg(9))));
  }

  private static byte[] random(int count) {
    byte[] bytes = new byte[count];
    Arrays.fill(bytes, (byte) 64);
    return bytes;
  }

  private static byte[] segment(int marker, byte[] content) {
    byte[] whole = with(JPEG, marker, content);
    return Arrays.copyOfRange(whole, 20, 20 + 4 + content.length);
  }

  private static byte[] profile(int part, int of, byte[] icc) {
    byte[] head = bytes("ICC_PROFILE", 0, part, of);
    return splice(head, head.length, head.length, icc);
  }

  private static byte[] adobe(int transform) {
    return bytes("Adobe", 0, 100, 0, 0, 0, 0, transform);
  }

  private static int indexOf(byte[] file, int marker) {
    int at = 0;
    while ((file[at] & 0xff) != 0xff || (file[at + 1] & 0xff) != marker) {
      at++;
    }
    return at;
  }

  /** None of these changes a pixel, or hinders the decoding. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("oddities")
  void whatIsOddAroundPixelsDoesNoHarm(String oddity, byte[] file) {
    assertFalse(Arrays.equals(JPEG, file), "the file has it");
    assertSamePixels(JPEG, file);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
  void segmentsOfMakersDoNoHarm(int number) {
    Random random = new Random(number);
    for (int i = 0; i < 10; i++) {
      byte[] content = new byte[random.nextInt(200)];
      random.nextBytes(content);
      assertSamePixels(JPEG, with(JPEG, 0xe0 + number, content));
      assertSamePixels(JPEG, instead(JPEG, 0xe0 + number, content));
    }
  }

  @Test
  void coloursOfTheFileAreKeptWhereAdobeSaysRgb() {
    Raster rgb = noise(8, 8, BufferedImage.TYPE_3BYTE_BGR, 4).getRaster();
    byte[] raw = jpeg(rgb, false, 1, false); // components as they are
    int[] pixels = decode(splice(raw, 2, 2, segment(0xee, adobe(0))));
    for (int i = 0; i < pixels.length; i++) {
      assertEquals(rgb.getSample(i % 8, i / 8, 1), pixels[i] >> 8 & 0xff, 4, "green of " + i);
    }
  }

  /** Adobe stores the paper's share: 255 is no ink. */
  @ParameterizedTest
  @CsvSource({
    "255,255,255,255",
    "0,0,0,255",
    "200,100,50,255",
    "200,100,50,128",
    "255,255,255,0",
    "0,90,0,40"
  })
  void printingColoursBecomeRgb(int c, int m, int y, int k) {
    byte[] raw = jpeg(solid(c, m, y, k), false, 1, false);
    assertColour(
        new int[] {c * k / 255, m * k / 255, y * k / 255},
        decode(splice(raw, 2, 2, segment(0xee, adobe(0)))));
    int[] ycc = {128, 100, 150};
    byte[] ycck = jpeg(solid(ycc[0], ycc[1], ycc[2], k), false, 1, false);
    double[] rgb = {
      ycc[0] + 1.402 * (ycc[2] - 128),
      ycc[0] - 0.34414 * (ycc[1] - 128) - 0.71414 * (ycc[2] - 128),
      ycc[0] + 1.772 * (ycc[1] - 128)
    };
    assertColour(
        Arrays.stream(rgb).mapToInt(v -> (int) ((255 - v) * k / 255)).toArray(),
        decode(splice(ycck, 2, 2, segment(0xee, adobe(2)))));
  }

  private static WritableRaster solid(int... values) {
    WritableRaster raster =
        Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 8, 8, values.length, new Point());
    for (int i = 0; i < 64; i++) {
      raster.setPixel(i % 8, i / 8, values);
    }
    return raster;
  }

  private static void assertColour(int[] expected, int[] pixels) {
    for (int pixel : pixels) {
      for (int channel = 0; channel < 3; channel++) {
        assertEquals(expected[channel], pixel >> 16 - 8 * channel & 0xff, 3);
      }
    }
  }

  @Test
  void refusesATruncatedJpegWhereverItEnds() {
    for (boolean progressive : new boolean[] {false, true}) {
      Raster noise = noise(24, 16, BufferedImage.TYPE_3BYTE_BGR, 3).getRaster();
      byte[] whole = jpeg(noise, true, 0.9f, progressive);
      for (int bytes = 0; bytes < whole.length; bytes += bytes < 20 ? 1 : 7) {
        assertRefused(Arrays.copyOf(whole, bytes), bytes < 3 ? "is no image" : "is not a sound");
      }
      assertRefused(Arrays.copyOf(whole, whole.length - 1), "is not a sound JPEG image: ");
    }
  }

  @Test
  void refusesAJpegThatLostSomeOfItsPixels() {
    int scan = indexOf(JPEG, 0xda) + 14;
    int middle = (scan + JPEG.length) / 2;
    assertRefused(splice(JPEG, middle, middle + 40, new byte[40]), "is not a sound JPEG image");
    assertRefused(splice(JPEG, middle, JPEG.length - 2, new byte[0]), "is not a sound JPEG");
    int most = JPEG.length - 2;
    assertRefused(splice(JPEG, middle, most, new byte[most - middle]), "is not a sound JPEG");
  }

  /** Not all damage shows; what does is reported in one line, and nothing else is thrown. */
  @Test
  void survivesADamagedFile() throws IOException {
    byte[][] files = {
      JPEG,
      write(noise(20, 20, BufferedImage.TYPE_3BYTE_BGR, 1), "png"),
      write(noise(20, 20, BufferedImage.TYPE_BYTE_INDEXED, 1), "gif"),
      write(noise(20, 20, BufferedImage.TYPE_3BYTE_BGR, 1), "bmp"),
      WEBP
    };
    Random random = new Random(7);
    int refused = 0;
    for (int i = 0; i < 1500; i++) {
      byte[] damaged = files[i % files.length].clone();
      for (int hits = random.nextInt(4); hits >= 0; hits--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      if (random.nextInt(4) == 0) {
        damaged = Arrays.copyOf(damaged, random.nextInt(damaged.length));
      }
      try {
        decode(damaged);
      } catch (BadInputException e) {
        refused++;
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        assertTrue(e.getMessage().startsWith("x "), e.getMessage());
      }
    }
    assertTrue(refused > 500, refused + " of 1500");
  }

  @Test
  void refusesAnotherSizeBeforeDecoding() {
    byte[] huge = JPEG.clone();
    int frame = indexOf(huge, 0xc0);
    Arrays.fill(huge, frame + 5, frame + 9, (byte) 0xfd); // height and width of the frame
    assertRefused(huge, "x has 65021×65021 pixels, expected 100,000,000 at most");
    BadInputException refusal = new BadInputException("no");
    assertEquals(
        refusal,
        assertThrows(
            BadInputException.class,
            () ->
                ImageDecoder.decode(
                    JPEG,
                    "x",
                    (width, height) -> {
                      assertEquals(24, width);
                      assertEquals(16, height);
                      throw refusal;
                    })));
  }

  // Orientation

  /** Where the corners A B / C D of the stored image are in the upright one (Exif's table). */
  @ParameterizedTest
  @CsvSource({
    "1,ABCD", "2,BADC", "3,DCBA", "4,CDAB", "5,ACBD", "6,CADB", "7,DBCA", "8,BDAC", "0,ABCD",
    "9,ABCD"
  })
  void imagesAreTurnedUpright(int orientation, String corners) throws IOException {
    int[] colours = {0xff0000, 0x00ff00, 0x0000ff, 0xffffff};
    BufferedImage stored = new BufferedImage(32, 16, BufferedImage.TYPE_3BYTE_BGR);
    for (int i = 0; i < 32 * 16; i++) {
      int x = i % 32;
      int y = i / 32;
      stored.setRGB(x, y, colours[(y < 8 ? 0 : 2) + (x < 16 ? 0 : 1)]);
    }
    byte[] jpeg = jpeg(stored.getRaster(), true, 1, false);
    byte[] png = write(stored, "png");
    for (boolean little : new boolean[] {true, false}) {
      byte[] flag = exif(orientation, little);
      byte[] named = splice(bytes("Exif\0\0"), 6, 6, flag);
      for (byte[] file :
          new byte[][] {with(jpeg, 0xe1, named), withChunk(png, "eXIf", flag, true)}) {
        BufferedImage upright = image(file);
        boolean turned = orientation >= 5 && orientation <= 8;
        assertEquals(turned ? 16 : 32, upright.getWidth());
        assertEquals(turned ? 32 : 16, upright.getHeight());
        for (int corner = 0; corner < 4; corner++) {
          int x = corner % 2 * (upright.getWidth() - 1);
          int y = corner / 2 * (upright.getHeight() - 1);
          Color expected = new Color(colours[corners.charAt(corner) - 'A']);
          Color found = new Color(upright.getRGB(x, y));
          assertEquals(expected.getRed(), found.getRed(), 60, corners.substring(corner));
          assertEquals(expected.getGreen(), found.getGreen(), 60, corners.substring(corner));
          assertEquals(expected.getBlue(), found.getBlue(), 60, corners.substring(corner));
        }
      }
    }
  }

  /** Whatever Exif's bytes are, they are read within their segment. */
  @Test
  void survivesDamagedExif() {
    Random random = new Random(2);
    int[] upright = decode(JPEG);
    Arrays.sort(upright);
    for (int i = 0; i < 500; i++) {
      byte[] flag = exif(1 + random.nextInt(8), random.nextBoolean());
      for (int hits = random.nextInt(5); hits >= 0; hits--) {
        flag[random.nextInt(flag.length)] = (byte) random.nextInt(256);
      }
      flag = Arrays.copyOf(flag, random.nextInt(flag.length + 1));
      int[] pixels = decode(with(JPEG, 0xe1, splice(bytes("Exif\0\0"), 6, 6, flag)));
      Arrays.sort(pixels);
      assertArrayEquals(upright, pixels);
    }
  }

  // PNG

  /** Grey and RGB, with and without alpha, 8 and 16 bits. */
  @ParameterizedTest
  @CsvSource({
    "1,false,8",
    "1,true,8",
    "3,false,8",
    "3,true,8",
    "1,false,16",
    "1,true,16",
    "3,false,16",
    "3,true,16"
  })
  void pngsOfEveryKindBecomeRgbOnWhite(int channels, boolean alpha, int bits) throws IOException {
    int bands = channels + (alpha ? 1 : 0);
    int type = bits == 8 ? DataBuffer.TYPE_BYTE : DataBuffer.TYPE_USHORT;
    ColorSpace space =
        ColorSpace.getInstance(channels == 1 ? ColorSpace.CS_GRAY : ColorSpace.CS_sRGB);
    ComponentColorModel model = new ComponentColorModel(space, alpha, false, alpha ? 3 : 1, type);
    WritableRaster raster = Raster.createInterleavedRaster(type, 13, 9, bands, new Point());
    Random random = new Random(bands * bits);
    for (int i = 0; i < 13 * 9 * bands; i++) {
      int value = random.nextInt(4) == 0 ? 0 : random.nextInt(1 << bits);
      raster.setSample(i / bands % 13, i / bands / 13, i % bands, value);
    }
    int[] pixels = decode(write(new BufferedImage(model, raster, false, null), "png"));
    double most = (1 << bits) - 1;
    for (int i = 0; i < pixels.length; i++) {
      double share = alpha ? raster.getSample(i % 13, i / 13, bands - 1) / most : 1;
      for (int channel = 0; channel < 3; channel++) {
        int stored = raster.getSample(i % 13, i / 13, Math.min(channel, channels - 1));
        double expected = 255 * (stored / most * share + 1 - share);
        int found = pixels[i] >> 16 - 8 * channel & 0xff;
        // two roundings to 8 bits where there is alpha, one otherwise
        assertEquals(expected, found, alpha ? 1.01 : 0.51);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8})
  void indicesBecomeTheirColours(int bits) throws IOException {
    int size = 1 << bits;
    Random random = new Random(bits);
    int[] colours = IntStream.range(0, size).map(i -> random.nextInt()).toArray();
    IndexColorModel palette =
        new IndexColorModel(bits, size, colours, 0, true, -1, DataBuffer.TYPE_BYTE);
    int type = bits == 8 ? BufferedImage.TYPE_BYTE_INDEXED : BufferedImage.TYPE_BYTE_BINARY;
    BufferedImage image = new BufferedImage(11, 7, type, palette);
    for (int i = 0; i < 77; i++) {
      image.getRaster().setSample(i % 11, i / 11, 0, random.nextInt(size));
    }
    int[] pixels = decode(write(image, "png"));
    for (int i = 0; i < pixels.length; i++) {
      int argb = colours[image.getRaster().getSample(i % 11, i / 11, 0)];
      double share = (argb >>> 24) / 255.0;
      for (int shift = 0; shift < 24; shift += 8) {
        double expected = (argb >> shift & 0xff) * share + 255 * (1 - share);
        assertEquals(expected, pixels[i] >> shift & 0xff, 0.51);
      }
    }
  }

  /** A decoder that takes grey for linear light would make 100 of 50. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 50, 128, 255})
  void greyKeepsItsValues(int value) throws IOException {
    BufferedImage grey = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
    grey.getRaster().setSamples(0, 0, 8, 8, 0, IntStream.range(0, 64).map(i -> value).toArray());
    for (byte[] file :
        new byte[][] {
          write(grey, "png"), write(grey, "bmp"), jpeg(grey.getRaster(), true, 1, false)
        }) {
      for (int pixel : decode(file)) {
        assertEquals(0xff000000 | value * 0x010101, pixel);
      }
    }
  }

  @Test
  void whatIsOddAroundPngsPixelsDoesNoHarm() throws IOException {
    byte[] png = write(noise(12, 12, BufferedImage.TYPE_3BYTE_BGR, 8), "png");
    byte[] noise = new byte[99];
    new Random(1).nextBytes(noise);
    for (String type :
        new String[] {"iCCP", "gAMA", "tEXt", "iTXt", "pHYs", "tIME", "sRGB", "abCd"}) {
      assertSamePixels(png, withChunk(png, type, noise, true));
      assertSamePixels(png, withChunk(png, type, new byte[0], true));
      assertSamePixels(png, withChunk(png, type, noise, false));
    }
    assertSamePixels(png, splice(png, png.length, png.length, noise));
  }

  @Test
  void refusesADamagedPng() throws IOException {
    byte[] png = write(noise(40, 40, BufferedImage.TYPE_3BYTE_BGR, 8), "png");
    for (int bytes = 8; bytes < png.length; bytes += 11) {
      assertRefused(Arrays.copyOf(png, bytes), "is not a sound PNG image: it is cut off after");
    }
    byte[] damaged = png.clone();
    damaged[damaged.length / 2] ^= 1; // the JDK's reader compares no sums
    assertRefused(damaged, "is not a sound PNG image: the check sum of its chunk IDAT is another");
  }

  // Others

  private static final byte[] WEBP =
      Base64.getDecoder()
          .decode(
              "UklGRkAAAABXRUJQVlA4TDQAAAAvAkAAEC9AkG2zOQzs/jLXIJO2yV//dmZtZNI2rYfe8+9y8x8A/uRRswUC"
                  + "ATJEiyUR/Y8c");

  /** A lossless file of libwebp's. */
  @Test
  void decodesWebP() {
    int[] expected = {0xff0000, 0x00ff00, 0x0000ff, 0x0a141e, 0xc86432, 0xffffff};
    assertArrayEquals(Arrays.stream(expected).map(rgb -> 0xff000000 | rgb).toArray(), decode(WEBP));
    for (int bytes = 12; bytes < WEBP.length; bytes++) {
      assertRefused(Arrays.copyOf(WEBP, bytes), "is not a sound WebP image: it is cut off");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bmp", "gif", "png"})
  void decodesWithoutLoss(String format) throws IOException {
    BufferedImage few = noise(9, 9, BufferedImage.TYPE_BYTE_BINARY, 3);
    int[] expected = few.getRGB(0, 0, 9, 9, null, 0, 9);
    assertArrayEquals(expected, decode(write(few, format)));
    BufferedImage many = noise(9, 9, BufferedImage.TYPE_BYTE_INDEXED, 3);
    assertArrayEquals(many.getRGB(0, 0, 9, 9, null, 0, 9), decode(write(many, format)));
  }

  @Test
  void refusesWhatIsNoImage() {
    assertRefused(new byte[0], "x (0 bytes) is no image, expected JPEG, PNG, GIF, BMP or WebP");
    assertRefused(bytes("<html>"), "x (6 bytes) is no image");
    assertRefused(bytes("II*\0abc"), "x (7 bytes) is a TIFF file, expected JPEG");
    assertRefused(bytes("\0\0\0\30ftypheic"), "x (12 bytes) is a HEIC or AVIF file");
  }

  /** A container without a folder for temporary files, a machine with digits of its own. */
  @Test
  void needsNoFolderAndNoLanguage(@TempDir Path folder) throws IOException {
    BufferedImage noise = noise(20, 20, BufferedImage.TYPE_BYTE_INDEXED, 1);
    byte[][] files = {JPEG, write(noise, "png"), write(noise, "gif"), write(noise, "bmp"), WEBP};
    int[][] expected = Arrays.stream(files).map(ImageDecoderTest::decode).toArray(int[][]::new);
    File before = ImageIO.getCacheDirectory();
    Locale language = Locale.getDefault();
    Path gone = Files.createDirectory(folder.resolve("gone"));
    try {
      ImageIO.setCacheDirectory(gone.toFile());
      Files.delete(gone);
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      assertFalse(ImageIO.getUseCache());
      for (int i = 0; i < files.length; i++) {
        assertArrayEquals(expected[i], decode(files[i]));
      }
      byte[] cut = Arrays.copyOf(JPEG, 200);
      assertThrows(BadInputException.class, () -> decode(cut));
    } finally {
      Locale.setDefault(language);
      ImageIO.setCacheDirectory(before);
    }
  }
}
