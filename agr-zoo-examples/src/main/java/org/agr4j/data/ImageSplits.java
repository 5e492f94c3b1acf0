package org.agr4j.data;

/**
 * A data set: what to train on and what to test on.
 *
 * @param train training images
 * @param test test images
 * @param standardization of both
 */
public record ImageSplits(ImageSet train, ImageSet test, Standardization standardization) {}
