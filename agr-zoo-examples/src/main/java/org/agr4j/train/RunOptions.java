package org.agr4j.train;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.agr4j.input.BadInputException;
import org.agr4j.settings.Numbers;

/**
 * How a run is carried out; its outcome depends on none of these.
 *
 * @param workers threads that share the making of a batch, beside one that makes it ahead; 0 for
 *     neither
 * @param checkpointEvery time between checkpoints within an epoch; each epoch ends with one anyway
 * @param keepCheckpoints how many are kept, at least 2, so that one is whole while the next is
 *     written and one may turn out unreadable
 * @param statistics whether AGR's effect on each tensor is recorded
 * @param companions what rides along beside the task's own companions
 */
public record RunOptions(
    int workers,
    Duration checkpointEvery,
    int keepCheckpoints,
    boolean statistics,
    List<Companion> companions) {
  /** One worker, a checkpoint every five minutes and each epoch, the last two kept. */
  public static final RunOptions DEFAULT =
      new RunOptions(1, Duration.ofMinutes(5), 2, false, List.of());

  private static final int MOST_WORKERS = 1024;

  /** Checks the numbers of checkpoints and workers. */
  public RunOptions {
    Numbers.between("--workers", workers, 0, MOST_WORKERS);
    Numbers.nonNegative("--checkpoint-every", checkpointEvery.toMillis());
    if (keepCheckpoints < 2) {
      throw new BadInputException(
          "--keep-checkpoints is " + keepCheckpoints + ", expected a whole number >= 2");
    }
    companions = List.copyOf(companions);
  }

  /** The same with one companion more. */
  public RunOptions with(Companion companion) {
    List<Companion> all = new ArrayList<>(companions);
    all.add(companion);
    return new RunOptions(workers, checkpointEvery, keepCheckpoints, statistics, all);
  }
}
