package org.agr4j.train;

import java.util.function.LongConsumer;

/** Shows how data come where one has to wait for them. */
@FunctionalInterface
public interface DataProgress {
  /** Progress of reading that nobody sees. */
  DataProgress SILENT =
      (line, name, total, unit, unitSize) ->
          new Bar() {
            @Override
            public void accept(long done) {
              // nobody looks
            }

            @Override
            public void close() {
              // there is nothing to close
            }
          };

  /** Is told how much is done, and closed in the end. */
  interface Bar extends LongConsumer, AutoCloseable {
    @Override
    void close();
  }

  /**
   * Begins something that may take long; nothing is shown before the first number.
   *
   * @param line what is done, one line
   * @param name what it is done to, in a word or two
   * @param total the number at its end
   * @param unit what is counted, beginning with a space; empty for no word
   * @param unitSize how many make one of the unit
   */
  Bar begin(String line, String name, long total, String unit, long unitSize);
}
