package org.agr4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

class ImageIteratorTest {
  private static final Standardization PLAIN =
      new Standardization(new double[] {0, 0.5}, new double[] {1, 0.25});

  /** Ten images of 2×1×3: image i has label i and pixels 10·i + 0…5. */
  private static ImageSet images() {
    byte[] pixels = new byte[60];
    for (int i = 0; i < 60; i++) {
      pixels[i] = (byte) (i / 6 * 10 + i % 6 + 150 * (i / 54));
    }
    return new ImageSet(pixels, IntStream.range(0, 10).toArray(), 2, 1, 3, 10);
  }

  private static List<Integer> epoch(DataSetIterator iterator) {
    List<Integer> order = new ArrayList<>();
    while (iterator.hasNext()) {
      for (int label : iterator.next().getLabels().argMax(1).toIntVector()) {
        order.add(label);
      }
    }
    return order;
  }

  @Test
  void standardizesEachChannel() {
    ImageIterator iterator = ImageIterator.inOrder(images(), PLAIN, 4);
    DataSet batch = iterator.next();
    assertArrayEquals(new long[] {4, 2, 1, 3}, batch.getFeatures().shape());
    assertArrayEquals(new long[] {4, 10}, batch.getLabels().shape());
    assertEquals(4.0, batch.getLabels().sumNumber().doubleValue());
    assertEquals(31 / 255.0, batch.getFeatures().getDouble(3, 0, 0, 1), 1e-6);
    assertEquals((35 / 255.0 - 0.5) / 0.25, batch.getFeatures().getDouble(3, 1, 0, 2), 1e-6);
    iterator.next();
    DataSet last = iterator.next();
    assertEquals(2, last.numExamples());
    assertEquals(240 / 255.0, last.getFeatures().getDouble(1, 0, 0, 0), 1e-6, "bytes are unsigned");
    assertFalse(iterator.hasNext());
    assertThrows(NoSuchElementException.class, iterator::next);
  }

  @Test
  void cifar100HasThePublishedStandardization() {
    float[] values = new float[3];
    for (int channel = 0; channel < 3; channel++) {
      CifarFormat.CIFAR100
          .standardization()
          .apply(channel, new byte[] {(byte) 255}, 0, values, channel, 1);
    }
    assertArrayEquals(
        new float[] {.4929f / .2673f, .5135f / .2564f, .5591f / .2762f}, values, 1e-5f);
  }

  @Test
  void shufflesEachEpochBySeed() {
    ImageIterator iterator = ImageIterator.shuffled(images(), PLAIN, 3, 42);
    List<Integer> first = epoch(iterator);
    iterator.reset();
    List<Integer> second = epoch(iterator);
    List<Integer> sorted = new ArrayList<>(second);
    Collections.sort(sorted);
    assertEquals(IntStream.range(0, 10).boxed().toList(), sorted);
    assertFalse(first.equals(second));
    assertFalse(first.equals(epoch(ImageIterator.shuffled(images(), PLAIN, 3, 43))));

    ImageIterator same = ImageIterator.shuffled(images(), PLAIN, 5, 42);
    same.startEpoch(1);
    assertEquals(
        second, epoch(same), "an epoch's order needs neither the epochs before nor the batch size");
    same.startEpoch(0);
    assertEquals(first, epoch(same));
  }

  @Test
  void resetWithinAnEpochBeginsItAgain() {
    ImageIterator iterator = ImageIterator.shuffled(images(), PLAIN, 3, 42);
    List<Integer> first = epoch(iterator);
    iterator.startEpoch(0);
    iterator.next();
    iterator.reset();
    assertEquals(first, epoch(iterator));
  }

  @Test
  void inOrderStaysInOrder() {
    ImageIterator iterator = ImageIterator.inOrder(images(), PLAIN, 3);
    assertEquals(IntStream.range(0, 10).boxed().toList(), epoch(iterator));
    iterator.reset();
    assertEquals(IntStream.range(0, 10).boxed().toList(), epoch(iterator));
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThrows(IllegalArgumentException.class, () -> ImageIterator.inOrder(images(), PLAIN, 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> ImageIterator.inOrder(images(), CifarFormat.CIFAR10.standardization(), 2));
    assertThrows(
        IllegalArgumentException.class, () -> new ImageSet(new byte[5], new int[2], 1, 1, 3, 2));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Standardization(new double[] {0}, new double[] {0}));
    assertTrue(ImageIterator.inOrder(images(), PLAIN, 1).resetSupported());
  }
}
