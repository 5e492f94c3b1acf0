package org.agr4j.spark;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.agr4j.data.DatasetChoice;
import org.agr4j.data.ImageSplits;
import org.agr4j.optimizer.OptimizerChoice;
import org.agr4j.settings.Settings;
import org.agr4j.task.classification.AugmentChoice;
import org.agr4j.task.classification.Classification;
import org.agr4j.task.classification.ClassificationTask;
import org.agr4j.task.classification.DataChoice;
import org.agr4j.train.DataProgress;
import org.agr4j.zoo.NamedNetwork;

/** Runs of seconds on built-in images, with a schedule and augmentation. */
final class SmallClusterRuns {
  static final ClusterOptions OPTIONS =
      new ClusterOptions(null, Duration.ofDays(1), 2, Duration.ofMinutes(3), null);

  private SmallClusterRuns() {}

  /**
   * Settings of a ResNet-18 of width 2.
   *
   * @param train training images, in batches of 8: with 60, seven and a half batches
   */
  static ClusterSettings settings(
      OptimizerChoice optimizer, int workers, int averagingFrequency, int train, int epochs) {
    return settings(
        NamedNetwork.RESNET18, 2, optimizer, workers, averagingFrequency, train, epochs);
  }

  /**
   * Settings of a network.
   *
   * @param train training images, in batches of 8
   */
  static ClusterSettings settings(
      NamedNetwork network,
      int width,
      OptimizerChoice optimizer,
      int workers,
      int averagingFrequency,
      int train,
      int epochs) {
    Map<String, Object> given = new HashMap<>();
    given.put("model", network.label());
    given.put("width", width);
    if (network.dropPath() != null) {
      given.put("drop-path", 0.0); // so that one machine's steps are the workers'
    }
    given.put("dataset", DatasetChoice.CIFAR10);
    given.put("data", DataChoice.SYNTHETIC);
    given.put("limit-train", train);
    given.put("limit-test", 20);
    given.put("augment", AugmentChoice.STANDARD);
    given.put("rand-augment", 2);
    given.put("erasing", 0.25);
    given.put("optimizer", optimizer);
    given.put("learning-rate", 3e-3);
    given.put("warmup-epochs", 0.5);
    given.put("epochs", epochs);
    given.put("batch-size", 8);
    given.put("gradient-clipping", 1.0);
    given.put("seed", 7L);
    Classification type = new Classification();
    return new ClusterSettings(
        Settings.of(type.settings(DataProgress.SILENT), given, type::check),
        ClusterMode.AVERAGING,
        workers,
        averagingFrequency);
  }

  static ImageSplits data(ClusterSettings settings) {
    return task(settings).images();
  }

  static ClassificationTask task(ClusterSettings settings) {
    return (ClassificationTask)
        new Classification().open(settings.run(), null, DataProgress.SILENT);
  }
}
