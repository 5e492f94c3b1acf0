package org.agr4j.spark;

import org.agr4j.input.BadInputException;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Setting;
import org.agr4j.settings.Settings;
import org.agr4j.task.classification.ClassificationSettings;

/**
 * Everything the outcome of a run on a cluster is determined by: the settings of a run, whose batch
 * size is one worker's, and three more.
 *
 * @param run all of them
 */
public record ClusterSettings(Settings run) {
  /** How workers become one network. */
  public static final Setting<ClusterMode> MODE =
      Setting.choice("mode", "NAME", ClusterMode.class)
          .help(
              "averaging: workers train apart, then parameters and optimizer states are averaged; "
                  + "sharing: large elements of each update go to all others over UDP (default "
                  + "averaging).")
          .fallback(ClusterMode.AVERAGING);

  private static final int MOST_WORKERS = 10_000;
  private static final int MOST_STEPS = 100_000;

  /** Networks that train at the same time. */
  public static final Setting<Integer> WORKERS =
      Setting.whole("workers", "N")
          .help(
              "Networks that train at the same time; each has batches of --batch-size. Default N "
                  + "of local[N], otherwise 2.")
          .check(n -> n >= 1 && n <= MOST_WORKERS, "a whole number from 1 to " + MOST_WORKERS);

  /** Steps of each worker between two averages; without meaning when sharing. */
  public static final Setting<Integer> AVERAGING_FREQUENCY =
      Setting.whole("averaging-frequency", "N")
          .help("averaging: steps of a worker between two averages (default 5).")
          .check(n -> n >= 1 && n <= MOST_STEPS, "a whole number from 1 to " + MOST_STEPS)
          .fallback(5);

  /**
   * Adds the three to the settings of a run.
   *
   * @param training network, data, optimizer
   * @param mode how workers become one network
   * @param workers networks that train at the same time
   * @param averagingFrequency steps of each worker between two averages
   * @throws BadInputException if a number is out of range, or a weight average is asked for
   */
  public ClusterSettings(Settings training, ClusterMode mode, int workers, int averagingFrequency) {
    this(
        withoutWeightAverage(training)
            .and(MODE, mode)
            .and(WORKERS, workers)
            .and(AVERAGING_FREQUENCY, averagingFrequency));
  }

  /** It is a sum over every step, and a cluster has one network only after a window of them. */
  private static Settings withoutWeightAverage(Settings training) {
    double decay =
        training.has(LoopSettings.WEIGHT_AVERAGE) ? training.get(LoopSettings.WEIGHT_AVERAGE) : 0;
    if (decay > 0) {
      throw new BadInputException(
          "--weight-average is %s, which needs the weights after every step, and workers share theirs after several; expected 0 on a cluster"
              .formatted(decay));
    }
    return training;
  }

  /** How workers become one network. */
  public ClusterMode mode() {
    return run.get(MODE);
  }

  /** Networks that train at the same time. */
  public int workers() {
    return run.get(WORKERS);
  }

  /** Steps of each worker between two averages. */
  public int averagingFrequency() {
    return run.get(AVERAGING_FREQUENCY);
  }

  /** Examples in a step of a worker. */
  public int batchSize() {
    return run.get(LoopSettings.BATCH_SIZE);
  }

  /** Batches of an epoch, of all workers together. */
  public int batches() {
    return (run.get(ClassificationSettings.LIMIT_TRAIN) - 1) / batchSize() + 1;
  }

  /** Steps of an epoch that a worker makes: what schedules go by. */
  public int stepsPerEpoch() {
    return (batches() + workers() - 1) / workers();
  }
}
