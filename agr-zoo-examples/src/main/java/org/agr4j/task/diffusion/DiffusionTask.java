package org.agr4j.task.diffusion;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.agr4j.data.Augmentation;
import org.agr4j.data.ImageIterator;
import org.agr4j.data.ImageSet;
import org.agr4j.data.ImageSplits;
import org.agr4j.data.Standardization;
import org.agr4j.diffusion.DiffusionModel;
import org.agr4j.layers.cpu.ActivationMemory;
import org.agr4j.layers.cpu.FastCpuLayers;
import org.agr4j.optimizer.OptimizerSettings;
import org.agr4j.run.DataDigest;
import org.agr4j.run.EpochRecord;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Settings;
import org.agr4j.task.classification.ClassificationSettings;
import org.agr4j.task.classification.ImageData;
import org.agr4j.train.BatchTransform;
import org.agr4j.train.Batches;
import org.agr4j.train.Companion;
import org.agr4j.train.DataProgress;
import org.agr4j.train.Measure;
import org.agr4j.train.Task;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** The denoising of the images of a data set, brought to −1 … 1. */
public final class DiffusionTask implements Task {
  private static final Standardization TO_ONE =
      new Standardization(new double[] {0.5, 0.5, 0.5}, new double[] {0.5, 0.5, 0.5});

  private final Settings settings;
  private final ImageSplits images;

  /**
   * A task on images that are there.
   *
   * @param settings the run's
   * @param images with three channels; their standardization is not used
   */
  public DiffusionTask(Settings settings, ImageSplits images) {
    this.settings = settings;
    this.images = images;
  }

  /** Reads the images, or takes those of another task on the same. */
  static DiffusionTask open(Settings settings, DiffusionTask before, DataProgress progress) {
    boolean known = before != null && ImageData.isSame(settings, before.settings);
    return new DiffusionTask(settings, known ? before.images : ImageData.read(settings, progress));
  }

  @Override
  public String unit() {
    return "images";
  }

  @Override
  public int trainExamples() {
    return Math.min(images.train().size(), stepsPerEpoch() * batchSize());
  }

  @Override
  public int stepsPerEpoch() {
    return DiffusionSettings.steps(settings);
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

  private long[] shape() {
    ImageSet train = images.train();
    return new long[] {train.channels(), train.height(), train.width()};
  }

  @Override
  public ComputationGraphConfiguration network() {
    ImageSet train = images.train();
    return DiffusionSettings.network(settings, train.channels(), train.height(), train.width());
  }

  @Override
  public String prepare(ComputationGraph graph) {
    ImageSet train = images.train();
    ActivationMemory.reserve(
        graph,
        Math.min(batchSize(), train.size()),
        InputType.convolutional(train.height(), train.width(), train.channels()),
        InputType.feedForward(1));
    return FastCpuLayers.install(graph);
  }

  @Override
  public Batches batches(int workers) {
    return new WholeBatches(
        ImageIterator.augmented(
            images.train(),
            TO_ONE,
            batchSize(),
            settings.get(LoopSettings.SEED),
            new Augmentation(0, settings.get(DiffusionSettings.FLIP), 0),
            workers),
        trainExamples());
  }

  @Override
  public List<BatchTransform> transforms() {
    return List.of(new Noising(settings.get(DiffusionSettings.TIMES)));
  }

  @Override
  public List<Companion> companions() {
    int every = settings.get(DiffusionSettings.SAMPLE_EVERY);
    return every == 0
        ? List.of()
        : List.of(
            new SampleSheets(
                DiffusionSettings.path(settings),
                shape(),
                settings.get(DiffusionSettings.SAMPLES),
                every,
                settings.get(LoopSettings.EPOCHS)));
  }

  @Override
  public Map<String, String> keepsakes() {
    return Map.of(
        DiffusionModel.ENTRY,
        DiffusionModel.describe(shape(), settings.get(DiffusionSettings.TIMES)));
  }

  @Override
  public List<Measure> measures() {
    return NoiseErrors.measures();
  }

  @Override
  public Map<String, Double> measure(ComputationGraph graph) {
    return NoiseErrors.of(
        graph,
        ImageIterator.inOrder(images.test(), TO_ONE, batchSize()),
        DiffusionSettings.schedule(settings));
  }

  @Override
  public String title() {
    return "%s, width %d, on %s images"
        .formatted(
            settings.get(LoopSettings.MODEL),
            settings.get(ClassificationSettings.WIDTH),
            ImageData.title(settings));
  }

  @Override
  public String summary() {
    return String.format(
        Locale.ROOT,
        "Training %s (width %d) with %s on %,d %s images, testing on %,d.",
        settings.get(LoopSettings.MODEL),
        settings.get(ClassificationSettings.WIDTH),
        settings.get(OptimizerSettings.OPTIMIZER),
        trainExamples(),
        ImageData.title(settings),
        images.test().size());
  }

  @Override
  public String scope() {
    return String.format(
        Locale.ROOT,
        "%,d %s images, testing on %,d",
        trainExamples(),
        ImageData.title(settings),
        images.test().size());
  }

  @Override
  public String dataName() {
    return ImageData.name(settings);
  }

  @Override
  public String result(EpochRecord last) {
    return NoiseErrors.LOSS.inWords(last)
        + String.format(Locale.ROOT, " of %,d test images", images.test().size());
  }
}
