package org.agr4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.point;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.agr4j.data.augment.RandAugment;
import org.agr4j.data.augment.RandomErasing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

class AugmentationTest {
  private static final Augmentation EVERYTHING =
      Augmentation.CIFAR.with(new RandAugment(3, 9), new RandomErasing(0.5));

  private static int[] located(Augmentation augmentation, Augmentation.Draw draw, int h, int w) {
    int[] source = new int[h * w];
    augmentation.locate(draw, h, w, source);
    return source;
  }

  /** A 3×3 image in a border of 1; the pixels are 0 1 2 / 3 4 5 / 6 7 8, −1 is the border. */
  @Test
  void crops() {
    Augmentation a = new Augmentation(1, false, 0);
    assertArrayEquals(
        new int[] {-1, -1, -1, -1, 0, 1, -1, 3, 4}, located(a, draw(0, 0, false, 0), 3, 3));
    assertArrayEquals(
        new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8}, located(a, draw(1, 1, false, 0), 3, 3));
    assertArrayEquals(
        new int[] {1, 2, -1, 4, 5, -1, 7, 8, -1}, located(a, draw(2, 1, false, 0), 3, 3));
    assertArrayEquals(
        new int[] {3, 4, 5, 6, 7, 8, -1, -1, -1}, located(a, draw(1, 2, false, 0), 3, 3));
  }

  /** The crop is mirrored, not the image before it. */
  @Test
  void mirrorsTheCrop() {
    Augmentation a = new Augmentation(1, true, 0);
    assertArrayEquals(
        new int[] {-1, 2, 1, -1, 5, 4, -1, 8, 7}, located(a, draw(2, 1, true, 0), 3, 3));
    assertArrayEquals(
        new int[] {1, 0, 3, 2}, located(Augmentation.NONE, draw(0, 0, true, 0), 2, 2));
  }

  /** A quarter turn counter-clockwise takes the right column to the top. */
  @Test
  void rotatesCounterClockwise() {
    assertArrayEquals(
        new int[] {2, 5, 8, 1, 4, 7, 0, 3, 6},
        located(Augmentation.NONE, draw(0, 0, false, Math.PI / 2), 3, 3));
    assertArrayEquals(
        new int[] {3, 2, 1, 0}, located(Augmentation.NONE, draw(0, 0, false, Math.PI), 2, 2));
  }

  /**
   * 45° in 3×3, by hand: the pixel above the centre, (0, −1) from it, comes from (0.707, −0.707),
   * which lies in the upper right pixel, 2; the corner (−1, −1) from (0, −1.414), in the upper
   * middle, 1; the corner (1, −1) from (1.414, 0), in the right middle, 5.
   */
  @Test
  void takesTheNearestPixel() {
    assertArrayEquals(
        new int[] {1, 2, 5, 0, 4, 8, 3, 6, 7},
        located(Augmentation.NONE, draw(0, 0, false, Math.PI / 4), 3, 3));
  }

  /** The corners of a larger image come from outside. */
  @Test
  void isBlackOutside() {
    int[] turned = located(Augmentation.NONE, draw(0, 0, false, Math.PI / 4), 5, 5);
    for (int corner : new int[] {0, 4, 20, 24}) {
      assertEquals(-1, turned[corner]);
    }
    assertEquals(12, turned[12]);
  }

  private static Augmentation.Draw draw(int x, int y, boolean mirrored, double radians) {
    return new Augmentation.Draw(x, y, mirrored, radians);
  }

  @Test
  void drawsEvenly() {
    int n = 20_000;
    int[][] offsets = new int[2][9];
    int mirrored = 0;
    int positive = 0;
    for (int image = 0; image < n; image++) {
      Augmentation.Draw draw = Augmentation.CIFAR.draw(7, image % 3, image);
      offsets[0][draw.offsetX()]++;
      offsets[1][draw.offsetY()]++;
      mirrored += draw.mirrored() ? 1 : 0;
      positive += draw.radians() > 0 ? 1 : 0;
      assertTrue(Math.abs(draw.radians()) <= Math.toRadians(15));
    }
    for (int[] axis : offsets) {
      for (int count : axis) {
        assertEquals(n / 9.0, count, 5 * Math.sqrt(n / 9.0));
      }
    }
    assertEquals(n / 2.0, mirrored, 5 * Math.sqrt(n / 4.0));
    assertEquals(n / 2.0, positive, 5 * Math.sqrt(n / 4.0));
  }

  @Test
  void drawsBySeedEpochAndImageAlone() {
    Augmentation.Draw draw = Augmentation.CIFAR.draw(1, 2, 3);
    assertEquals(draw, Augmentation.CIFAR.draw(1, 2, 3));
    assertNotEquals(draw, Augmentation.CIFAR.draw(2, 2, 3));
    assertNotEquals(draw, Augmentation.CIFAR.draw(1, 3, 3));
    assertNotEquals(draw, Augmentation.CIFAR.draw(1, 2, 4));
    assertNotEquals(Augmentation.CIFAR.draw(1, 3, 3), Augmentation.CIFAR.draw(1, 2, 4));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void workersDoNotChangeABit(int workers) {
    try (ImageIterator alone = iterator(0, 4);
        ImageIterator shared = iterator(workers, 4)) {
      for (int epoch = 0; epoch < 2; epoch++) {
        alone.startEpoch(epoch);
        shared.startEpoch(epoch);
        while (alone.hasNext()) {
          DataSet expected = alone.next();
          DataSet found = shared.next();
          assertEquals(expected.getFeatures(), found.getFeatures());
          assertEquals(expected.getLabels(), found.getLabels());
        }
        assertTrue(!shared.hasNext());
      }
    }
  }

  /** The same image looks the same whatever the batches are. */
  @Test
  void batchSizeDoesNotChangeAnImage() {
    assertEquals(rows(iterator(0, 4)), rows(iterator(0, 7)));
  }

  @Test
  void goesOnInTheMiddle() {
    try (ImageIterator whole = iterator(2, 4);
        ImageIterator rest = iterator(2, 4)) {
      whole.startEpoch(3);
      whole.next();
      whole.next();
      rest.skipTo(3, 8);
      while (whole.hasNext()) {
        assertEquals(whole.next().getFeatures(), rest.next().getFeatures());
      }
      assertTrue(!rest.hasNext());
      assertThrows(IllegalArgumentException.class, () -> rest.skipTo(0, 24));
    }
  }

  /** Images are standardised after the operations and before the erasing. */
  @Test
  void operationsAndErasingActAlone() {
    for (Augmentation augmentation :
        List.of(
            Augmentation.NONE.with(new RandAugment(15, 9), RandomErasing.NONE),
            Augmentation.NONE.with(RandAugment.NONE, new RandomErasing(1)))) {
      try (ImageIterator plain = iterator(0, 23, Augmentation.NONE);
          ImageIterator changed = iterator(0, 23, augmentation)) {
        INDArray before = plain.next().getFeatures();
        INDArray after = changed.next().getFeatures();
        for (int image = 0; image < 23; image++) {
          assertNotEquals(before.slice(image), after.slice(image));
        }
      }
    }
    Standardization standardization = CifarFormat.CIFAR100.standardization();
    try (ImageIterator changed =
        iterator(0, 23, Augmentation.NONE.with(new RandAugment(5, 9), RandomErasing.NONE))) {
      INDArray red = changed.next().getFeatures().get(all(), point(0));
      double mean = standardization.mean().get(0);
      double deviation = standardization.deviation().get(0);
      assertEquals((0 - mean) / deviation, red.minNumber().doubleValue(), 1e-5);
      assertEquals((1 - mean) / deviation, red.maxNumber().doubleValue(), 1e-5);
    }
  }

  /** Crop, mirror image and angle are what they were, whatever comes after them. */
  @Test
  void operationsDoNotChangeTheOtherDraws() {
    assertEquals(Augmentation.CIFAR.draw(1, 2, 3), EVERYTHING.draw(1, 2, 3));
    assertNotEquals(
        Augmentation.operations(1, 2, 3).nextLong(), Augmentation.erasing(1, 2, 3).nextLong());
    assertNotEquals(
        Augmentation.operations(1, 2, 3).nextLong(), Augmentation.operations(1, 3, 3).nextLong());
  }

  /** Executors of a cluster get it serialized. */
  @Test
  void isTheSameOnAnotherMachine() throws IOException, ClassNotFoundException {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(sent)) {
      out.writeObject(EVERYTHING);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(sent.toByteArray()))) {
      assertEquals(EVERYTHING, in.readObject());
    }
  }

  @Test
  void everyEpochLooksDifferent() {
    try (ImageIterator batches = iterator(0, 23)) {
      batches.startEpoch(0);
      double first = batches.next().getFeatures().sumNumber().doubleValue();
      batches.startEpoch(1);
      assertNotEquals(first, batches.next().getFeatures().sumNumber().doubleValue(), 1e-3);
    }
  }

  @Test
  void refusesNumbersOutOfRange() {
    assertThrows(IllegalArgumentException.class, () -> new Augmentation(-1, true, 0));
    assertThrows(IllegalArgumentException.class, () -> new Augmentation(0, true, 181));
    assertThrows(IllegalArgumentException.class, () -> new Augmentation(0, true, Double.NaN));
  }

  private static List<String> rows(ImageIterator batches) {
    List<String> rows = new ArrayList<>();
    while (batches.hasNext()) {
      DataSet batch = batches.next();
      for (int i = 0; i < batch.numExamples(); i++) {
        rows.add(batch.getFeatures().slice(i).ravel().toStringFull());
      }
    }
    return rows;
  }

  /** 23 images of 3×8×8 noise. */
  private static ImageIterator iterator(int workers, int batchSize) {
    return iterator(workers, batchSize, EVERYTHING);
  }

  private static ImageIterator iterator(int workers, int batchSize, Augmentation augmentation) {
    byte[] pixels = new byte[23 * 3 * 64];
    new Random(1).nextBytes(pixels);
    int[] labels = new Random(2).ints(23, 0, 5).toArray();
    return ImageIterator.augmented(
        new ImageSet(pixels, labels, 3, 8, 8, 5),
        CifarFormat.CIFAR100.standardization(),
        batchSize,
        11,
        augmentation,
        workers);
  }
}
