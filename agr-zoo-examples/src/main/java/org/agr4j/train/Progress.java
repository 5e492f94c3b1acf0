package org.agr4j.train;

import java.time.Duration;

/**
 * What a progress bar shows of a run: epochs, examples, pace.
 *
 * @param epoch the current epoch; 1 is the first
 * @param epochs all epochs of the run
 * @param examples examples of this epoch trained on so far
 * @param examplesPerEpoch examples of an epoch
 * @param unit what they are called, for example {@code images}
 * @param loss mean loss of this epoch so far
 * @param examplesPerSecond of this epoch so far
 * @param timeLeft to the end of the run, at the speed so far
 */
public record Progress(
    int epoch,
    int epochs,
    int examples,
    int examplesPerEpoch,
    String unit,
    double loss,
    double examplesPerSecond,
    Duration timeLeft) {}
