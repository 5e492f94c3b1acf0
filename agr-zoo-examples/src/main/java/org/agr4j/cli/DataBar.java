package org.agr4j.cli;

import java.util.function.LongConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.agr4j.data.OfficialArchive;
import org.agr4j.launch.Terminal;
import org.agr4j.train.TrainSettings;

/** Shows how data comes: a bar on a terminal, one line elsewhere, nothing if there is no wait. */
final class DataBar implements LongConsumer, AutoCloseable {
  private static final long MEGABYTE = 1_000_000;

  private final String line;
  private final ProgressBarBuilder builder;
  private boolean started;
  private ProgressBar bar;

  private DataBar(String line, ProgressBarBuilder builder) {
    this.line = line;
    this.builder = builder.setStyle(ProgressBarStyle.ASCII);
  }

  /** Of the bytes of an archive. */
  static DataBar downloading(OfficialArchive official) {
    return new DataBar(
        "Downloading " + official.uri(),
        new ProgressBarBuilder()
            .setTaskName(official.fileName())
            .setInitialMax(official.bytes())
            .setUnit(" MB", MEGABYTE));
  }

  /** Of the images of a run. */
  static DataBar reading(TrainSettings settings) {
    return new DataBar(
        "Reading " + settings.data(),
        new ProgressBarBuilder()
            .setTaskName(settings.dataset().title())
            .setInitialMax((long) settings.limitTrain() + settings.limitTest()));
  }

  @Override
  public void accept(long done) {
    if (!started) {
      started = true;
      if (Boolean.getBoolean(Terminal.PROPERTY)) {
        bar = builder.build();
      } else {
        System.err.println(line);
      }
    }
    if (bar != null) {
      bar.stepTo(done);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
