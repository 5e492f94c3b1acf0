package org.agr4j.train;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.agr4j.data.ImageSplits;
import org.agr4j.run.RunFolder;
import org.agr4j.settings.Settings;

/** Keeps the notes of a run and stops it as a crash would, after some steps. */
class CrashingReport implements ProgressReport {
  /** What it stops with. */
  static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  final List<String> notes = new ArrayList<>();
  private int stepsLeft;

  CrashingReport(int stepsLeft) {
    this.stepsLeft = stepsLeft;
  }

  /** One that does not stop it. */
  static CrashingReport never() {
    return new CrashingReport(Integer.MAX_VALUE);
  }

  /** Begins a run and stops it. */
  static void crash(
      Settings settings, ImageSplits images, RunFolder run, RunOptions options, int steps) {
    assertThrows(
        Crash.class,
        () ->
            Trainer.train(
                settings,
                SmallRuns.task(settings, images),
                run,
                options,
                new CrashingReport(steps)));
  }

  @Override
  public void note(String line) {
    notes.add(line);
  }

  @Override
  public void step(Progress progress) {
    if (--stepsLeft < 0) {
      throw new Crash();
    }
  }
}
