package org.agr4j.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.agr4j.input.BadInputException;

/** {@code metrics.jsonl}: one {@link EpochRecord} a line. */
public final class MetricsFile {
  private MetricsFile() {}

  /**
   * Reads a run's metrics.
   *
   * @throws BadInputException if the file is missing or a line is none of ours
   */
  public static List<EpochRecord> read(RunFolder folder) {
    List<EpochRecord> epochs = new ArrayList<>();
    for (String line : folder.read(RunFolder.METRICS).lines().toList()) {
      try {
        epochs.add(Json.read(line, EpochRecord.class));
      } catch (IOException e) {
        throw new BadInputException(
            "%s: line %d is no epoch's metrics"
                .formatted(folder.path().resolve(RunFolder.METRICS), epochs.size() + 1),
            e);
      }
    }
    return epochs;
  }

  /** Writes a run's metrics. */
  public static void write(RunFolder folder, List<EpochRecord> epochs) {
    StringBuilder lines = new StringBuilder();
    epochs.forEach(metrics -> lines.append(Json.write(metrics)).append('\n'));
    folder.write(RunFolder.METRICS, lines.toString());
  }
}
