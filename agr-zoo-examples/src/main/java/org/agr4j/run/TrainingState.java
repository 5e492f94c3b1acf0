package org.agr4j.run;

import java.util.List;

/**
 * Where a run stands, beside its network: what a checkpoint holds in {@code state.json}.
 *
 * <p>Everything that is drawn is a function of seed, epoch and number of examples, so these are the
 * whole position. Examples are called images in the file, whatever they are.
 *
 * @param settings the run's settings as YAML
 * @param epoch the current epoch; 1 is the first
 * @param images examples of it trained on
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
    List<EpochRecord> epochs) {

  /** Where a run stands that has come so far in an epoch. */
  public static TrainingState at(String settings, EpochMeter meter, List<EpochRecord> before) {
    return new TrainingState(
        settings,
        meter.epoch(),
        meter.examples(),
        meter.lossSum(),
        meter.trainSeconds(),
        List.copyOf(before));
  }

  /** The current epoch. */
  public EpochMeter meter() {
    return new EpochMeter(epoch, images, lossSum, trainSeconds);
  }
}
