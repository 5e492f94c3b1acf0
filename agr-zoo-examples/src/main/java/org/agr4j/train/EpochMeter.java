package org.agr4j.train;

/** Sums up an epoch as it is trained. */
final class EpochMeter {
  private final int epoch;
  private int images;
  private double lossSum;
  private double trainSeconds;

  /** Before the first image. */
  EpochMeter(int epoch) {
    this(epoch, 0, 0, 0);
  }

  /**
   * As it stood.
   *
   * @param epoch 1 is the first
   * @param images images trained on
   * @param lossSum sum of their losses
   * @param trainSeconds time spent
   */
  EpochMeter(int epoch, int images, double lossSum, double trainSeconds) {
    this.epoch = epoch;
    this.images = images;
    this.lossSum = lossSum;
    this.trainSeconds = trainSeconds;
  }

  /** A step was done. */
  void add(int batch, double loss, double seconds) {
    images += batch;
    lossSum += loss * batch;
    trainSeconds += seconds;
  }

  int epoch() {
    return epoch;
  }

  int images() {
    return images;
  }

  double lossSum() {
    return lossSum;
  }

  double trainSeconds() {
    return trainSeconds;
  }

  /** Mean loss so far. */
  double trainLoss() {
    return lossSum / images;
  }

  double imagesPerSecond() {
    return images / trainSeconds;
  }
}
