package org.agr4j.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.agr4j.data.DatasetChoice;
import org.agr4j.data.ImageSet;
import org.agr4j.data.ImageSplits;
import org.agr4j.optimizer.LearningRateSettings;
import org.agr4j.optimizer.OptimizerChoice;
import org.agr4j.optimizer.OptimizerSettings;
import org.agr4j.optimizer.ScheduleChoice;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Setting;
import org.agr4j.settings.Settings;
import org.agr4j.task.classification.AugmentChoice;
import org.agr4j.task.classification.AugmentationSettings;
import org.agr4j.task.classification.Classification;
import org.agr4j.task.classification.ClassificationSettings;
import org.agr4j.task.classification.ClassificationTask;
import org.agr4j.task.classification.DataChoice;
import org.agr4j.zoo.NamedNetwork;

/** Runs that take a second. */
public final class SmallRuns {
  private static final int TRAIN = 40;
  private static final int TEST = 20;

  /** Settings one after the other. */
  public static final class Given {
    private final Map<String, Object> values = new LinkedHashMap<>();

    /** Gives one more. */
    public <T> Given with(Setting<T> setting, T value) {
      values.put(setting.name(), value);
      return this;
    }

    /** Completed and checked. */
    public Settings settings() {
      Classification type = new Classification();
      return Settings.of(type.settings(DataProgress.SILENT), values, type::check);
    }
  }

  private SmallRuns() {}

  /** Synthetic CIFAR-10, width 2, batches of 16: three steps an epoch. */
  public static Given given() {
    return new Given()
        .with(LoopSettings.MODEL, NamedNetwork.RESNET18.label())
        .with(ClassificationSettings.WIDTH, 2)
        .with(ClassificationSettings.DATASET, DatasetChoice.CIFAR10)
        .with(ClassificationSettings.DATA, DataChoice.SYNTHETIC)
        .with(ClassificationSettings.LIMIT_TRAIN, TRAIN)
        .with(ClassificationSettings.LIMIT_TEST, TEST)
        .with(LoopSettings.BATCH_SIZE, 16)
        .with(LearningRateSettings.LEARNING_RATE, 5e-3)
        .with(LoopSettings.SEED, 3L);
  }

  /** Every setting that acts at all does. */
  static Settings everything(OptimizerChoice optimizer, int epochs) {
    return everything(NamedNetwork.RESNET18, 2, optimizer, epochs).settings();
  }

  /** A network with dropout, for whole images. */
  static Settings vgg(int epochs) {
    return everything(NamedNetwork.VGG11, 2, OptimizerChoice.ADAMW_AGR, epochs).settings();
  }

  /** Another network, two epochs. */
  static Settings network(NamedNetwork model, int width) {
    return everything(model, width, OptimizerChoice.ADAMW_AGR, 2).settings();
  }

  /** A constant learning rate and nothing else that is not told. */
  static Settings plain(
      OptimizerSettings optimizer, int epochs, double labelSmoothing, double gradientClipping) {
    return given()
        .with(LearningRateSettings.SCHEDULE, ScheduleChoice.CONSTANT)
        .with(OptimizerSettings.OPTIMIZER, optimizer.choice())
        .with(OptimizerSettings.WEIGHT_DECAY, optimizer.weightDecay())
        .with(OptimizerSettings.AGR_MODE, optimizer.agrMode())
        .with(OptimizerSettings.AGR_UNTIL, optimizer.agrUntil())
        .with(OptimizerSettings.TENSORS, optimizer.tensors())
        .with(LoopSettings.EPOCHS, epochs)
        .with(ClassificationSettings.LABEL_SMOOTHING, labelSmoothing)
        .with(LoopSettings.GRADIENT_CLIPPING, gradientClipping)
        .settings();
  }

  /** Every setting that acts at all, still to be changed. */
  static Given everything(NamedNetwork model, int width, OptimizerChoice optimizer, int epochs) {
    return given()
        .with(LoopSettings.MODEL, model.label())
        .with(ClassificationSettings.WIDTH, width)
        .with(AugmentationSettings.AUGMENT, AugmentChoice.STANDARD)
        .with(AugmentationSettings.RAND_AUGMENT, 2)
        .with(AugmentationSettings.ERASING, 0.25)
        .with(ClassificationSettings.MIXUP, 0.8)
        .with(ClassificationSettings.CUTMIX, 1.0)
        .with(OptimizerSettings.OPTIMIZER, optimizer)
        .with(LearningRateSettings.WARMUP_EPOCHS, 0.5)
        .with(LearningRateSettings.MIN_LEARNING_RATE, 1e-5)
        .with(LoopSettings.EPOCHS, epochs)
        .with(ClassificationSettings.LABEL_SMOOTHING, 0.1)
        .with(LoopSettings.GRADIENT_CLIPPING, 1.0);
  }

  /** A task that is not trained. */
  public static Task task() {
    return task(given().settings(), images());
  }

  /** A task on images that are there. */
  static Task task(Settings settings, ImageSplits images) {
    return new ClassificationTask(settings, images);
  }

  /** Synthetic images of whole size. */
  static ImageSplits wholeImages() {
    return DataChoice.load(DatasetChoice.CIFAR10, DataChoice.SYNTHETIC, TRAIN, TEST, done -> {});
  }

  /** Synthetic images, every fourth pixel in each direction: 8×8. */
  static ImageSplits images() {
    ImageSplits whole = wholeImages();
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
