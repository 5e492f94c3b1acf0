package org.agr4j.train;

import java.util.List;
import org.agr4j.data.DatasetChoice;
import org.agr4j.data.ImageSet;
import org.agr4j.data.ImageSplits;

/** Runs that take a second. */
final class SmallRuns {
  private static final int TRAIN = 40;
  private static final int TEST = 20;

  private SmallRuns() {}

  /** Every setting that acts at all does; three steps an epoch. */
  static TrainSettings everything(OptimizerChoice optimizer, int epochs) {
    return everything(ModelChoice.RESNET18, optimizer, epochs);
  }

  /** A network with dropout, for whole images. */
  static TrainSettings vgg(int epochs) {
    return everything(ModelChoice.VGG11, OptimizerChoice.ADAMW_AGR, epochs);
  }

  /** Another network, two epochs. */
  static TrainSettings network(ModelChoice model, int width) {
    return everything(model, width, OptimizerChoice.ADAMW_AGR, 2);
  }

  /** A constant learning rate and nothing else that is not told. */
  static TrainSettings plain(
      OptimizerSettings optimizer, int epochs, double labelSmoothing, double gradientClipping) {
    return new TrainSettings(
        ModelChoice.RESNET18,
        2,
        DatasetChoice.CIFAR10,
        TrainSettings.SYNTHETIC,
        TRAIN,
        TEST,
        AugmentChoice.NONE,
        optimizer,
        LearningRateSettings.constant(5e-3),
        epochs,
        16,
        labelSmoothing,
        gradientClipping,
        3);
  }

  private static TrainSettings everything(
      ModelChoice model, OptimizerChoice optimizer, int epochs) {
    return everything(model, 2, optimizer, epochs);
  }

  private static TrainSettings everything(
      ModelChoice model, int width, OptimizerChoice optimizer, int epochs) {
    return new TrainSettings(
        model,
        width,
        DatasetChoice.CIFAR10,
        TrainSettings.SYNTHETIC,
        TRAIN,
        TEST,
        AugmentChoice.STANDARD,
        OptimizerSettings.of(optimizer, 5e-4),
        new LearningRateSettings(5e-3, ScheduleChoice.COSINE, 0.5, List.of(), 0.2, 1e-5),
        epochs,
        16,
        0.1,
        1,
        3);
  }

  /** Synthetic images, every fourth pixel in each direction: 8×8. */
  static ImageSplits images() {
    ImageSplits whole = DataChoice.load(everything(OptimizerChoice.ADAM, 1));
    return new ImageSplits(small(whole.train()), small(whole.test()), whole.standardization());
  }

  private static ImageSet small(ImageSet images) {
    byte[] pixels = new byte[images.size() * 3 * 64];
    int[] labels = new int[images.size()];
    int at = 0;
    for (int i = 0; i < labels.length; i++) {
      labels[i] = images.label(i);
      for (int p = 0; p < 3 * 64; p++) {
        pixels[at++] = (byte) images.pixel(i, p / 64, p / 8 % 8 * 4, p % 8 * 4);
      }
    }
    return new ImageSet(pixels, labels, 3, 8, 8, images.classes());
  }
}
