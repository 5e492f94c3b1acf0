package org.agr4j.train;

import java.time.Duration;
import org.agr4j.run.EpochMeter;

/** How far a run is and when it will be done, from the time this process has spent on it. */
final class Pace {
  private final int epochs;
  private final int examplesPerEpoch;
  private final String unit;
  private final long startNanos = System.nanoTime();
  private final double startEpochs;

  /** The pace of a process that begins there. */
  Pace(int epochs, int examplesPerEpoch, String unit, EpochMeter begun) {
    this.epochs = epochs;
    this.examplesPerEpoch = examplesPerEpoch;
    this.unit = unit;
    this.startEpochs = epochs(begun);
  }

  private double epochs(EpochMeter meter) {
    return meter.epoch() - 1 + (double) meter.examples() / examplesPerEpoch;
  }

  /** How far a run is that has come to there. */
  Progress after(EpochMeter meter) {
    double done = epochs(meter) - startEpochs;
    double left = epochs - epochs(meter);
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    return new Progress(
        meter.epoch(),
        epochs,
        meter.examples(),
        examplesPerEpoch,
        unit,
        meter.trainLoss(),
        meter.examplesPerSecond(),
        Duration.ofMillis(Math.round(1000 * seconds / done * left)));
  }
}
