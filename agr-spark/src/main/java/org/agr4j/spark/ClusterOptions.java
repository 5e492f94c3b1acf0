package org.agr4j.spark;

import java.time.Duration;
import java.util.List;
import org.agr4j.input.BadInputException;
import org.agr4j.train.RunOptions;

/**
 * How a run on a cluster is carried out; its outcome depends on none of these.
 *
 * @param batches folder of the exported batches, one that every worker can reach; null for one in
 *     the run's folder
 * @param checkpointEvery time between checkpoints within an epoch, where the mode can have them;
 *     each epoch ends with one anyway
 * @param keepCheckpoints how many are kept, at least 2
 * @param stallTimeout longest time without progress before the run is ended
 * @param networkMask of the addresses through which workers talk when sharing; null for the
 *     driver's network
 */
public record ClusterOptions(
    String batches,
    Duration checkpointEvery,
    int keepCheckpoints,
    Duration stallTimeout,
    String networkMask) {

  /**
   * Checks the numbers of workers, steps and seconds.
   *
   * @throws BadInputException if one is out of range
   */
  public ClusterOptions {
    if (checkpointEvery.isNegative()) {
      throw new BadInputException("--checkpoint-every is negative, expected a number >= 0");
    }
    if (keepCheckpoints < 2) {
      throw new BadInputException(
          "--keep-checkpoints is " + keepCheckpoints + ", expected a whole number >= 2");
    }
    if (stallTimeout.isNegative() || stallTimeout.isZero()) {
      throw new BadInputException(
          "--stall-timeout is " + stallTimeout.toSeconds() + ", expected a number of seconds > 0");
    }
  }

  /** What of it the loop is told. */
  RunOptions runOptions() {
    return new RunOptions(0, checkpointEvery, keepCheckpoints, false, List.of());
  }
}
