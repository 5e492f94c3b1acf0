package org.agr4j.train;

import org.agr4j.run.EpochRecord;

/** Is told how a run goes, on the thread that trains. */
public interface ProgressReport {
  /** A report to nobody. */
  ProgressReport SILENT = new ProgressReport() {};

  /**
   * The network was built.
   *
   * @param inUse one line: what computes its layers
   */
  default void layers(String inUse) {}

  /** Something a user should know: one line. */
  default void note(String line) {}

  /** Is called after each step of training. */
  default void step(Progress progress) {}

  /**
   * A measurement after an epoch that takes long goes on.
   *
   * @param what in a few words
   * @param done so much of it
   * @param all the number at its end
   */
  default void measuring(String what, long done, long all) {}

  /**
   * An epoch was trained and measured.
   *
   * @param record what it came to
   * @param task what is learned
   */
  default void epochEnd(EpochRecord record, Task task) {}
}
