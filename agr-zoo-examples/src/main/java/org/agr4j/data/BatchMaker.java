package org.agr4j.data;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.agr4j.data.augment.ImagePlanes;
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
    int height = images.height();
    int width = images.width();
    int[] source = new int[height * width];
    ImagePlanes planes = new ImagePlanes(images.channels(), height, width);
    int[] fill = meanColor();
    for (int i = from; i < to; i++) {
      int image = index.applyAsInt(i);
      int at = i * imageLength;
      if (augmentation.equals(Augmentation.NONE)) {
        images.standardize(image, standardization, features, at);
        continue;
      }
      int numbered = number.applyAsInt(i);
      augmentation.locate(augmentation.draw(seed, epoch, numbered), height, width, source);
      if (augmentation.operations().isNone()) {
        images.standardize(image, source, standardization, features, at);
      } else {
        images.move(image, source, planes.pixels());
        augmentation
            .operations()
            .apply(planes, fill, Augmentation.operations(seed, epoch, numbered));
        for (int channel = 0; channel < images.channels(); channel++) {
          int plane = channel * source.length;
          standardization.apply(
              channel, planes.pixels(), plane, features, at + plane, source.length);
        }
      }
      augmentation
          .erasing()
          .apply(
              features,
              at,
              images.channels(),
              height,
              width,
              Augmentation.erasing(seed, epoch, numbered));
    }
  }

  /** What comes from outside an image has the data set's mean colour, as in the releases. */
  private int[] meanColor() {
    return standardization.mean().stream()
        .mapToInt(mean -> (int) Math.max(0, Math.min(255, Math.rint(255 * mean))))
        .toArray();
  }
}
