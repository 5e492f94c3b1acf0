package org.agr4j.spark;

import java.time.Duration;
import org.agr4j.data.DatasetChoice;
import org.agr4j.data.ImageSplits;
import org.agr4j.train.AugmentChoice;
import org.agr4j.train.DataChoice;
import org.agr4j.train.LearningRateSettings;
import org.agr4j.train.ModelChoice;
import org.agr4j.train.OptimizerChoice;
import org.agr4j.train.OptimizerSettings;
import org.agr4j.train.ScheduleChoice;
import org.agr4j.train.TrainSettings;

/** Runs of seconds: a ResNet-18 of width 2 on built-in images, with a schedule and augmentation. */
final class SmallClusterRuns {
  static final ClusterOptions OPTIONS =
      new ClusterOptions(null, Duration.ofDays(1), 2, Duration.ofMinutes(3), null);

  private SmallClusterRuns() {}

  /**
   * Settings.
   *
   * @param train training images, in batches of 8: with 60, seven and a half batches
   */
  static ClusterSettings settings(
      OptimizerChoice optimizer, int workers, int averagingFrequency, int train, int epochs) {
    TrainSettings training =
        new TrainSettings(
            ModelChoice.RESNET18,
            2,
            DatasetChoice.CIFAR10,
            TrainSettings.SYNTHETIC,
            train,
            20,
            AugmentChoice.STANDARD,
            OptimizerSettings.of(optimizer, 5e-4),
            new LearningRateSettings(3e-3, ScheduleChoice.COSINE, 0.5, java.util.List.of(), 0.2, 0),
            epochs,
            8,
            0,
            1,
            7);
    return new ClusterSettings(training, ClusterMode.AVERAGING, workers, averagingFrequency);
  }

  static ImageSplits data(ClusterSettings settings) {
    return DataChoice.load(settings.training());
  }
}
