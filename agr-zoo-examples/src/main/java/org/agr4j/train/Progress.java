package org.agr4j.train;

import java.time.Duration;

/**
 * How far a run is.
 *
 * @param epoch the current epoch; 1 is the first
 * @param epochs all epochs of the run
 * @param images images of this epoch trained on so far
 * @param imagesPerEpoch images of an epoch
 * @param loss mean loss of this epoch so far
 * @param imagesPerSecond of this epoch so far
 * @param timeLeft to the end of the run, at the speed so far
 */
public record Progress(
    int epoch,
    int epochs,
    int images,
    int imagesPerEpoch,
    double loss,
    double imagesPerSecond,
    Duration timeLeft) {}
