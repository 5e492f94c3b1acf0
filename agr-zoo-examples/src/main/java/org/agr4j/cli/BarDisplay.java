package org.agr4j.cli;

import java.io.PrintWriter;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.agr4j.train.EpochMetrics;
import org.agr4j.train.Progress;

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
              .setInitialMax(p.imagesPerEpoch())
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(UPDATE_MILLIS)
              .hideEta()
              .clearDisplayOnFinish()
              .build();
    }
    bar.setExtraMessage(
        String.format(
            Locale.ROOT,
            " loss %.3f, %.0f images/s, %s left",
            p.loss(),
            p.imagesPerSecond(),
            clock(p.timeLeft())));
    bar.stepTo(p.images());
    if (p.images() == p.imagesPerEpoch()) {
      bar.setExtraMessage(" testing");
      bar.refresh();
    }
  }

  @Override
  public void epochEnd(EpochMetrics metrics) {
    bar.close();
    bar = null;
    super.epochEnd(metrics);
  }
}
