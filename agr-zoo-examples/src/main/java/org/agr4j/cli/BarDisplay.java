package org.agr4j.cli;

import java.io.PrintWriter;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.agr4j.run.EpochRecord;
import org.agr4j.train.Progress;
import org.agr4j.train.Task;

/** A progress bar on standard error for each epoch. */
final class BarDisplay extends Display {
  private static final int UPDATE_MILLIS = 250;

  private ProgressBar bar;

  BarDisplay(PrintWriter out) {
    super(out);
  }

  @Override
  void show(Progress p) {
    if (bar == null) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("epoch " + p.epoch() + "/" + p.epochs())
              .setInitialMax(p.examplesPerEpoch())
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(UPDATE_MILLIS)
              .hideEta()
              .clearDisplayOnFinish()
              .build();
    }
    bar.setExtraMessage(
        String.format(
            Locale.ROOT,
            " loss %.3f, %.0f %s/s, %s left",
            p.loss(),
            p.examplesPerSecond(),
            p.unit(),
            clock(p.timeLeft())));
    bar.stepTo(p.examples());
    if (p.examples() == p.examplesPerEpoch()) {
      bar.setExtraMessage(" testing");
      bar.refresh();
    }
  }

  @Override
  public void measuring(String what, long done, long all) {
    if (bar != null) {
      bar.setExtraMessage(String.format(Locale.ROOT, " %s, %d%%", what, 100 * done / all));
      bar.refresh();
    }
  }

  @Override
  public void epochEnd(EpochRecord record, Task task) {
    if (bar != null) {
      bar.close();
      bar = null;
    }
    super.epochEnd(record, task);
  }
}
