package org.agr4j.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;
import org.agr4j.launch.Terminal;
import org.agr4j.run.EpochRecord;
import org.agr4j.train.Measure;
import org.agr4j.train.Progress;
import org.agr4j.train.ProgressReport;
import org.agr4j.train.Task;

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
  public void epochEnd(EpochRecord record, Task task) {
    boolean known = last != null && last.epoch() == record.epoch();
    String of = known ? "/" + last.epochs() : "";
    boolean isLast = !known || record.epoch() == last.epochs();
    String left = isLast ? "" : ", " + clock(last.timeLeft()) + " left";
    double seconds = record.get(EpochRecord.TRAIN_SECONDS) + record.get(EpochRecord.TEST_SECONDS);
    String values =
        record.keys().stream()
            .flatMap(key -> task.measures().stream().filter(measure -> measure.key().equals(key)))
            .map(measure -> measure.inWords(record))
            .collect(Collectors.joining(", "));
    out.println(
        String.format(
            Locale.ROOT,
            "epoch %d%s: %s%s, %.1f %s/s, %s%s",
            record.epoch(),
            of,
            values,
            unaveraged(task.measures().get(0), record),
            record.get(EpochRecord.perSecond(task.unit())),
            task.unit(),
            clock(Duration.ofMillis(Math.round(1000 * seconds))),
            left));
  }

  /** What is compared, of the weights as they were trained, if their average is measured. */
  private static String unaveraged(Measure compared, EpochRecord record) {
    Measure beside = compared.unaveraged();
    return record.has(beside.key()) ? " (" + beside.inWords(record) + ")" : "";
  }

  /** m:ss, or h:mm:ss from an hour. */
  static String clock(Duration d) {
    return d.toHours() > 0
        ? String.format(
            Locale.ROOT, "%d:%02d:%02d", d.toHours(), d.toMinutesPart(), d.toSecondsPart())
        : String.format(Locale.ROOT, "%d:%02d", d.toMinutes(), d.toSecondsPart());
  }
}
