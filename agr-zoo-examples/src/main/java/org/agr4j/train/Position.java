package org.agr4j.train;

/**
 * The point that a run has come to: seed, epoch, examples. Everything that is drawn in a run
 * (order, augmentation, dropout, noise, masks) is a function of it, by name, which makes a resumed
 * run draw the same.
 *
 * @param seed the run's seed
 * @param epoch the current epoch; 1 is the first
 * @param examples examples of it trained on before
 */
public record Position(long seed, int epoch, int examples) {
  private static final long FACTOR = 1_000_003L;
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /** The seed of the random numbers that DL4J draws in a step, dropout's among them. */
  public long seedOfStep() {
    return (seed * FACTOR + epoch) * FACTOR + examples;
  }

  /**
   * The seed of a stream of random numbers.
   *
   * @param stream its name, for example {@code mixup}; streams of other names are others
   */
  public long seedOf(String stream) {
    return seedOfStep() + GOLDEN * stream.hashCode();
  }
}
