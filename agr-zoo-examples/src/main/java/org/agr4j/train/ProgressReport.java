package org.agr4j.train;

/** Is told how a run goes, on the thread that trains. */
public interface ProgressReport {
  /** A report to nobody. */
  ProgressReport SILENT =
      new ProgressReport() {
        @Override
        public void layers(String inUse) {}

        @Override
        public void note(String line) {}

        @Override
        public void step(Progress progress) {}

        @Override
        public void epochEnd(EpochMetrics metrics) {}
      };

  /**
   * The network was built.
   *
   * @param inUse one line: what computes its layers
   */
  void layers(String inUse);

  /** Something a user should know: one line. */
  void note(String line);

  /** A step was done. */
  void step(Progress progress);

  /** An epoch was trained and tested. */
  void epochEnd(EpochMetrics metrics);
}
