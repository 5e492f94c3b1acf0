package org.agr4j.data;

/**
 * How many images there are.
 *
 * @param train training images
 * @param test test images
 */
public record ImageCounts(int train, int test) {}
