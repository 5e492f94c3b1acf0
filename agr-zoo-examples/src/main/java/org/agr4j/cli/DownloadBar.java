package org.agr4j.cli;

import java.util.function.LongConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.agr4j.data.OfficialArchive;

/** Shows a download: a bar on a terminal, one line elsewhere, nothing if there is none. */
final class DownloadBar implements LongConsumer, AutoCloseable {
  private static final long MEGABYTE = 1_000_000;

  private final OfficialArchive official;
  private boolean started;
  private ProgressBar bar;

  DownloadBar(OfficialArchive official) {
    this.official = official;
  }

  @Override
  public void accept(long bytes) {
    if (!started) {
      started = true;
      if (Boolean.getBoolean(Display.TERMINAL_PROPERTY)) {
        bar =
            new ProgressBarBuilder()
                .setTaskName(official.fileName())
                .setInitialMax(official.bytes())
                .setUnit(" MB", MEGABYTE)
                .setStyle(ProgressBarStyle.ASCII)
                .build();
      } else {
        System.err.printf("Downloading %s%n", official.uri());
      }
    }
    if (bar != null) {
      bar.stepTo(bytes);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
