package org.agr4j.compare;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.agr4j.data.ImageSplits;
import org.agr4j.stats.TensorStats;
import org.agr4j.train.DivergedException;
import org.agr4j.train.EpochMetrics;
import org.agr4j.train.MetricsFile;
import org.agr4j.train.ProgressReport;
import org.agr4j.train.RunFolder;
import org.agr4j.train.RunOptions;
import org.agr4j.train.StatisticsFile;
import org.agr4j.train.TrainSettings;
import org.agr4j.train.Trainer;

/**
 * Trains every arm with every seed. For one seed all arms have the same initial weights and see the
 * same batches, so that their differences are paired.
 *
 * <p>The run of an arm and a seed has the folder {@code ARM/seed-N}. Finished ones are kept, begun
 * ones resumed, and those that another process is at left to it: the same command, started twice,
 * shares the work.
 */
public final class PairedRuns {
  private final Path folder;
  private final List<Arm> arms;
  private final List<Long> seeds;

  /**
   * Runs in a folder.
   *
   * @param folder of the comparison
   * @param arms what to compare
   * @param seeds with which seeds
   */
  public PairedRuns(Path folder, List<Arm> arms, List<Long> seeds) {
    this.folder = folder;
    this.arms = List.copyOf(arms);
    this.seeds = List.copyOf(seeds);
  }

  /**
   * Trains what is not trained yet, seed by seed.
   *
   * @param settings the settings of an arm with a seed
   * @param data images of all
   * @param options how to run
   * @param report is told how it goes
   */
  public void train(
      BiFunction<Arm, Long, TrainSettings> settings,
      ImageSplits data,
      RunOptions options,
      ProgressReport report) {
    int number = 0;
    for (long seed : seeds) {
      for (Arm arm : arms) {
        number++;
        String what =
            "%s, seed %d (run %d of %d)"
                .formatted(arm.title(), seed, number, arms.size() * seeds.size());
        train(arm, seed, settings.apply(arm, seed), what, data, options, report);
      }
    }
  }

  private void train(
      Arm arm,
      long seed,
      TrainSettings settings,
      String what,
      ImageSplits data,
      RunOptions options,
      ProgressReport report) {
    Path path = path(arm, seed);
    Optional<RunLock> free = RunLock.tryTake(path);
    if (free.isEmpty()) {
      report.note(what + ": another process is at it");
      return;
    }
    try {
      if (isFinished(arm, seed)) {
        Trainer.requireSame(RunFolder.existing(path), settings);
        report.note(what + ": done before");
        return;
      }
      report.note(what);
      if (Files.exists(path.resolve(RunFolder.SETTINGS))) {
        Trainer.resume(settings, data, RunFolder.existing(path), options, report);
      } else {
        Trainer.train(settings, data, RunFolder.create(path), options, report);
      }
    } catch (DivergedException e) {
      throw new DivergedException(what + ": " + e.getMessage());
    } finally {
      free.get().close();
    }
  }

  /** Metrics of the finished runs, by arm and seed; an arm without any is there, empty. */
  public Map<Arm, SortedMap<Long, List<EpochMetrics>>> finished() {
    Map<Arm, SortedMap<Long, List<EpochMetrics>>> all = new LinkedHashMap<>();
    for (Arm arm : arms) {
      SortedMap<Long, List<EpochMetrics>> runs = new TreeMap<>();
      for (long seed : seeds) {
        if (isFinished(arm, seed)) {
          runs.put(seed, MetricsFile.read(RunFolder.existing(path(arm, seed))));
        }
      }
      all.put(arm, runs);
    }
    return all;
  }

  /** What Ψ does, or would do, to each tensor: of each arm's first seed that recorded it. */
  public Map<Arm, List<TensorStats>> statistics() {
    Map<Arm, List<TensorStats>> all = new LinkedHashMap<>();
    for (Arm arm : arms) {
      for (long seed : seeds) {
        if (isFinished(arm, seed) && !all.containsKey(arm)) {
          List<TensorStats> stats = StatisticsFile.read(RunFolder.existing(path(arm, seed)));
          if (!stats.isEmpty()) {
            all.put(arm, stats);
          }
        }
      }
    }
    return all;
  }

  /** Runs that are not finished, by name. */
  public List<String> missing() {
    List<String> names = new ArrayList<>();
    for (long seed : seeds) {
      for (Arm arm : arms) {
        if (!isFinished(arm, seed)) {
          names.add(arm.name() + "/seed-" + seed);
        }
      }
    }
    return names;
  }

  private boolean isFinished(Arm arm, long seed) {
    Path path = path(arm, seed);
    return Files.exists(path.resolve(RunFolder.SETTINGS)) && RunFolder.existing(path).isFinished();
  }

  private Path path(Arm arm, long seed) {
    return folder.resolve(arm.name()).resolve("seed-" + seed);
  }
}
