package org.agr4j.cli;

import java.time.Duration;
import java.util.List;
import org.agr4j.settings.Numbers;
import org.agr4j.train.RunOptions;
import picocli.CommandLine.Option;

/** Options that say how a run is carried out; its outcome depends on none of them. */
final class CarryingOutOptions {
  private static final double MILLIS_A_MINUTE = 60_000;

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Threads that share the augmentation of a batch; 0 is the one that trains (default "
              + "${DEFAULT-VALUE}).")
  private int workers;

  @Option(
      names = "--checkpoint-every",
      paramLabel = "MINUTES",
      defaultValue = "5",
      description =
          "Save a checkpoint this often within an epoch, and at its end (default "
              + "${DEFAULT-VALUE}).")
  private double checkpointMinutes;

  @Option(
      names = "--keep-checkpoints",
      paramLabel = "N",
      defaultValue = "2",
      description = "How many checkpoints are kept (default ${DEFAULT-VALUE}).")
  private int keepCheckpoints;

  @Option(
      names = "--statistics",
      fallbackValue = "true", // or picocli turns it off where a file has turned it on
      description =
          "Record what AGR does, or would do, to each tensor's gradient (statistics.jsonl).")
  private boolean statistics;

  /**
   * What was given on the command line about carrying a run out.
   *
   * @throws org.agr4j.input.BadInputException if a number is out of range
   */
  RunOptions runOptions() {
    Numbers.nonNegative("--checkpoint-every", checkpointMinutes);
    return new RunOptions(
        workers,
        Duration.ofMillis(Math.round(MILLIS_A_MINUTE * checkpointMinutes)),
        keepCheckpoints,
        statistics,
        List.of());
  }
}
