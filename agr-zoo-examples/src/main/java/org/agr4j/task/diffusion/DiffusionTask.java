package org.agr4j.task.diffusion;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.agr4j.data.Augmentation;
import org.agr4j.data.ImageIterator;
import org.agr4j.data.ImageSet;
import org.agr4j.data.ImageSplits;
import org.agr4j.data.Standardization;
import org.agr4j.diffusion.DiffusionModel;
import org.agr4j.diffusion.ImageFeatures;
import org.agr4j.diffusion.RealFeatures;
import org.agr4j.diffusion.SampleScores;
import org.agr4j.input.BadInputException;
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
  private final RealFeatures real; // null where samples are not measured

  /**
   * A task on images that are there.
   *
   * @param settings the run's
   * @param images with three channels; their standardization is not used
   */
  public DiffusionTask(Settings settings, ImageSplits images) {
    this(settings, images, null);
  }

  private DiffusionTask(Settings settings, ImageSplits images, RealFeatures real) {
    this.settings = settings;
    this.images = images;
    this.real = real;
  }

  /** Reads the images, or takes those of another task on the same. */
  static DiffusionTask open(Settings settings, DiffusionTask before, DataProgress progress) {
    boolean known = before != null && ImageData.isSame(settings, before.settings);
    if (!DiffusionSettings.isJudged(settings)) {
      return new DiffusionTask(
          settings, known ? before.images : ImageData.read(settings, progress));
    }
    ImageFeatures features =
        known && before.isJudgedAs(settings) ? before.real.features() : features(settings);
    requireEnough(settings, features);
    ImageSplits images = known ? before.images : ImageData.read(settings, progress);
    RealFeatures real =
        known && before.isJudgedAs(settings)
            ? before.real
            : new RealFeatures(features, images.train(), RealFeatures.USUAL_COUNT);
    return new DiffusionTask(settings, images, real);
  }

  private boolean isJudgedAs(Settings other) {
    return settings.get(DiffusionSettings.FEATURES).equals(other.get(DiffusionSettings.FEATURES))
        && Objects.equals(
            settings.get(DiffusionSettings.FEATURES_RANGE),
            other.get(DiffusionSettings.FEATURES_RANGE));
  }

  private static ImageFeatures features(Settings settings) {
    ImageFeatures features =
        ImageFeatures.open(
            Path.of(settings.get(DiffusionSettings.FEATURES)),
            settings.get(DiffusionSettings.FEATURES_RANGE));
    int side = ImageData.side(settings);
    features.requireShape(new long[] {3, side, side});
    return features;
  }

  private static void requireEnough(Settings settings, ImageFeatures features) {
    int fewest = SampleScores.fewest(features);
    if (settings.get(DiffusionSettings.FID_SAMPLES) < fewest) {
      throw new BadInputException(
          "%s is %d with %s %s, expected %d or more, more samples than features"
              .formatted(
                  DiffusionSettings.FID_SAMPLES,
                  settings.get(DiffusionSettings.FID_SAMPLES),
                  DiffusionSettings.FEATURES,
                  settings.get(DiffusionSettings.FEATURES),
                  fewest));
    }
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
    DataDigest digest = ImageData.digest(images);
    if (real != null) {
      digest.values().put("features-sha256", real.features().digest());
    }
    return digest;
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
    List<Companion> companions = new ArrayList<>();
    int every = settings.get(DiffusionSettings.SAMPLE_EVERY);
    if (every > 0) {
      companions.add(
          new SampleSheets(
              DiffusionSettings.path(settings),
              shape(),
              settings.get(DiffusionSettings.SAMPLES),
              every,
              settings.get(LoopSettings.EPOCHS)));
    }
    if (real != null) {
      companions.add(
          new SampleDistances(
              real,
              DiffusionSettings.measuredPath(settings),
              shape(),
              settings.get(DiffusionSettings.FID_SAMPLES),
              settings.get(DiffusionSettings.FID_EVERY),
              settings.get(LoopSettings.EPOCHS)));
    }
    return companions;
  }

  @Override
  public Map<String, String> keepsakes() {
    return Map.of(
        DiffusionModel.ENTRY,
        DiffusionModel.describe(shape(), settings.get(DiffusionSettings.TIMES)));
  }

  @Override
  public List<Measure> measures() {
    List<Measure> measures = new ArrayList<>();
    if (real != null) {
      measures.addAll(SampleDistances.measures(real));
    }
    measures.addAll(NoiseErrors.measures());
    return measures;
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
    String loss =
        NoiseErrors.LOSS.inWords(last)
            + String.format(Locale.ROOT, " of %,d test images", images.test().size());
    return real == null
        ? loss
        : "%s of %,d samples, %s"
            .formatted(
                measures().get(0).inWords(last), settings.get(DiffusionSettings.FID_SAMPLES), loss);
  }
}
