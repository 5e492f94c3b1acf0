package org.agr4j.compare;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.agr4j.run.EnvironmentFile;
import org.agr4j.run.EpochRecord;
import org.agr4j.run.MetricsFile;
import org.agr4j.run.ProcessLock;
import org.agr4j.run.RunFolder;
import org.agr4j.run.StatisticsFile;
import org.agr4j.settings.Settings;
import org.agr4j.stats.TensorStats;
import org.agr4j.train.DivergedException;
import org.agr4j.train.ProgressReport;
import org.agr4j.train.RunOptions;
import org.agr4j.train.Task;
import org.agr4j.train.Trainer;
import org.agr4j.updater.NonFiniteGradientException;

/**
 * Trains every arm with every seed. For one seed all arms have the same initial weights and see the
 * same batches, so that their differences are paired.
 *
 * <p>The run of an arm and a seed has the folder {@code ARM/seed-N}. Finished ones are kept, begun
 * ones resumed, and those that another process is at left to it: processes with the same folder
 * share the work. A run that diverges ends, is recorded with its reason, and does not end the
 * others; with the same settings it would diverge again, so it is not repeated.
 */
public final class PairedRuns {
  private final Path folder;
  private final List<Arm> arms;
  private final List<Long> seeds;

  /**
   * Prepares the runs of all arms and seeds in a folder.
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
   * Trains what is not trained yet, seed by seed. A run that diverges is noted and left.
   *
   * @param settings the settings of an arm with a seed
   * @param tasks opens the task of a run
   * @param options how to run
   * @param report is told how it goes
   */
  public void train(
      BiFunction<Arm, Long, Settings> settings,
      Function<Settings, Task> tasks,
      RunOptions options,
      ProgressReport report) {
    int number = 0;
    for (long seed : seeds) {
      for (Arm arm : arms) {
        number++;
        String what =
            "%s, seed %d (run %d of %d)"
                .formatted(arm.title(), seed, number, arms.size() * seeds.size());
        train(arm, seed, settings.apply(arm, seed), what, tasks, options, report);
      }
    }
  }

  private void train(
      Arm arm,
      long seed,
      Settings settings,
      String what,
      Function<Settings, Task> tasks,
      RunOptions options,
      ProgressReport report) {
    Path path = path(arm, seed);
    Optional<ProcessLock> free = RunFolder.tryLock(path);
    if (free.isEmpty()) {
      report.note(what + ": another process is at it");
      return;
    }
    try {
      if (isFinished(arm, seed)) {
        requireSame(path, settings, tasks);
        report.note(what + ": done before");
        return;
      }
      if (hasDiverged(arm, seed)) {
        requireSame(path, settings, tasks);
        report.note(what + ": diverged before; without " + path + " it is trained again");
        return;
      }
      report.note(what);
      Task task = tasks.apply(settings);
      if (isBegun(arm, seed)) {
        Trainer.resume(settings, task, RunFolder.existing(path), options, report);
      } else {
        Trainer.train(settings, task, RunFolder.create(path), options, report);
      }
    } catch (DivergedException | NonFiniteGradientException e) {
      report.note(what + " diverged: " + e.getMessage());
      RunFolder.existing(path).write(RunFolder.DIVERGED, e.getMessage() + "\n");
    } finally {
      free.get().close();
    }
  }

  private static void requireSame(Path path, Settings settings, Function<Settings, Task> tasks) {
    RunFolder run = RunFolder.existing(path);
    Trainer.requireSameSettings(run, settings); // before anything is loaded
    Trainer.requireSame(run, settings, tasks.apply(settings));
  }

  /** Metrics of the finished runs, by arm and seed; an arm without any is there, empty. */
  public Map<Arm, SortedMap<Long, List<EpochRecord>>> finished() {
    Map<Arm, SortedMap<Long, List<EpochRecord>>> all = new LinkedHashMap<>();
    for (Arm arm : arms) {
      SortedMap<Long, List<EpochRecord>> runs = new TreeMap<>();
      for (long seed : seeds) {
        if (isFinished(arm, seed)) {
          runs.put(seed, MetricsFile.read(RunFolder.existing(path(arm, seed))));
        }
      }
      all.put(arm, runs);
    }
    return all;
  }

  /** Why runs diverged, by arm and seed; arms without such runs are left out. */
  public Map<Arm, SortedMap<Long, String>> diverged() {
    Map<Arm, SortedMap<Long, String>> all = new LinkedHashMap<>();
    for (Arm arm : arms) {
      for (long seed : seeds) {
        if (hasDiverged(arm, seed)) {
          all.computeIfAbsent(arm, key -> new TreeMap<>())
              .put(seed, RunFolder.existing(path(arm, seed)).read(RunFolder.DIVERGED).strip());
        }
      }
    }
    return all;
  }

  /** What machines the finished runs were begun on, each once. */
  public List<String> machines() {
    Set<String> all = new LinkedHashSet<>();
    for (Arm arm : arms) {
      for (long seed : seeds) {
        if (isFinished(arm, seed)) {
          all.add(EnvironmentFile.machine(RunFolder.existing(path(arm, seed))));
        }
      }
    }
    return List.copyOf(all);
  }

  /**
   * Makes sure that all runs there are were begun with these settings.
   *
   * @param settings the settings of an arm with a seed
   * @throws org.agr4j.input.BadInputException if one was begun with others
   */
  public void requireSame(BiFunction<Arm, Long, Settings> settings) {
    for (Arm arm : arms) {
      for (long seed : seeds) {
        if (isBegun(arm, seed)) {
          Trainer.requireSameSettings(
              RunFolder.existing(path(arm, seed)), settings.apply(arm, seed));
        }
      }
    }
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

  /** Runs that have not come to an end, by name. */
  public List<String> missing() {
    List<String> names = new ArrayList<>();
    for (long seed : seeds) {
      for (Arm arm : arms) {
        if (!isFinished(arm, seed) && !hasDiverged(arm, seed)) {
          names.add(arm.name() + "/seed-" + seed);
        }
      }
    }
    return names;
  }

  private boolean isBegun(Arm arm, long seed) {
    return Files.exists(path(arm, seed).resolve(RunFolder.SETTINGS));
  }

  private boolean isFinished(Arm arm, long seed) {
    return isBegun(arm, seed) && RunFolder.existing(path(arm, seed)).isFinished();
  }

  private boolean hasDiverged(Arm arm, long seed) {
    return isBegun(arm, seed) && Files.exists(path(arm, seed).resolve(RunFolder.DIVERGED));
  }

  private Path path(Arm arm, long seed) {
    return path(folder, arm, seed);
  }

  /** The folder of a run in that of a comparison. */
  public static Path path(Path folder, Arm arm, long seed) {
    return folder.resolve(arm.name()).resolve("seed-" + seed);
  }
}
