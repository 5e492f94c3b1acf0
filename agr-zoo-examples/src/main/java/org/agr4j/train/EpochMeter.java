package org.agr4j.train;

/** Sums up an epoch as it is trained. */
public final class EpochMeter {
  private final int epoch;
  private int images;
  private double lossSum;
  private double trainSeconds;

  /** Before the first image. */
  public EpochMeter(int epoch) {
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
  public EpochMeter(int epoch, int images, double lossSum, double trainSeconds) {
    this.epoch = epoch;
    this.images = images;
    this.lossSum = lossSum;
    this.trainSeconds = trainSeconds;
  }

  /** A step was done. */
  public void add(int batch, double loss, double seconds) {
    images += batch;
    lossSum += loss * batch;
    trainSeconds += seconds;
  }

  /** The epoch; 1 is the first. */
  public int epoch() {
    return epoch;
  }

  /** Images trained on. */
  public int images() {
    return images;
  }

  /** Sum of their losses. */
  public double lossSum() {
    return lossSum;
  }

  /** Time spent. */
  public double trainSeconds() {
    return trainSeconds;
  }

  /** Mean loss so far. */
  public double trainLoss() {
    return lossSum / images;
  }

  /** Of this epoch so far. */
  public double imagesPerSecond() {
    return images / trainSeconds;
  }
}
