package org.agr4j.run;

import static org.agr4j.TensorRole.BIAS;
import static org.agr4j.TensorRole.WEIGHT;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.agr4j.input.BadInputException;
import org.agr4j.stats.TensorStats;

/**
 * {@code statistics.jsonl}: what Ψ does to each tensor in each epoch, one {@link TensorStats} a
 * line.
 */
public final class StatisticsFile {
  private static final String ROLE = "role";

  private StatisticsFile() {}

  /**
   * Reads a run's statistics; none if they were not asked for.
   *
   * @throws BadInputException if a line is none of ours
   */
  public static List<TensorStats> read(RunFolder folder) {
    List<TensorStats> all = new ArrayList<>();
    if (!Files.exists(folder.path().resolve(RunFolder.STATISTICS))) {
      return all;
    }
    for (String line : folder.read(RunFolder.STATISTICS).lines().toList()) {
      try {
        ObjectNode stats = Json.readObject(line);
        if (!stats.hasNonNull(ROLE)) { // written before roles were
          stats.put(
              ROLE, (stats.path("tensor").asText().endsWith("/W") ? WEIGHT : BIAS).toString());
        }
        all.add(Json.of(stats, TensorStats.class));
      } catch (IOException e) {
        throw new BadInputException(
            "%s: line %d is no tensor's statistics"
                .formatted(folder.path().resolve(RunFolder.STATISTICS), all.size() + 1),
            e);
      }
    }
    return all;
  }

  /** Whether a run records them. */
  public static boolean isBegun(RunFolder folder) {
    return Files.exists(folder.path().resolve(RunFolder.STATISTICS));
  }

  /** Makes the file of a run that is to record them, empty unless there is one. */
  public static void begin(RunFolder folder) {
    if (!isBegun(folder)) {
      folder.write(RunFolder.STATISTICS, "");
    }
  }

  /** Adds an epoch; what a run that crashed wrote of it or of later ones gives way. */
  public static void add(RunFolder folder, List<TensorStats> epoch) {
    StringBuilder lines = new StringBuilder();
    read(folder).stream()
        .filter(old -> old.epoch() < epoch.get(0).epoch())
        .forEach(old -> lines.append(Json.write(old)).append('\n'));
    epoch.forEach(stats -> lines.append(Json.write(stats)).append('\n'));
    folder.write(RunFolder.STATISTICS, lines.toString());
  }
}
