package org.agr4j.data;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Makes minibatches of images: augmented, standardised, features [n, channels, height, width] and
 * one-hot labels [n, classes], both of ND4J's default floating-point type.
 *
 * @param images where they come from
 * @param standardization applied after augmentation
 * @param augmentation what is done to an image
 * @param seed of the augmentation
 * @param epoch of the augmentation; 0 is the first
 */
record BatchMaker(
    ImageSet images,
    Standardization standardization,
    Augmentation augmentation,
    long seed,
    int epoch) {

  /**
   * Makes a batch; the same bits, whatever the number of workers.
   *
   * @param n images in it
   * @param index of the i-th image in the set
   * @param number of the i-th image, which its augmentation depends on
   * @param workers threads that share the work; null for the calling one
   */
  DataSet make(int n, IntUnaryOperator index, IntUnaryOperator number, ForkJoinPool workers) {
    int imageLength = images.channels() * images.height() * images.width();
    float[] features = new float[n * imageLength];
    float[] labels = new float[n * images.classes()];
    for (int i = 0; i < n; i++) {
      labels[i * images.classes() + images.label(index.applyAsInt(i))] = 1;
    }
    if (workers == null) {
      fill(features, imageLength, 0, n, index, number);
    } else {
      int share = (n + workers.getParallelism() - 1) / workers.getParallelism();
      IntStream.iterate(0, from -> from < n, from -> from + share)
          .mapToObj(
              from ->
                  workers.submit(
                      () ->
                          fill(
                              features,
                              imageLength,
                              from,
                              Math.min(from + share, n),
                              index,
                              number)))
          .toList()
          .forEach(ForkJoinTask::join);
    }
    return new DataSet(
        Nd4j.create(
            features, new int[] {n, images.channels(), images.height(), images.width()}, 'c'),
        Nd4j.create(labels, new int[] {n, images.classes()}, 'c'));
  }

  /** Images from … to of a batch, to their places in it. */
  private void fill(
      float[] features,
      int imageLength,
      int from,
      int to,
      IntUnaryOperator index,
      IntUnaryOperator number) {
    int[] source = new int[images.height() * images.width()];
    for (int i = from; i < to; i++) {
      if (augmentation.equals(Augmentation.NONE)) {
        images.standardize(index.applyAsInt(i), standardization, features, i * imageLength);
      } else {
        Augmentation.Draw draw = augmentation.draw(seed, epoch, number.applyAsInt(i));
        augmentation.locate(draw, images.height(), images.width(), source);
        images.standardize(index.applyAsInt(i), source, standardization, features, i * imageLength);
      }
    }
  }
}
