package org.agr4j.train;

/**
 * What one epoch came to: one line of the metrics file.
 *
 * @param epoch 1 is the first
 * @param trainLoss mean cross entropy of the training images in nats, each at the step that used
 *     it, without decay terms
 * @param testLoss mean cross entropy of the test images in nats, after the epoch
 * @param top1 fraction of test images whose class is the most probable one
 * @param top5 fraction of test images whose class is among the five most probable
 * @param imagesPerSecond training images a second
 * @param trainSeconds duration of training
 * @param testSeconds duration of the test
 */
public record EpochMetrics(
    int epoch,
    double trainLoss,
    double testLoss,
    double top1,
    double top5,
    double imagesPerSecond,
    double trainSeconds,
    double testSeconds) {

  /** Of an epoch that was trained and tested. */
  public static EpochMetrics of(EpochMeter trained, Scores test, double testSeconds) {
    return new EpochMetrics(
        trained.epoch(),
        trained.trainLoss(),
        test.loss(),
        test.top1(),
        test.top5(),
        trained.imagesPerSecond(),
        trained.trainSeconds(),
        testSeconds);
  }
}
