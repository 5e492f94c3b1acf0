package org.agr4j.data;

/**
 * How many training and test images a data set has.
 *
 * @param train training images
 * @param test test images
 */
public record ImageCounts(int train, int test) {}
