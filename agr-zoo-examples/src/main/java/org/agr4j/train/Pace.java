package org.agr4j.train;

import java.time.Duration;

/** Tells how far a run is and when it will be done, from the time this process has spent on it. */
public final class Pace {
  private final TrainSettings settings;
  private final long startNanos = System.nanoTime();
  private final double startEpochs;

  /** From where this process begins. */
  public Pace(TrainSettings settings, EpochMeter begun) {
    this.settings = settings;
    this.startEpochs = epochs(begun);
  }

  private double epochs(EpochMeter meter) {
    return meter.epoch() - 1 + (double) meter.images() / settings.limitTrain();
  }

  /** How far a run is that has come to there. */
  public Progress after(EpochMeter meter) {
    double done = epochs(meter) - startEpochs;
    double left = settings.epochs() - epochs(meter);
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    return new Progress(
        meter.epoch(),
        settings.epochs(),
        meter.images(),
        settings.limitTrain(),
        meter.trainLoss(),
        meter.imagesPerSecond(),
        Duration.ofMillis(Math.round(1000 * seconds / done * left)));
  }
}
