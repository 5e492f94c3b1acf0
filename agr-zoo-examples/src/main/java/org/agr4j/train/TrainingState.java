package org.agr4j.train;

import java.util.List;

/**
 * Where a run stands, beside its network: what a checkpoint holds in {@code state.json}.
 *
 * <p>Order and augmentation of images and the random numbers of dropout are functions of seed,
 * epoch and number of images, so these are the whole position.
 *
 * @param settings the run's settings as YAML
 * @param epoch the current epoch; 1 is the first
 * @param images images of it trained on
 * @param lossSum sum of their losses
 * @param trainSeconds time spent on them
 * @param epochs metrics of the epochs before
 */
public record TrainingState(
    String settings,
    int epoch,
    int images,
    double lossSum,
    double trainSeconds,
    List<EpochMetrics> epochs) {

  /** Where a run stands that has come so far in an epoch. */
  public static TrainingState at(String settings, EpochMeter meter, List<EpochMetrics> before) {
    return new TrainingState(
        settings,
        meter.epoch(),
        meter.images(),
        meter.lossSum(),
        meter.trainSeconds(),
        List.copyOf(before));
  }

  /** The current epoch. */
  public EpochMeter meter() {
    return new EpochMeter(epoch, images, lossSum, trainSeconds);
  }
}
