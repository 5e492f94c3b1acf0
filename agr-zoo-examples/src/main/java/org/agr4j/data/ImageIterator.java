package org.agr4j.data;

import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.stream.IntStream;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Minibatches of an {@link ImageSet}, standardised on the fly: features [n, channels, height,
 * width] and one-hot labels [n, classes], both of ND4J's default floating-point type. The last
 * batch of an epoch may be smaller.
 *
 * <p>The order of epoch e depends on the seed and on e alone. An epoch ends where {@link #hasNext}
 * is false; {@link #reset} then begins the next one, and begins the current one again if it has not
 * ended.
 */
public final class ImageIterator implements DataSetIterator {
  private static final long serialVersionUID = 1L;

  private final ImageSet images;
  private final Standardization standardization;
  private final int batchSize;
  private final boolean shuffled;
  private final long seed;
  private final int[] order;
  private int epoch;
  private int position;
  private DataSetPreProcessor preProcessor;

  private ImageIterator(
      ImageSet images,
      Standardization standardization,
      int batchSize,
      boolean shuffled,
      long seed) {
    if (batchSize < 1) {
      throw new IllegalArgumentException(
          "batchSize = " + batchSize + ", expected a whole number > 0");
    }
    if (standardization.channels() != images.channels()) {
      throw new IllegalArgumentException(
          "standardization has "
              + standardization.channels()
              + " channels, expected "
              + images.channels());
    }
    this.images = images;
    this.standardization = standardization;
    this.batchSize = batchSize;
    this.shuffled = shuffled;
    this.seed = seed;
    this.order = IntStream.range(0, images.size()).toArray();
    startEpoch(0);
  }

  /** Images in their own order, the same each epoch. */
  public static ImageIterator inOrder(
      ImageSet images, Standardization standardization, int batchSize) {
    return new ImageIterator(images, standardization, batchSize, false, 0);
  }

  /** Images in an order of their own for each epoch. */
  public static ImageIterator shuffled(
      ImageSet images, Standardization standardization, int batchSize, long seed) {
    return new ImageIterator(images, standardization, batchSize, true, seed);
  }

  /**
   * Goes to the start of an epoch.
   *
   * @param epoch 0 is the first
   */
  public void startEpoch(int epoch) {
    this.epoch = epoch;
    position = 0;
    if (shuffled) {
      shuffle();
    }
  }

  /** Fisher and Yates on java.util.Random, whose sequence the Java platform specifies. */
  private void shuffle() {
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    Random random = new Random(seed * 1_000_003L + epoch);
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
  }

  @Override
  public boolean hasNext() {
    return position < order.length;
  }

  @Override
  public DataSet next() {
    return next(batchSize);
  }

  @Override
  public DataSet next(int num) {
    if (!hasNext()) {
      throw new NoSuchElementException("epoch " + epoch + " has no more images");
    }
    int n = Math.min(num, order.length - position);
    int imageLength = images.channels() * images.height() * images.width();
    float[] features = new float[n * imageLength];
    float[] labels = new float[n * images.classes()];
    for (int i = 0; i < n; i++) {
      int image = order[position + i];
      images.standardize(image, standardization, features, i * imageLength);
      labels[i * images.classes() + images.label(image)] = 1;
    }
    position += n;
    DataSet batch =
        new DataSet(
            Nd4j.create(
                features, new int[] {n, images.channels(), images.height(), images.width()}, 'c'),
            Nd4j.create(labels, new int[] {n, images.classes()}, 'c'));
    if (preProcessor != null) {
      preProcessor.preProcess(batch);
    }
    return batch;
  }

  @Override
  public int inputColumns() {
    return images.channels() * images.height() * images.width();
  }

  @Override
  public int totalOutcomes() {
    return images.classes();
  }

  @Override
  public boolean resetSupported() {
    return true;
  }

  @Override
  public boolean asyncSupported() {
    return true;
  }

  @Override
  public void reset() {
    startEpoch(hasNext() ? epoch : epoch + 1);
  }

  @Override
  public int batch() {
    return batchSize;
  }

  @Override
  public void setPreProcessor(DataSetPreProcessor preProcessor) {
    this.preProcessor = preProcessor;
  }

  @Override
  public DataSetPreProcessor getPreProcessor() {
    return preProcessor;
  }

  /** The classes as numbers. */
  @Override
  public List<String> getLabels() {
    return IntStream.range(0, images.classes()).mapToObj(Integer::toString).toList();
  }
}
