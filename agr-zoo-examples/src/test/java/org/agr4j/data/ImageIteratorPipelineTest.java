package org.agr4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.AsyncDataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** What DL4J does with an iterator around training. */
class ImageIteratorPipelineTest {
  /** Ten black pixels, each a class of its own. */
  private static ImageIterator iterator() {
    ImageSet images = new ImageSet(new byte[10], IntStream.range(0, 10).toArray(), 1, 1, 1, 10);
    return ImageIterator.shuffled(
        images, new Standardization(new double[] {0}, new double[] {1}), 4, 6);
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

  /** fit() reads ahead on a thread of its own. */
  @Test
  void readingAheadKeepsTheOrderOfEachEpoch() {
    ImageIterator plain = iterator();
    assertTrue(plain.asyncSupported());
    AsyncDataSetIterator ahead = new AsyncDataSetIterator(iterator(), 2);
    for (int epoch = 0; epoch < 3; epoch++) {
      assertEquals(epoch(plain), epoch(ahead));
      plain.reset();
      ahead.reset();
    }
    ahead.shutdown();
  }

  /** fit() may reset before and after an epoch; that must not skip one. */
  @Test
  void anotherResetChangesNothing() {
    ImageIterator twice = iterator();
    ImageIterator once = iterator();
    epoch(twice);
    epoch(once);
    once.reset();
    twice.reset();
    twice.reset();
    assertEquals(epoch(once), epoch(twice));
  }

  @Test
  void preProcessorSeesEveryBatch() {
    ImageIterator iterator = iterator();
    List<Integer> sizes = new ArrayList<>();
    iterator.setPreProcessor(batch -> sizes.add(batch.numExamples()));
    epoch(iterator);
    assertEquals(List.of(4, 4, 2), sizes);
  }

  @Test
  void describesItself() {
    assertEquals(4, iterator().batch());
    assertEquals(10, iterator().totalOutcomes());
    assertEquals(1, iterator().inputColumns());
    assertEquals(List.of("0", "1", "2"), iterator().getLabels().subList(0, 3));
  }
}
