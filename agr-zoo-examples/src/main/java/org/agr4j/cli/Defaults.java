package org.agr4j.cli;

/** Settings of {@code agr train} where none are given. */
final class Defaults {
  /** Of the paper's CIFAR-100 experiments. */
  static final int EPOCHS = 200;

  /** Of the paper's CIFAR-100 experiments. */
  static final int BATCH_SIZE = 128;

  /** Of the paper's CIFAR-100 experiments. */
  static final int WIDTH = 64;

  // For the built-in data: a quarter of a minute on two cores, and far above chance at its end.
  static final int SYNTHETIC_EPOCHS = 3;
  static final int SYNTHETIC_BATCH_SIZE = 20;
  static final int SYNTHETIC_WIDTH = 8;
  static final int SYNTHETIC_TRAIN = 1200;
  static final int SYNTHETIC_TEST = 500;

  private Defaults() {}
}
