package org.agr4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.agr4j.data.ImageSplits;
import org.agr4j.input.BadInputException;
import org.agr4j.optimizer.OptimizerChoice;
import org.agr4j.run.RunFolder;
import org.agr4j.settings.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnreadableCheckpointTest {
  private static final RunOptions OFTEN = new RunOptions(1, Duration.ZERO, 3, false, List.of());
  private static final RunOptions KEEP_TWO = new RunOptions(1, Duration.ZERO, 2, false, List.of());

  private final ImageSplits images = SmallRuns.images();
  private final Settings settings = SmallRuns.everything(OptimizerChoice.ADAMW_AGR, 2);
  @TempDir Path folder;

  private RunFolder crashed(RunOptions options, int steps) {
    RunFolder run = RunFolder.create(folder.resolve("run"));
    CrashingReport.crash(settings, images, run, options, steps);
    return run;
  }

  private TrainResult whole() {
    RunFolder run = RunFolder.create(folder.resolve("whole"));
    return Trainer.train(
        settings, SmallRuns.task(settings, images), run, OFTEN, ProgressReport.SILENT);
  }

  private static void cut(Path file) throws IOException {
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 999));
  }

  @Test
  void isPassedOverAndSaid() throws IOException {
    RunFolder run = crashed(OFTEN, 5);
    List<Path> all = ResumeRunTest.checkpoints(run);
    Path newest = all.get(2);
    byte[] bytes = Files.readAllBytes(newest);
    bytes[bytes.length / 2] ^= 1; // one bit of a weight: only the check sum can tell
    Files.write(newest, bytes);
    cut(all.get(1));

    CrashingReport report = CrashingReport.never();
    ResumeRunTest.assertSame(
        whole(), Trainer.resume(settings, SmallRuns.task(settings, images), run, OFTEN, report));
    assertTrue(report.notes.get(0).startsWith(newest + " cannot be read ("), report.notes.get(0));
    assertTrue(report.notes.get(0).endsWith("), trying the one before it"), report.notes.get(0));
    assertTrue(report.notes.get(1).startsWith(all.get(1) + " cannot be read ("));
    try (Stream<Path> left = Files.list(run.path())) {
      assertFalse(left.anyMatch(file -> file.getFileName().toString().startsWith("checkpoint-")));
    }
  }

  /**
   * One that is later than all that are written before the next crash: were it one of the two that
   * are kept, a single good one would be left.
   */
  @Test
  void takesNoGoodOnesPlace() throws IOException {
    RunFolder run = crashed(KEEP_TWO, 5);
    Path last = ResumeRunTest.checkpoints(run).get(1);
    cut(last);
    Path later = Files.move(last, run.path().resolve("checkpoint-00009-00000000.zip"));
    assertThrows(
        CrashingReport.Crash.class,
        () ->
            Trainer.resume(
                settings, SmallRuns.task(settings, images), run, KEEP_TWO, new CrashingReport(1)));
    List<Path> kept =
        ResumeRunTest.checkpoints(run).stream().filter(f -> f.toString().endsWith(".zip")).toList();
    assertEquals(2, kept.size(), kept.toString());
    assertFalse(kept.contains(later));
    assertTrue(Files.exists(later.resolveSibling(later.getFileName() + ".unreadable")));
    CrashingReport report = CrashingReport.never();
    ResumeRunTest.assertSame(
        whole(), Trainer.resume(settings, SmallRuns.task(settings, images), run, KEEP_TWO, report));
    assertFalse(report.notes.toString().contains("cannot be read"), report.notes.toString());
  }

  @Test
  void saysSoIfNoneCanBeRead() throws IOException {
    RunFolder run = crashed(OFTEN, 4);
    List<Path> all = ResumeRunTest.checkpoints(run);
    for (Path file : all) {
      Files.write(file, new byte[10]);
    }
    CrashingReport report = CrashingReport.never();
    BadInputException e =
        assertThrows(
            BadInputException.class,
            () -> Trainer.resume(settings, SmallRuns.task(settings, images), run, OFTEN, report));
    assertTrue(e.getMessage().contains("no readable checkpoint, expected one of 3"));
    assertTrue(report.notes.get(1).endsWith("trying the one before it"));
    assertTrue(report.notes.get(2).endsWith(")"), "there is none before the first");
    assertEquals(all, ResumeRunTest.checkpoints(run), "all stay for whoever can read them");
  }
}
