package org.agr4j.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import org.agr4j.launch.Terminal;
import org.agr4j.train.EpochMetrics;
import org.agr4j.train.Progress;
import org.agr4j.train.ProgressReport;

/** Shows the progress of training: one line for each epoch, and something in between. */
public abstract class Display implements ProgressReport {
  private final PrintWriter out;
  private Progress last;

  Display(PrintWriter out) {
    this.out = out;
  }

  /** A bar on a terminal, lines elsewhere. */
  public static Display choose(PrintWriter out) {
    return Boolean.getBoolean(Terminal.PROPERTY) ? new BarDisplay(out) : new LineDisplay(out);
  }

  @Override
  public void layers(String inUse) {
    out.println(inUse);
  }

  @Override
  public void note(String line) {
    out.println(line);
  }

  @Override
  public final void step(Progress progress) {
    last = progress;
    show(progress);
  }

  /** Shows how far an epoch is, or not. */
  abstract void show(Progress progress);

  @Override
  public void epochEnd(EpochMetrics m) {
    boolean known = last != null && last.epoch() == m.epoch();
    String of = known ? "/" + last.epochs() : "";
    String left = known && m.epoch() < last.epochs() ? ", " + clock(last.timeLeft()) + " left" : "";
    out.println(
        String.format(
            Locale.ROOT,
            "epoch %d%s: train loss %.3f, test loss %.3f, top-1 %.1f%%, top-5 %.1f%%, "
                + "%.1f images/s, %s%s",
            m.epoch(),
            of,
            m.trainLoss(),
            m.testLoss(),
            100 * m.top1(),
            100 * m.top5(),
            m.imagesPerSecond(),
            clock(Duration.ofMillis(Math.round(1000 * (m.trainSeconds() + m.testSeconds())))),
            left));
  }

  /** m:ss, or h:mm:ss from an hour. */
  static String clock(Duration d) {
    return d.toHours() > 0
        ? String.format(
            Locale.ROOT, "%d:%02d:%02d", d.toHours(), d.toMinutesPart(), d.toSecondsPart())
        : String.format(Locale.ROOT, "%d:%02d", d.toMinutes(), d.toSecondsPart());
  }
}
