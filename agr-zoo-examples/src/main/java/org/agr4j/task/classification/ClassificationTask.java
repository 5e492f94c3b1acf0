package org.agr4j.task.classification;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.agr4j.data.Augmentation;
import org.agr4j.data.ImageIterator;
import org.agr4j.data.ImagePreparation;
import org.agr4j.data.ImageSet;
import org.agr4j.data.ImageSplits;
import org.agr4j.data.image.ImageFit;
import org.agr4j.layers.cpu.ActivationMemory;
import org.agr4j.layers.cpu.FastCpuLayers;
import org.agr4j.optimizer.OptimizerSettings;
import org.agr4j.run.DataDigest;
import org.agr4j.run.EpochRecord;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Settings;
import org.agr4j.train.BatchTransform;
import org.agr4j.train.Batches;
import org.agr4j.train.DataProgress;
import org.agr4j.train.Measure;
import org.agr4j.train.Task;
import org.agr4j.zoo.NamedNetwork;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** The classification of the images of a data set by one network. */
public final class ClassificationTask implements Task {
  /** The fraction of test images whose class is the most probable one. */
  public static final Measure TOP1 = new Measure("top1", "top-1", "Test accuracy", "%", false);

  /** The fraction of test images whose class is among the five most probable. */
  public static final Measure TOP5 =
      new Measure("top5", "top-5", "Test accuracy, top-5", "%", false);

  /** The mean cross entropy of the test images. */
  public static final Measure TEST_LOSS =
      new Measure("test_loss", "test loss", "Test loss", "cross entropy, nats", true);

  /** What is known after an epoch; top-1 accuracy is compared. */
  public static final List<Measure> MEASURES =
      List.of(TOP1, TOP5, Measure.trainLoss("cross entropy, nats"), TEST_LOSS);

  private final Settings settings;
  private final ImageSplits images;

  /**
   * A task on images that are there.
   *
   * @param settings the run's; their limits are the numbers of images
   * @param images the images
   */
  public ClassificationTask(Settings settings, ImageSplits images) {
    int train = settings.get(ClassificationSettings.LIMIT_TRAIN);
    int test = settings.get(ClassificationSettings.LIMIT_TEST);
    if (train != images.train().size() || test != images.test().size()) {
      throw new IllegalArgumentException(
          "data has %d training and %d test images, expected %d and %d"
              .formatted(images.train().size(), images.test().size(), train, test));
    }
    this.settings = settings;
    this.images = images;
  }

  /** Reads the images, or takes those of another task on the same. */
  static ClassificationTask open(
      Settings settings, ClassificationTask before, DataProgress progress) {
    if (before != null && isSameData(settings, before.settings)) {
      return new ClassificationTask(settings, before.images);
    }
    return new ClassificationTask(settings, ImageData.read(settings, progress));
  }

  private static boolean isSameData(Settings a, Settings b) {
    return ImageData.isSame(a, b)
        && Objects.equals(a.get(FolderSettings.MEAN), b.get(FolderSettings.MEAN))
        && Objects.equals(a.get(FolderSettings.DEVIATION), b.get(FolderSettings.DEVIATION));
  }

  /** Training and test images of this task. */
  public ImageSplits images() {
    return images;
  }

  @Override
  public String unit() {
    return "images";
  }

  @Override
  public int trainExamples() {
    return images.train().size();
  }

  @Override
  public int stepsPerEpoch() {
    return (trainExamples() - 1) / batchSize() + 1;
  }

  private int batchSize() {
    return settings.get(LoopSettings.BATCH_SIZE);
  }

  @Override
  public DataDigest digest() {
    return ImageData.digest(images);
  }

  @Override
  public String place() {
    return settings.get(ClassificationSettings.DATA);
  }

  private NamedNetwork model() {
    return ClassificationSettings.model(settings);
  }

  @Override
  public ComputationGraphConfiguration network() {
    ImageSet train = images.train();
    return ClassificationSettings.network(
        settings, train.channels(), train.height(), train.width(), train.classes());
  }

  @Override
  public String prepare(ComputationGraph graph) {
    ImageSet train = images.train();
    ActivationMemory.reserve(
        graph,
        Math.min(batchSize(), train.size()),
        InputType.convolutional(train.height(), train.width(), train.channels()));
    return FastCpuLayers.install(graph);
  }

  @Override
  public Batches batches(int workers) {
    return new ImageBatches(
        ImageIterator.augmented(
            images.train(),
            images.standardization(),
            batchSize(),
            settings.get(LoopSettings.SEED),
            augmentation(),
            workers));
  }

  /** What is done to a training image each time it is used. */
  public Augmentation augmentation() {
    return AugmentationSettings.of(settings, images.train());
  }

  @Override
  public List<BatchTransform> transforms() {
    double smoothing = settings.get(ClassificationSettings.LABEL_SMOOTHING);
    double mixup = settings.get(ClassificationSettings.MIXUP);
    double cutmix = settings.get(ClassificationSettings.CUTMIX);
    List<BatchTransform> transforms = new ArrayList<>();
    if (smoothing > 0) {
      transforms.add(new LabelSmoothing(smoothing));
    }
    if (mixup > 0 || cutmix > 0) {
      transforms.add(new ImageMixing(mixup, cutmix));
    }
    return transforms;
  }

  @Override
  public List<Measure> measures() {
    return MEASURES;
  }

  @Override
  public Map<String, Double> measure(ComputationGraph graph) {
    return measured(
        Scores.of(
            graph, ImageIterator.inOrder(images.test(), images.standardization(), batchSize())));
  }

  /** Test loss and accuracies, by the keys of the measures. */
  public static Map<String, Double> measured(Scores scores) {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put(TEST_LOSS.key(), scores.loss());
    values.put(TOP1.key(), scores.top1());
    values.put(TOP5.key(), scores.top5());
    return values;
  }

  @Override
  public String title() {
    return "%s, width %d, on %s images"
        .formatted(
            model(),
            settings.get(ClassificationSettings.WIDTH),
            ClassificationSettings.dataTitle(settings));
  }

  @Override
  public String summary() {
    return String.format(
        Locale.ROOT,
        "Training %s (width %d) with %s on %,d %s images of %d classes, testing on %,d.",
        model(),
        settings.get(ClassificationSettings.WIDTH),
        settings.get(OptimizerSettings.OPTIMIZER),
        trainExamples(),
        ClassificationSettings.dataTitle(settings),
        images.train().classes(),
        images.test().size());
  }

  @Override
  public String scope() {
    return String.format(
        Locale.ROOT,
        "%,d %s images, testing on %,d",
        trainExamples(),
        ClassificationSettings.dataTitle(settings),
        images.test().size());
  }

  @Override
  public String dataName() {
    return ImageData.name(settings);
  }

  @Override
  public String result(EpochRecord last) {
    return String.format(
        Locale.ROOT,
        "%s, %s of %,d test images",
        TOP1.inWords(last),
        TOP5.inWords(last),
        images.test().size());
  }

  @Override
  public Map<String, String> keepsakes() {
    ImageFit fit =
        FolderSettings.isFolder(settings) ? settings.get(FolderSettings.FIT) : ImageFit.CROP;
    return Map.of(ImagePreparation.ENTRY, ImagePreparation.of(images, fit).toJson());
  }
}
