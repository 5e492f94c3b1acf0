package org.agr4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.agr4j.data.ImageSplits;
import org.agr4j.input.BadInputException;
import org.agr4j.optimizer.OptimizerChoice;
import org.agr4j.run.EpochRecord;
import org.agr4j.run.MetricsFile;
import org.agr4j.run.RunFolder;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Settings;
import org.agr4j.zoo.NamedNetwork;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResumeRunTest {
  /** A checkpoint after every step. */
  private static final RunOptions OFTEN = new RunOptions(1, Duration.ZERO, 3, false, List.of());

  private final ImageSplits images = SmallRuns.images();
  @TempDir Path folder;

  private RunFolder crashed(Settings settings, String name, int steps) {
    RunFolder run = RunFolder.create(folder.resolve(name));
    CrashingReport.crash(settings, images, run, OFTEN, steps);
    return run;
  }

  static void assertSame(TrainResult expected, TrainResult found) {
    assertEquals(expected.graph().params(), found.graph().params());
    assertEquals(state(expected.graph()), state(found.graph()));
    assertEquals(
        expected.epochs().stream().map(ResumeRunTest::outcome).toList(),
        found.epochs().stream().map(ResumeRunTest::outcome).toList());
  }

  private static Object state(ComputationGraph graph) {
    return graph.getUpdater().getUpdaterStateViewArray();
  }

  /** All but the times. */
  private static List<Double> outcome(EpochRecord m) {
    return Stream.of("train_loss", "test_loss", "top1", "top5").map(m::get).toList();
  }

  /** 3 steps an epoch: stops within the first epoch, at its end, and within the third. */
  @ParameterizedTest
  @CsvSource({
    "ADAMW_AGR, 1",
    "ADAMW_AGR, 3",
    "ADAMW_AGR, 7",
    "ADAN_AGR, 4",
    "ADAM, 5",
    "NESTEROVS, 2"
  })
  void goesOnToTheSameBits(OptimizerChoice optimizer, int steps) {
    Settings settings = SmallRuns.everything(optimizer, 3);
    TrainResult whole =
        Trainer.train(
            settings,
            SmallRuns.task(settings, images),
            RunFolder.create(folder.resolve("whole")),
            RunOptions.DEFAULT,
            ProgressReport.SILENT);
    RunFolder run = crashed(settings, "crashed", steps);
    TrainResult resumed =
        Trainer.resume(
            settings,
            SmallRuns.task(settings, images),
            run,
            RunOptions.DEFAULT,
            ProgressReport.SILENT);
    assertSame(whole, resumed);
    assertEquals(3, MetricsFile.read(run).size());
    assertTrue(run.isFinished());
  }

  @Test
  void aCrashBeforeTheFirstCheckpointStartsAnew() {
    Settings settings = SmallRuns.everything(OptimizerChoice.ADAMW_AGR, 1);
    RunFolder run = crashed(settings, "run", 0);
    assertEquals(
        1,
        Trainer.resume(
                settings, SmallRuns.task(settings, images), run, OFTEN, ProgressReport.SILENT)
            .epochs()
            .size());
  }

  @Test
  void keepsTheNewestAndInTheEndNone() throws IOException {
    Settings settings = SmallRuns.everything(OptimizerChoice.ADAMW_AGR, 2);
    RunFolder run = crashed(settings, "run", 5);
    assertEquals(3, checkpoints(run).size());
    Trainer.resume(settings, SmallRuns.task(settings, images), run, OFTEN, ProgressReport.SILENT);
    assertEquals(0, checkpoints(run).size());
  }

  static List<Path> checkpoints(RunFolder run) throws IOException {
    try (Stream<Path> files = Files.list(run.path())) {
      return files
          .filter(f -> f.getFileName().toString().startsWith("checkpoint-"))
          .sorted()
          .toList();
    }
  }

  @Test
  void refusesOtherSettings() {
    RunFolder run = crashed(SmallRuns.everything(OptimizerChoice.ADAMW_AGR, 2), "run", 0);
    Settings longer = SmallRuns.everything(OptimizerChoice.ADAMW_AGR, 3);
    assertEquals(
        run.path().resolve("settings.yaml")
            + " is of another run: it has epochs: 2, expected epochs: 3",
        assertThrows(
                BadInputException.class,
                () ->
                    Trainer.resume(
                        longer, SmallRuns.task(longer, images), run, OFTEN, ProgressReport.SILENT))
            .getMessage());
  }

  /** Its optimizer's state, its weights or its layers would not fit. */
  @Test
  void refusesAnotherNetworksCheckpoint() throws IOException {
    Settings settings = SmallRuns.everything(OptimizerChoice.ADAMW_AGR, 2);
    Map<String, Settings> others =
        Map.of(
            "optimizer: adan-agr, expected optimizer: adamw-agr",
            SmallRuns.everything(OptimizerChoice.ADAN_AGR, 2),
            "width: 3, expected width: 2",
            SmallRuns.network(NamedNetwork.RESNET18, 3),
            "model: resnet50, expected model: resnet18",
            SmallRuns.network(NamedNetwork.RESNET50, 2));
    for (Map.Entry<String, Settings> other : others.entrySet()) {
      RunFolder run = crashed(settings, "run of " + other.getKey(), 0);
      RunFolder foreign = crashed(other.getValue(), "other of " + other.getKey(), 2);
      Path file = checkpoints(foreign).get(0);
      Path copy = Files.copy(file, run.path().resolve(file.getFileName()));
      assertEquals(
          copy + " is of another run: it has " + other.getKey(),
          assertThrows(
                  BadInputException.class,
                  () ->
                      Trainer.resume(
                          settings,
                          SmallRuns.task(settings, images),
                          run,
                          OFTEN,
                          ProgressReport.SILENT))
              .getMessage());
      assertTrue(Files.exists(copy), "it stays");
    }
  }

  /** Dropout draws the same after a resume, too. */
  @Test
  void dropoutGoesOnAsItWas() {
    Settings settings = SmallRuns.vgg(2);
    ImageSplits large = SmallRuns.wholeImages();
    TrainResult whole =
        Trainer.train(
            settings,
            SmallRuns.task(settings, large),
            RunFolder.create(folder.resolve("whole")),
            RunOptions.DEFAULT,
            ProgressReport.SILENT);
    RunFolder run = RunFolder.create(folder.resolve("crashed"));
    CrashingReport.crash(settings, large, run, OFTEN, 4);
    assertSame(
        whole,
        Trainer.resume(
            settings, SmallRuns.task(settings, large), run, OFTEN, ProgressReport.SILENT));
  }

  @Test
  void removesWhatAKilledProcessLeftHalfWritten() throws IOException {
    Settings settings = SmallRuns.everything(OptimizerChoice.ADAMW_AGR, 1);
    RunFolder run = crashed(settings, "run", 1);
    Path part = Files.createFile(run.path().resolve("checkpoint-00001-00000032.zip.7.part"));
    Trainer.resume(settings, SmallRuns.task(settings, images), run, OFTEN, ProgressReport.SILENT);
    assertFalse(Files.exists(part));
  }

  /** The kernel's own full disk: a device to which nothing can be written. */
  @Test
  void aFullDiskLeavesTheLastCheckpoint() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.isWritable(full), "no /dev/full here");
    Settings settings = SmallRuns.everything(OptimizerChoice.ADAMW_AGR, 2);
    RunFolder run = crashed(settings, "run", 4);
    List<Path> before = checkpoints(run);
    // Epoch 2 after all 48 images is saved as the start of epoch 3.
    Path part =
        run.path()
            .resolve("checkpoint-00003-00000000.zip." + ProcessHandle.current().pid() + ".part");
    ProgressReport fills =
        new ProgressReport() {
          @Override
          public void step(Progress progress) {
            try {
              Files.createSymbolicLink(part, full);
            } catch (FileAlreadyExistsException e) {
              // full since the first step
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        };
    BadInputException e =
        assertThrows(
            BadInputException.class,
            () ->
                Trainer.resume(
                    settings, SmallRuns.task(settings, images), run, RunOptions.DEFAULT, fills));
    assertTrue(e.getMessage().contains("cannot be written: "), e.getMessage());
    assertTrue(e.getMessage().contains("No space left on device"), e.getMessage());
    assertFalse(Files.exists(part), "nothing half-written stays");
    assertEquals(before, checkpoints(run));
    assertEquals(
        2,
        Trainer.resume(
                settings, SmallRuns.task(settings, images), run, OFTEN, ProgressReport.SILENT)
            .epochs()
            .size());
  }

  /** The settings that draw random numbers do so; else the tests above would prove little. */
  @Test
  void seedAndAugmentationMatter() {
    Settings settings = SmallRuns.everything(OptimizerChoice.ADAMW_AGR, 1);
    TrainResult one = run(settings, "one");
    assertNotEquals(
        one.graph().params(), run(settings.with(LoopSettings.SEED, 9L), "two").graph().params());
  }

  private TrainResult run(Settings settings, String name) {
    RunFolder run = RunFolder.create(folder.resolve(name));
    return Trainer.train(
        settings, SmallRuns.task(settings, images), run, RunOptions.DEFAULT, ProgressReport.SILENT);
  }
}
