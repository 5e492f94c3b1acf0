package org.agr4j.task.classification;

import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.agr4j.data.DatasetChoice;
import org.agr4j.data.ImageCounts;
import org.agr4j.data.OfficialArchive;
import org.agr4j.input.BadInputException;
import org.agr4j.optimizer.LearningRateSettings;
import org.agr4j.optimizer.OptimizerSettings;
import org.agr4j.settings.Fact;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Setting;
import org.agr4j.settings.Settings;
import org.agr4j.settings.SettingsFile;
import org.agr4j.train.DataProgress;
import org.agr4j.zoo.NamedNetwork;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * The settings of image classification. Defaults are those of the paper's CIFAR-100 experiments; on
 * the built-in data, small enough for a quarter of a minute on two cores.
 */
public final class ClassificationSettings {
  /** The data set. */
  public static final Setting<DatasetChoice> DATASET =
      Setting.choice("dataset", "NAME", DatasetChoice.class)
          .help(
              "%s (default cifar100, its fine labels; folder: your own images, in class folders).")
          // No constant, which files of settings would hold as if it had been given: real data is
          // used
          // only where it was asked for.
          .fallback(s -> DatasetChoice.CIFAR100);

  /** Where its images lie. */
  public static final Setting<String> DATA =
      Setting.place(SettingsFile.DATA, "PATH", DataChoice.SYNTHETIC)
          .help(
              "The official archive (.tar.gz, .zip), the folder it extracts to, or 'synthetic'; your own "
                  + "images as train/CLASS/… and val/CLASS/… or CLASS/…, a folder or zip. "
                  + "Default: what lies in DL4J's cache folder.")
          .movable();

  /** Whether the archive is fetched where it is not there. */
  public static final Setting<Boolean> DOWNLOAD =
      Setting.flag("download")
          .help("Download the official archive into DL4J's cache folder if it is not there.")
          .fallback(false)
          .storedIf(settings -> false);

  private static final int MOST_CHANNELS = 8192;
  private static final int DEFAULT_EPOCHS = 200;
  private static final int DEFAULT_BATCH_SIZE = 128;
  private static final double SYNTHETIC_RATE_FACTOR = 3;
  private static final int SYNTHETIC_EPOCHS = 3;
  private static final int SYNTHETIC_BATCH_SIZE = 20;
  private static final int SYNTHETIC_TRAIN = 1200;
  private static final int SYNTHETIC_TEST = 500;

  /** Channels of the network's first stage. */
  public static final Setting<Integer> WIDTH =
      Setting.whole("width", "N")
          .help(
              "Channels of the first stage. Default as published (resnets, vgg11, tinyvit-5m, "
                  + "-11m 64, others 96), built-in data about 8.")
          // Parameters grow with its square: more of them than memory holds anywhere.
          .check(n -> n >= 1 && n <= MOST_CHANNELS, "a whole number from 1 to " + MOST_CHANNELS)
          .fallback(s -> isSynthetic(s) ? model(s).narrowWidth() : model(s).width());

  /** The number of training images. */
  public static final Setting<Integer> LIMIT_TRAIN =
      limit("limit-train", "Train", "%,d training images", SYNTHETIC_TRAIN, ImageCounts::train);

  /** The number of test images. */
  public static final Setting<Integer> LIMIT_TEST = limitTest(SYNTHETIC_TEST);

  /** ε: a class is trained towards 1 − ε + ε/classes. */
  public static final Setting<Double> LABEL_SMOOTHING =
      Setting.number("label-smoothing", "NUMBER")
          .help("Share of the label given to all classes, 0 to 1 (default 0).")
          .check(v -> v >= 0 && v < 1, "a number >= 0 and < 1")
          .fallback(0.0)
          .fact(
              Fact.of(
                  Fact.Line.REST, "label smoothing ", v -> v == 0 ? "none" : String.valueOf(v)));

  /** α of mixup; 0 is none. */
  public static final Setting<Double> MIXUP = mixing("mixup", "images are blended in pairs");

  /** α of cutmix; 0 is none. */
  public static final Setting<Double> CUTMIX = mixing("cutmix", "images exchange a box in pairs");

  private static Setting<Double> mixing(String name, String what) {
    return Setting.number(name, "NUMBER")
        .help(
            "Every batch is mixed: %s, by a share drawn from Beta(N, N). With mixup and cutmix, half of the batches each (default 0, none)."
                .formatted(what))
        .check(v -> v >= 0 && v <= 100, "a number from 0 to 100")
        .fallback(0.0)
        .storedIf(s -> s.get(MIXUP) > 0 || s.get(CUTMIX) > 0)
        .fact(Fact.of(Fact.Line.REST, name + " ", v -> v == 0 ? null : String.valueOf(v)));
  }

  private ClassificationSettings() {}

  /** The network that is trained. */
  static NamedNetwork model(Settings settings) {
    return NamedNetwork.of(settings.get(LoopSettings.MODEL)).orElseThrow();
  }

