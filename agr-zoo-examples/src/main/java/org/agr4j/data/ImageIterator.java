package org.agr4j.data;

import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * Minibatches of an {@link ImageSet}, standardised on the fly: features [n, channels, height,
 * width] and one-hot labels [n, classes], both of ND4J's default floating-point type. The last
 * batch of an epoch may be smaller.
 *
 * <p>The order of epoch e depends on the seed and on e alone. An epoch ends where {@link #hasNext}
 * is false; {@link #reset} then begins the next one, and begins the current one again if it has not
 * ended.
 */
public final class ImageIterator implements DataSetIterator, AutoCloseable {
  private static final long serialVersionUID = 1L;

  private final ImageSet images;
  private final Standardization standardization;
  private final int batchSize;
  private final boolean shuffled;
  private final long seed;
  private final Augmentation augmentation;
  private final transient ForkJoinPool workers;
  private final int[] order;
  private int epoch;
  private int position;
  private DataSetPreProcessor preProcessor;

  private ImageIterator(
      ImageSet images,
      Standardization standardization,
      int batchSize,
      boolean shuffled,
      long seed,
      Augmentation augmentation,
      int workers) {
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
    this.augmentation = augmentation;
    this.workers = workers > 0 ? new ForkJoinPool(workers) : null;
    this.order = IntStream.range(0, images.size()).toArray();
    startEpoch(0);
  }

  /** Images in their own order, the same each epoch. */
  public static ImageIterator inOrder(
      ImageSet images, Standardization standardization, int batchSize) {
    return new ImageIterator(images, standardization, batchSize, false, 0, Augmentation.NONE, 0);
  }

  /** Images in an order of their own for each epoch. */
  public static ImageIterator shuffled(
      ImageSet images, Standardization standardization, int batchSize, long seed) {
    return new ImageIterator(images, standardization, batchSize, true, seed, Augmentation.NONE, 0);
  }

  /**
   * Images in an order of their own for each epoch, each augmented anew.
   *
   * @param images the images
   * @param standardization applied after augmentation
   * @param batchSize images of a batch
   * @param seed of order and augmentation
   * @param augmentation what is done to an image
   * @param workers threads that do it; 0 is the thread that asks for a batch. The batches are the
   *     same bits, whatever their number
   */
  public static ImageIterator augmented(
      ImageSet images,
      Standardization standardization,
      int batchSize,
      long seed,
      Augmentation augmentation,
      int workers) {
    return new ImageIterator(images, standardization, batchSize, true, seed, augmentation, workers);
  }

  /**
   * Goes into the middle of an epoch.
   *
   * @param epoch 0 is the first
   * @param imagesDone images of it to leave out
   */
  public void skipTo(int epoch, int imagesDone) {
    if (imagesDone < 0 || imagesDone > order.length) {
      throw new IllegalArgumentException(
          "imagesDone = " + imagesDone + ", expected 0 to " + order.length);
    }
    startEpoch(epoch);
    position = imagesDone;
  }

  /** Ends the worker threads. */
  @Override
  public void close() {
    if (workers != null) {
      workers.shutdownNow();
    }
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
    int from = position;
    BatchMaker maker = new BatchMaker(images, standardization, augmentation, seed, epoch);
    DataSet batch = maker.make(n, i -> order[from + i], i -> order[from + i], workers);
    position += n;
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
