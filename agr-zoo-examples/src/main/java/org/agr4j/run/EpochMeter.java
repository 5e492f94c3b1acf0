package org.agr4j.run;

/** Sums up examples, losses and seconds of an epoch while it is trained. */
public final class EpochMeter {
  private final int epoch;
  private int examples;
  private double lossSum;
  private double trainSeconds;

  /** An epoch of which nothing is trained yet. */
  public EpochMeter(int epoch) {
    this(epoch, 0, 0, 0);
  }

  /**
   * An epoch as it stood when it was saved.
   *
   * @param epoch 1 is the first
   * @param examples examples trained on
   * @param lossSum sum of their losses
   * @param trainSeconds time spent
   */
  public EpochMeter(int epoch, int examples, double lossSum, double trainSeconds) {
    this.epoch = epoch;
    this.examples = examples;
    this.lossSum = lossSum;
    this.trainSeconds = trainSeconds;
  }

  /** Counts a step. */
  public void add(int batch, double loss, double seconds) {
    examples += batch;
    lossSum += loss * batch;
    trainSeconds += seconds;
  }

  /** The epoch; 1 is the first. */
  public int epoch() {
    return epoch;
  }

  /** Examples trained on. */
  public int examples() {
    return examples;
  }

  /** Sum of their losses. */
  public double lossSum() {
    return lossSum;
  }

  /** Seconds spent on training in this epoch. */
  public double trainSeconds() {
    return trainSeconds;
  }

  /** Mean loss so far. */
  public double trainLoss() {
    return lossSum / examples;
  }

  /** Of this epoch so far. */
  public double examplesPerSecond() {
    return examples / trainSeconds;
  }
}