  /** All of them, in the order of help and facts. */
  static List<Setting<?>> all(DataProgress progress) {
    List<Setting<?>> first =
        List.of(
            LoopSettings.MODEL
                .among(NamedNetwork.labels(network -> true))
                .help("Network: %s (default resnet18).")
                .fallback(NamedNetwork.RESNET18.label()),
            DATASET,
            DOWNLOAD,
            DATA.fallback(s -> standardPlace(s, progress)),
            WIDTH);
    List<Setting<?>> length =
        List.of(
            LoopSettings.EPOCHS
                .help("Default 200, built-in data " + SYNTHETIC_EPOCHS + ".")
                .fallback(s -> isSynthetic(s) ? SYNTHETIC_EPOCHS : DEFAULT_EPOCHS),
            LoopSettings.BATCH_SIZE
                .help("Default 128, built-in data " + SYNTHETIC_BATCH_SIZE + ".")
                .fallback(s -> isSynthetic(s) ? SYNTHETIC_BATCH_SIZE : DEFAULT_BATCH_SIZE));
    List<Setting<?>> optimizer =
        List.of(
            OptimizerSettings.OPTIMIZER,
            OptimizerSettings.AGR_MODE,
            OptimizerSettings.AGR_UNTIL,
            LearningRateSettings.LEARNING_RATE
                .help("Default 0.001, nesterovs 0.1; built-in data three times that.")
                .fallback(
                    s ->
                        (isSynthetic(s) ? SYNTHETIC_RATE_FACTOR : 1)
                            * s.get(OptimizerSettings.OPTIMIZER).defaultLearningRate()));
    List<Setting<?>> last =
        List.of(
            OptimizerSettings.WEIGHT_DECAY,
            OptimizerSettings.TENSORS,
            LABEL_SMOOTHING,
            MIXUP,
            CUTMIX,
            LoopSettings.GRADIENT_CLIPPING,
            LoopSettings.WEIGHT_AVERAGE,
            LoopSettings.SEED);
    return Stream.of(
            first,
            NetworkSettings.all(),
            FolderSettings.ofImages(),
            List.<Setting<?>>of(LIMIT_TRAIN, LIMIT_TEST),
            FolderSettings.measured(progress),
            length,
            AugmentationSettings.all(),
            optimizer,
            LearningRateSettings.ofSchedule(),
            last)
        .<Setting<?>>flatMap(List::stream)
        .toList();
  }

  /** The number of test images, with another default for made-up ones. */
  public static Setting<Integer> limitTest(int ofSynthetic) {
    return limit("limit-test", "Test", "%,d test images", ofSynthetic, ImageCounts::test);
  }

  /** The images; those that are there are counted only where no number is given. */
  private static Setting<Integer> limit(
      String name, String verb, String fact, int ofSynthetic, ToIntFunction<ImageCounts> count) {
    return Setting.whole(name, "N")
        .help(
            "%s on the first N images. Default all, built-in data %d.".formatted(verb, ofSynthetic))
        .check(n -> n >= 1, "a whole number > 0")
        .fallback(
            s ->
                isSynthetic(s)
                    ? ofSynthetic
                    : count.applyAsInt(
                        FolderSettings.isFolder(s)
                            ? FolderSettings.count(s)
                            : DataChoice.available(s.get(DATASET), s.get(DATA))))
        .fact(Fact.of(Fact.Line.DATA, "", n -> String.format(Locale.ROOT, fact, n)));
  }

  /** Whether the images are made up. */
  public static boolean isSynthetic(Settings settings) {
    return settings.get(DATA).equals(DataChoice.SYNTHETIC);
  }

  /** Never synthetic data where a data set was asked for. */
  static String standardPlace(Settings s, DataProgress progress) {
    if (!s.get(DATASET).isPublished()) {
      throw new BadInputException(
          "--dataset %s needs --data, a folder or zip archive with your images"
              .formatted(s.get(DATASET)));
    }
    if (!s.isGiven(DATASET) && !s.get(DOWNLOAD)) {
      return DataChoice.SYNTHETIC;
    }
    OfficialArchive official = s.get(DATASET).archive();
    try (DataProgress.Bar bar =
        progress.begin(
            "Downloading " + official.uri(),
            official.fileName(),
            official.bytes(),
            " MB",
            1_000_000)) {
      return DataChoice.cached(official, s.get(DOWNLOAD), bar).toString();
    }
  }

  /** Refuses settings that do not fit together. */
  static void check(Settings s) {
    int divisor = model(s).widthDivisor();
    if (s.get(WIDTH) % divisor != 0) {
      throw new BadInputException(
          "--width is %d with --model %s, expected a multiple of %d, which its heads divide"
              .formatted(s.get(WIDTH), model(s), divisor));
    }
    ImageData.check(s);
    NetworkSettings.check(s);
    requireFit(s);
    int batch = s.get(LoopSettings.BATCH_SIZE);
    OptimizerSettings.check(s, (s.get(LIMIT_TRAIN) - 1) / batch + 1);
  }

  /** Refuses a network that does not fit before images are read; by default it fits data sets. */
  private static void requireFit(Settings s) {
    boolean folder = FolderSettings.isFolder(s);
    if (folder || s.has(NetworkSettings.PATCH) || s.has(NetworkSettings.WINDOW)) {
      int side = folder ? s.get(FolderSettings.SIDE) : s.get(DATASET).side();
      network(s, 3, side, side, 2);
    }
  }

  /**
   * The network of a run, without an optimizer.
   *
   * @param s the run's settings
   * @param channels of an image
   * @param height of an image
   * @param width of an image
   * @param classes number of classes
   * @throws BadInputException if it does not fit
   */
  static ComputationGraphConfiguration network(
      Settings s, int channels, int height, int width, int classes) {
    try {
      return model(s)
          .builder(channels, height, width, NetworkSettings.options(s))
          .numClasses(classes)
          .width(s.get(WIDTH))
          .seed(s.get(LoopSettings.SEED))
          .updater(new NoOp())
          .build()
          .conf();
    } catch (IllegalArgumentException e) {
      throw new BadInputException("--model " + model(s) + " does not fit: " + e.getMessage(), e);
    }
  }

  /** The images' name in a sentence. */
  static String dataTitle(Settings s) {
    return isSynthetic(s) ? "built-in synthetic" : s.get(DATASET).title();
  }
}
