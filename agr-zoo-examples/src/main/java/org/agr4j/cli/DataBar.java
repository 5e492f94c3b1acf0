package org.agr4j.cli;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.agr4j.launch.Terminal;
import org.agr4j.train.DataProgress;

/** Shows how data comes: a bar on a terminal, one line elsewhere, nothing if there is no wait. */
public final class DataBar implements DataProgress {
  @Override
  public Bar begin(String line, String name, long total, String unit, long unitSize) {
    ProgressBarBuilder builder =
        new ProgressBarBuilder()
            .setTaskName(name)
            .setInitialMax(total)
            .setUnit(unit, unitSize)
            .setStyle(ProgressBarStyle.ASCII);
    return new Bar() {
      private boolean started;
      private ProgressBar bar;

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
    };
  }
}
