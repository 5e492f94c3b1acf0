package org.agr4j.cli;

import java.time.Duration;
import java.util.List;
import org.agr4j.train.RunOptions;
import picocli.CommandLine.Option;

/** Options that say how a run is carried out; its outcome depends on none of them. */
final class CarryingOutOptions {
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
      description =
          "Record what AGR does, or would do, to each tensor's gradient (statistics.jsonl).")
  private boolean statistics;

  RunOptions runOptions() {
    return new RunOptions(
        workers,
        Duration.ofMillis(Math.round(60_000 * checkpointMinutes)),
        keepCheckpoints,
        statistics,
        List.of());
  }
}
