package org.agr4j.spark;

import java.util.Map;
import org.agr4j.train.Numbers;
import org.agr4j.train.SettingsFile;
import org.agr4j.train.TrainSettings;

/**
 * Everything the outcome of a run on a cluster is determined by.
 *
 * @param training network, data, optimizer; the batch size is one worker's
 * @param mode how workers become one network
 * @param workers networks that train at the same time, at least 1
 * @param averagingFrequency steps of each worker between two averages, at least 1; without meaning
 *     in {@link ClusterMode#SHARING}
 */
public record ClusterSettings(
    TrainSettings training, ClusterMode mode, int workers, int averagingFrequency) {

  private static final int MOST_WORKERS = 10_000;
  private static final int MOST_STEPS = 100_000;

  /**
   * Checks the numbers.
   *
   * @throws org.agr4j.data.BadInputException if one is out of range
   */
  public ClusterSettings {
    Numbers.between("--workers", workers, 1, MOST_WORKERS);
    Numbers.between("--averaging-frequency", averagingFrequency, 1, MOST_STEPS);
  }

  /** Batches of an epoch, of all workers together. */
  public int batches() {
    return training.stepsPerEpoch();
  }

  /** Steps of an epoch that a worker makes: what schedules go by. */
  public int stepsPerEpoch() {
    return (batches() + workers - 1) / workers;
  }

  /** The settings as YAML, as {@code --config} reads them. */
  public String yaml() {
    Map<String, Object> options = SettingsFile.options(training);
    options.put("mode", mode.toString());
    options.put("workers", workers);
    options.put("averaging-frequency", averagingFrequency);
    return SettingsFile.yaml(options);
  }
}
