package org.agr4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.agr4j.data.ImageSplits;
import org.agr4j.optimizer.OptimizerChoice;
import org.agr4j.run.RunFolder;
import org.agr4j.run.StatisticsFile;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Settings;
import org.agr4j.stats.TensorStats;
import org.agr4j.zoo.NamedNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fourteen steps an epoch, of which the listener samples two. */
class ResumedStatisticsTest {
  private static final RunOptions WITH = options(Duration.ofDays(1), true);
  private static final RunOptions WITHOUT = options(Duration.ofDays(1), false);

  private static final ImageSplits IMAGES = SmallRuns.images();
  private static final Settings SETTINGS = batchesOfThree();
  @TempDir static Path once;
  @TempDir Path folder;
  private static RunFolder whole;

  private static RunOptions options(Duration checkpointEvery, boolean statistics) {
    return new RunOptions(1, checkpointEvery, 2, statistics, List.of());
  }

  private static Settings batchesOfThree() {
    return SmallRuns.everything(NamedNetwork.RESNET18, 1, OptimizerChoice.ADAMW_AGR, 2)
        .with(LoopSettings.BATCH_SIZE, 3)
        .settings();
  }

  @BeforeAll
  static void wholeRun() {
    whole = RunFolder.create(once.resolve("whole"));
    Trainer.train(SETTINGS, SmallRuns.task(SETTINGS, IMAGES), whole, WITH, ProgressReport.SILENT);
    assertEquals(
        List.of(2),
        StatisticsFile.read(whole).stream().map(TensorStats::samples).distinct().toList());
  }

  /** A checkpoint after each step, so that it goes on after the last. */
  private RunFolder crashed(boolean statistics, int steps) {
    RunFolder run = RunFolder.create(folder.resolve("run"));
    CrashingReport.crash(SETTINGS, IMAGES, run, options(Duration.ZERO, statistics), steps);
    return run;
  }

  private static String text(RunFolder run) throws IOException {
    return Files.readString(run.path().resolve(RunFolder.STATISTICS));
  }

  /** Crashes before the first checkpoint, between the samples, at an epoch's end, in the second. */
  @ParameterizedTest
  @ValueSource(ints = {0, 5, 12, 14, 20})
  void areTheSame(int steps) throws IOException {
    RunFolder run = crashed(true, steps);
    Trainer.resume(SETTINGS, SmallRuns.task(SETTINGS, IMAGES), run, WITHOUT, ProgressReport.SILENT);
    assertEquals(text(whole), text(run));
  }

  @Test
  void areNotRecordedUnlessAskedFor() {
    RunFolder run = crashed(false, 5);
    Trainer.resume(SETTINGS, SmallRuns.task(SETTINGS, IMAGES), run, WITHOUT, ProgressReport.SILENT);
    assertFalse(Files.exists(run.path().resolve(RunFolder.STATISTICS)));
  }

  @Test
  void sayWhereTheyBeganLate() {
    RunFolder run = crashed(false, 5);
    CrashingReport report = CrashingReport.never();
    Trainer.resume(SETTINGS, SmallRuns.task(SETTINGS, IMAGES), run, WITH, report);
    assertTrue(
        report.notes.contains("Statistics of epoch 1 are of its rest only."),
        report.notes.toString());
    assertEquals(StatisticsFile.read(whole).size(), StatisticsFile.read(run).size());
  }
}
