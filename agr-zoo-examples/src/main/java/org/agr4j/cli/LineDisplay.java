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

  @Override
  void show(Progress p) {
    if (System.nanoTime() - last < INTERVAL_NANOS) {
      return;
    }
    last = System.nanoTime();
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
