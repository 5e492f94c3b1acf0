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
import org.agr4j.stats.TensorStats;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Twenty steps an epoch, of which the listener samples two. */
class ResumedStatisticsTest {
  private static final RunOptions WITH = options(true);
  private static final RunOptions WITHOUT = options(false);

  private final ImageSplits images = SmallRuns.images();
  private final TrainSettings settings = batchesOfTwo();
  @TempDir Path folder;
  private RunFolder whole;

  private static RunOptions options(boolean statistics) {
    return new RunOptions(1, Duration.ZERO, 2, statistics, List.of());
  }

  private static TrainSettings batchesOfTwo() {
    TrainSettings s = SmallRuns.everything(OptimizerChoice.ADAMW_AGR, 2);
    return new TrainSettings(
        s.model(),
        1,
        s.dataset(),
        s.data(),
        s.limitTrain(),
        s.limitTest(),
        s.augment(),
        s.optimizer(),
        s.learningRate(),
        s.epochs(),
        2,
        s.labelSmoothing(),
        s.gradientClipping(),
        s.seed());
  }

  @BeforeEach
  void wholeRun() {
    whole = RunFolder.create(folder.resolve("whole"));
    Trainer.train(settings, images, whole, WITH, ProgressReport.SILENT);
    assertEquals(
        List.of(2),
        StatisticsFile.read(whole).stream().map(TensorStats::samples).distinct().toList());
  }

  private static String text(RunFolder run) throws IOException {
    return Files.readString(run.path().resolve(RunFolder.STATISTICS));
  }

  /** Crashes before the first checkpoint, between the samples, at an epoch's end, in the second. */
  @ParameterizedTest
  @ValueSource(ints = {0, 5, 15, 20, 27})
  void areTheSame(int steps) throws IOException {
    RunFolder run = RunFolder.create(folder.resolve("run"));
    CrashingReport.crash(settings, images, run, WITH, steps);
    Trainer.resume(settings, images, run, WITHOUT, ProgressReport.SILENT);
    assertEquals(text(whole), text(run));
  }

  @Test
  void areNotRecordedUnlessAskedFor() {
    RunFolder run = RunFolder.create(folder.resolve("run"));
    CrashingReport.crash(settings, images, run, WITHOUT, 5);
    Trainer.resume(settings, images, run, WITHOUT, ProgressReport.SILENT);
    assertFalse(Files.exists(run.path().resolve(RunFolder.STATISTICS)));
  }

  @Test
  void sayWhereTheyBeganLate() {
    RunFolder run = RunFolder.create(folder.resolve("run"));
    CrashingReport.crash(settings, images, run, WITHOUT, 5);
    CrashingReport report = CrashingReport.never();
    Trainer.resume(settings, images, run, WITH, report);
    assertTrue(
        report.notes.contains("Statistics of epoch 1 are of its rest only."),
        report.notes.toString());
    assertEquals(StatisticsFile.read(whole).size(), StatisticsFile.read(run).size());
  }
}
