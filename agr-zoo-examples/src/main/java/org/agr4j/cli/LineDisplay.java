package org.agr4j.cli;

import java.io.PrintWriter;
import java.util.Locale;
import org.agr4j.train.Progress;

/** A plain line every ten seconds, for logs. */
final class LineDisplay extends Display {
  private static final long INTERVAL_NANOS = 10_000_000_000L;

  private final PrintWriter out;
  private long last = System.nanoTime();

  LineDisplay(PrintWriter out) {
    super(out);
    this.out = out;
  }

  private boolean isDue() {
    boolean due = System.nanoTime() - last >= INTERVAL_NANOS;
    if (due) {
      last = System.nanoTime();
    }
    return due;
  }

  @Override
  public void measuring(String what, long done, long all) {
    if (isDue()) {
      out.println(String.format(Locale.ROOT, "%s: %,d of %,d", what, done, all));
    }
  }

  @Override
  void show(Progress p) {
    if (!isDue()) {
      return;
    }
    out.println(
        String.format(
            Locale.ROOT,
            "epoch %d/%d: %d/%d %s, loss %.3f, %.1f %s/s, %s left",
            p.epoch(),
            p.epochs(),
            p.examples(),
            p.examplesPerEpoch(),
            p.unit(),
            p.loss(),
            p.examplesPerSecond(),
            p.unit(),
            clock(p.timeLeft())));
  }
}
