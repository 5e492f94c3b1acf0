package org.agr4j.task.classification;

import org.agr4j.train.BatchTransform;
import org.agr4j.train.Position;
import org.apache.commons.math3.distribution.BetaDistribution;
import org.apache.commons.math3.random.RandomGenerator;
import org.apache.commons.math3.random.Well19937c;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Mixes every batch of images with itself in reversed order, by mixup or by cutmix:
 *
 * <pre>
 *   mixup    x ← λ x + (1 − λ) x reversed                      λ ~ Beta(α, α)
 *   cutmix   a box of x ← the same box of x reversed           λ = 1 − box / image
 *   targets  t ← λ t + (1 − λ) t reversed
 * </pre>
 *
 * <p>One λ and one box a batch, drawn from its position. The box's sides are int(H √(1 − λ)) and
 * int(W √(1 − λ)) with λ ~ Beta(α, α), its centre is even over the pixels, and it is clipped to the
 * image. Where both are on, each batch gets one of them with probability ½. Images [n, channels,
 * height, width] and labels [n, classes] are changed in place. Sources: arXiv 1710.09412, arXiv
 * 1905.04899, in timm's form.
 *
 * @param mixup α of mixup; 0 for none
 * @param cutmix α of cutmix; 0 for none; one of them is above 0
 */
public record ImageMixing(double mixup, double cutmix) implements BatchTransform {
  @Override
  public MultiDataSet apply(MultiDataSet batch, Position position) {
    RandomGenerator random = new Well19937c(position.seedOf("mixing"));
    INDArray images = batch.getFeatures(0);
    boolean cuts = mixup == 0 || cutmix > 0 && random.nextBoolean();
    double alpha = cuts ? cutmix : mixup;
    double lambda = new BetaDistribution(random, alpha, alpha).sample();
    if (cuts) {
      int height = (int) images.size(2);
      int width = (int) images.size(3);
      Box box = Box.of(height, width, lambda, random.nextInt(height), random.nextInt(width));
      exchange(images, box);
      lambda = box.kept(height, width);
    } else {
      blend(images, lambda);
    }
    blend(batch.getLabels(0), lambda);
    return batch;
  }

  /**
   * Pixels that change places.
   *
   * @param top first row
   * @param bottom row after the last
   * @param left first column
   * @param right column after the last
   */
  record Box(int top, int bottom, int left, int right) {
    static Box of(int height, int width, double lambda, int row, int column) {
      int rows = (int) (height * Math.sqrt(1 - lambda)) / 2;
      int columns = (int) (width * Math.sqrt(1 - lambda)) / 2;
      return new Box(
          Math.max(0, row - rows),
          Math.min(height, row + rows),
          Math.max(0, column - columns),
          Math.min(width, column + columns));
    }

    boolean isEmpty() {
      return bottom <= top || right <= left;
    }

    /** The share of an image's pixels that stay. */
    double kept(int height, int width) {
      return 1 - (double) (bottom - top) * (right - left) / ((double) height * width);
    }
  }

  /** x ← λ x + (1 − λ) x in reversed order of the first dimension, in place. */
  static void blend(INDArray x, double lambda) {
    for (long first = 0, last = x.size(0) - 1; first < last; first++, last--) {
      INDArray a = x.slice(first);
      INDArray b = x.slice(last);
      INDArray before = a.dup();
      a.muli(lambda).addi(b.mul(1 - lambda));
      b.muli(lambda).addi(before.muli(1 - lambda));
    }
  }

  /** Gives each image the box of the image at the mirrored place of the batch, in place. */
  static void exchange(INDArray images, Box box) {
    if (box.isEmpty()) {
      return;
    }
    for (long first = 0, last = images.size(0) - 1; first < last; first++, last--) {
      INDArray a = cut(images, first, box);
      INDArray b = cut(images, last, box);
      INDArray before = a.dup();
      a.assign(b);
      b.assign(before);
    }
  }

  private static INDArray cut(INDArray images, long image, Box box) {
    return images.get(
        new INDArrayIndex[] {
          NDArrayIndex.point(image),
          NDArrayIndex.all(),
          NDArrayIndex.interval(box.top, box.bottom),
          NDArrayIndex.interval(box.left, box.right)
        });
  }
}
