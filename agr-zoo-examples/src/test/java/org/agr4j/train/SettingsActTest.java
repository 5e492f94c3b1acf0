package org.agr4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.agr4j.data.ImageSplits;
import org.agr4j.optimizer.OptimizerChoice;
import org.agr4j.optimizer.OptimizerSettings;
import org.agr4j.optimizer.TensorChoice;
import org.agr4j.run.EpochRecord;
import org.agr4j.run.RunFolder;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Settings;
import org.agr4j.task.classification.AugmentChoice;
import org.agr4j.task.classification.AugmentationSettings;
import org.agr4j.updater.AgrMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Settings reach the training; three steps an epoch. */
class SettingsActTest {
  private static final RunOptions OFTEN = new RunOptions(1, Duration.ZERO, 2, false, List.of());

  private final ImageSplits images = SmallRuns.images();
  @TempDir Path folder;

  private TrainResult train(Settings settings, String name) {
    RunFolder run = RunFolder.create(folder.resolve(name));
    return Trainer.train(
        settings, SmallRuns.task(settings, images), run, RunOptions.DEFAULT, ProgressReport.SILENT);
  }

  private static OptimizerSettings agr(AgrMode mode, int until) {
    return new OptimizerSettings(
        mode == AgrMode.OFF ? OptimizerChoice.ADAMW : OptimizerChoice.ADAMW_AGR,
        5e-4,
        mode,
        until,
        TensorChoice.WEIGHTS);
  }

  private static OptimizerSettings agrUntil(int epoch) {
    return agr(AgrMode.FIRST_MOMENT, epoch);
  }

  @Test
  void labelSmoothingAndClipping() {
    OptimizerSettings optimizer = OptimizerSettings.of(OptimizerChoice.NESTEROVS, 0);
    TrainResult plain = train(SmallRuns.plain(optimizer, 1, 0, 0), "plain");
    TrainResult smoothed = train(SmallRuns.plain(optimizer, 1, 0.3, 0), "smoothed");
    assertNotEquals(plain.graph().params(), smoothed.graph().params());
    TrainResult clipped = train(SmallRuns.plain(optimizer, 1, 0, 1e-2), "clipped");
    assertNotEquals(plain.graph().params(), clipped.graph().params());
    TrainResult loose = train(SmallRuns.plain(optimizer, 1, 0, 1e9), "loose");
    assertEquals(plain.graph().params(), loose.graph().params(), "a bound that is never reached");
  }

  @Test
  void augmentations() {
    Settings plain = SmallRuns.given().with(LoopSettings.EPOCHS, 1).settings();
    List<Settings> each =
        List.of(
            plain,
            plain.with(AugmentationSettings.AUGMENT, AugmentChoice.CROP_FLIP),
            plain.with(AugmentationSettings.AUGMENT, AugmentChoice.STANDARD),
            plain.with(AugmentationSettings.RAND_AUGMENT, 2),
            plain
                .with(AugmentationSettings.RAND_AUGMENT, 2)
                .with(AugmentationSettings.RAND_AUGMENT_MAGNITUDE, 1.0),
            plain.with(AugmentationSettings.RAND_AUGMENT, 3),
            plain.with(AugmentationSettings.ERASING, 0.5),
            plain.with(AugmentationSettings.ERASING, 1.0));
    Set<INDArray> outcomes = new HashSet<>();
    for (int i = 0; i < each.size(); i++) {
      outcomes.add(train(each.get(i), "augmented-" + i).graph().params());
    }
    assertEquals(each.size(), outcomes.size());
  }

  /** AGR's first epoch, and then neither AGR nor the plain optimizer from the start. */
  @Test
  void agrIsOffAfterItsEpoch() {
    TrainResult on = train(SmallRuns.plain(agrUntil(Integer.MAX_VALUE), 2, 0, 0), "on");
    TrainResult off = train(SmallRuns.plain(agr(AgrMode.OFF, 0), 2, 0, 0), "off");
    TrainResult until = train(SmallRuns.plain(agrUntil(1), 2, 0, 0), "until");
    assertSame(on.epochs().get(0), until.epochs().get(0));
    assertTrue(on.epochs().get(0).get("test_loss") != off.epochs().get(0).get("test_loss"));
    assertNotEquals(on.graph().params(), until.graph().params());
    assertNotEquals(off.graph().params(), until.graph().params());
    TrainResult one = train(SmallRuns.plain(agrUntil(Integer.MAX_VALUE), 1, 0, 0), "one");
    TrainResult never = train(SmallRuns.plain(agrUntil(0), 2, 0, 0), "never");
    assertSame(one.last(), until.epochs().get(0));
    assertEquals(off.graph().params(), never.graph().params());
  }

  private static void assertSame(EpochRecord expected, EpochRecord found) {
    assertEquals(expected.get("train_loss"), found.get("train_loss"));
    assertEquals(expected.get("test_loss"), found.get("test_loss"));
  }

  /** Interrupted before, at and after the end of the epoch. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void agrIsOffAfterItsEpochAlsoIfResumed(int steps) {
    Settings settings = SmallRuns.plain(agrUntil(1), 2, 0, 0);
    TrainResult whole = train(settings, "whole");
    RunFolder run = RunFolder.create(folder.resolve("run"));
    CrashingReport.crash(settings, images, run, OFTEN, steps);
    ResumeRunTest.assertSame(
        whole,
        Trainer.resume(
            settings, SmallRuns.task(settings, images), run, OFTEN, ProgressReport.SILENT));
  }
}
