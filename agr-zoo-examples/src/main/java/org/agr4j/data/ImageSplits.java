package org.agr4j.data;

import java.util.List;
import java.util.stream.IntStream;

/**
 * A data set: what to train on and what to test on.
 *
 * @param train training images
 * @param test test images
 * @param standardization of both
 * @param classNames a name for each class, in the order of the labels
 */
public record ImageSplits(
    ImageSet train, ImageSet test, Standardization standardization, List<String> classNames) {

  /** A data set whose classes are called by their numbers, 0 and up. */
  public ImageSplits(ImageSet train, ImageSet test, Standardization standardization) {
    this(
        train,
        test,
        standardization,
        IntStream.range(0, train.classes()).mapToObj(Integer::toString).toList());
  }
}
