package org.agr4j.run;

import java.util.LinkedHashMap;
import java.util.Map;

/** Epochs of image classification, for tests. */
public final class Records {
  private Records() {}

  /** An epoch of 100 images a second, a second of training and one of testing. */
  public static EpochRecord of(
      int epoch, double trainLoss, double testLoss, double top1, double top5) {
    return of(epoch, trainLoss, testLoss, top1, top5, 100, 1, 1);
  }

  /** An epoch. */
  public static EpochRecord of(
      int epoch,
      double trainLoss,
      double testLoss,
      double top1,
      double top5,
      double imagesPerSecond,
      double trainSeconds,
      double testSeconds) {
    Map<String, Double> line = new LinkedHashMap<>();
    line.put("epoch", (double) epoch);
    line.put("train_loss", trainLoss);
    line.put("test_loss", testLoss);
    line.put("top1", top1);
    line.put("top5", top5);
    line.put("images_per_second", imagesPerSecond);
    line.put("train_seconds", trainSeconds);
    line.put("test_seconds", testSeconds);
    return EpochRecord.of(line);
  }
}
