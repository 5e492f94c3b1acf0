package org.agr4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipFile;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * A real part of Tiny-ImageNet with 20 classes, where there is one: named by the system property
 * {@code agr.tinyimagenet}, else in {@code shared/data} next to the checkout.
 */
class RealTinyImageNetTest {
  private static final int CLASSES = 20;
  private static final String ROOT = "tiny-imagenet-200/";

  private static Path archive() {
    String named = System.getProperty("agr.tinyimagenet");
    Path path =
        named == null
            ? Path.of("..", "..", "shared", "data", "tiny-imagenet-20.zip")
            : Path.of(named);
    Assumptions.assumeTrue(
        Files.exists(path),
        "no part of Tiny-ImageNet at " + path + ": name it with -Dagr.tinyimagenet=PATH");
    return path;
  }

  @Test
  void isBalancedAndLooksLikeImageNet() {
    ImageCounts there = DatasetChoice.TINY_IMAGENET.count(archive());
    assertEquals(new ImageCounts(2000, 1000), there);
    ImageSplits images = DatasetChoice.TINY_IMAGENET.read(archive(), there.train(), there.test());
    assertClasses(100, images.train());
    assertClasses(50, images.test());
    // ImageNet's means; the part has its own, but in the same order and not far away.
    double[] mean = {.485, .456, .406};
    for (int channel = 0; channel < 3; channel++) {
      assertEquals(mean[channel], mean(images.train(), channel), .03);
    }
    assertTrue(
        grayscale(images.train()) + grayscale(images.test()) >= 59, "59 files are grayscale");
  }

  /** Against the labels and pixels as the lists and the JDK have them, read in another way. */
  @Test
  void imagesAreTheRightOnes() throws IOException {
    ImageSplits images = DatasetChoice.TINY_IMAGENET.read(archive(), 2 * CLASSES, 2 * CLASSES);
    try (ZipFile zip = new ZipFile(archive().toFile())) {
      List<String> wnids = lines(zip, "wnids.txt");
      List<String> annotations = lines(zip, "val/val_annotations.txt");
      for (int i = 0; i < 2 * CLASSES; i++) {
        String wnid = wnids.get(i % CLASSES);
        assertEquals(i % CLASSES, images.train().label(i));
        assertPixels(
            zip,
            "train/%s/images/%s_%d.JPEG".formatted(wnid, wnid, i / CLASSES),
            images.train(),
            i);
        String test =
            annotations.stream()
                .map(line -> line.split("\t"))
                .filter(columns -> columns[1].equals(wnid))
                .skip(i / CLASSES)
                .findFirst()
                .orElseThrow()[0];
        assertEquals(i % CLASSES, images.test().label(i));
        assertPixels(zip, "val/images/" + test, images.test(), i);
      }
    }
  }

  private static List<String> lines(ZipFile zip, String name) throws IOException {
    return new String(zip.getInputStream(zip.getEntry(ROOT + name)).readAllBytes())
        .lines()
        .toList();
  }

  private static void assertPixels(ZipFile zip, String name, ImageSet images, int i)
      throws IOException {
    var image = ImageIO.read(zip.getInputStream(zip.getEntry(ROOT + name)));
    int bands = image.getRaster().getNumBands();
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 64; x++) {
        int[] found = {
          images.pixel(i, 0, y, x), images.pixel(i, 1, y, x), images.pixel(i, 2, y, x)
        };
        int rgb = image.getRGB(x, y);
        int gray = image.getRaster().getSample(x, y, 0);
        int[] expected =
            bands == 1
                ? new int[] {gray, gray, gray}
                : new int[] {rgb >> 16 & 0xff, rgb >> 8 & 0xff, rgb & 0xff};
        assertArrayEquals(expected, found, name);
      }
    }
  }

  private static void assertClasses(int each, ImageSet images) {
    assertEquals(CLASSES, images.classes());
    int[] counts = new int[CLASSES];
    for (int i = 0; i < images.size(); i++) {
      counts[images.label(i)]++;
    }
    for (int label = 0; label < CLASSES; label++) {
      assertEquals(each, counts[label], "images of class " + label);
    }
  }

  private static double mean(ImageSet images, int channel) {
    long sum = 0;
    for (int i = 0; i < images.size(); i++) {
      for (int p = 0; p < 64 * 64; p++) {
        sum += images.pixel(i, channel, p / 64, p % 64);
      }
    }
    return sum / (255.0 * 64 * 64 * images.size());
  }

  private static int grayscale(ImageSet images) {
    int count = 0;
    for (int i = 0; i < images.size(); i++) {
      boolean gray = true;
      for (int p = 0; p < 64 * 64 && gray; p++) {
        int red = images.pixel(i, 0, p / 64, p % 64);
        gray =
            red == images.pixel(i, 1, p / 64, p % 64) && red == images.pixel(i, 2, p / 64, p % 64);
      }
      count += gray ? 1 : 0;
    }
    return count;
  }
}
