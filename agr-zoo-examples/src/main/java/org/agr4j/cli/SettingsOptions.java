package org.agr4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToIntFunction;
import org.agr4j.data.BadInputException;
import org.agr4j.data.DatasetChoice;
import org.agr4j.data.ImageCounts;
import org.agr4j.data.ImageSplits;
import org.agr4j.train.AugmentChoice;
import org.agr4j.train.DataChoice;
import org.agr4j.train.LearningRateSettings;
import org.agr4j.train.ModelChoice;
import org.agr4j.train.OptimizerChoice;
import org.agr4j.train.OptimizerSettings;
import org.agr4j.train.ScheduleChoice;
import org.agr4j.train.TensorChoice;
import org.agr4j.train.TrainSettings;
import org.agr4j.updater.AgrMode;
import picocli.CommandLine.Option;

/** Options that say what is trained on what and how, whatever the optimizer and the seed. */
final class SettingsOptions {
  @Option(
      names = "--recipe",
      paramLabel = "NAME",
      description = "The paper's settings: cifar100 or tiny-imagenet. Other options override it.")
  private String recipe;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "YAML with options as keys, for example 'learning-rate: 2e-3'; a run's settings.yaml is "
              + "one. It overrides --recipe, and options here override it.")
  private Path config;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      defaultValue = "resnet18",
      description = "Network: ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
  private ModelChoice model;

  @Option(
      names = "--width",
      paramLabel = "N",
      description =
          "Channels of the first stage. Default 64, built-in data "
              + Defaults.SYNTHETIC_WIDTH
              + ".")
  private Integer width;

  @Option(
      names = "--dataset",
      paramLabel = "NAME",
      description = "${COMPLETION-CANDIDATES} (default cifar100, its fine labels).")
  private DatasetChoice dataset;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description =
          "The official archive (.tar.gz, .zip), the folder it extracts to, or 'synthetic'. "
              + "Default: what lies in DL4J's cache folder.")
  private String data;

  @Option(
      names = "--download",
      fallbackValue = "true", // or picocli turns it off where a file has turned it on
      description = "Download the official archive into DL4J's cache folder if it is not there.")
  private boolean download;

  @Option(
      names = "--limit-train",
      paramLabel = "N",
      description =
          "Train on the first N images. Default all, built-in data "
              + Defaults.SYNTHETIC_TRAIN
              + ".")
  private Integer limitTrain;

  @Option(
      names = "--limit-test",
      paramLabel = "N",
      description =
          "Test on the first N images. Default all, built-in data " + Defaults.SYNTHETIC_TEST + ".")
  private Integer limitTest;

  @Option(
      names = "--augment",
      paramLabel = "NAME",
      description =
          "standard (crop with padding, flip, rotation up to 15 degrees) or none. Default "
              + "standard, built-in data none.")
  private AugmentChoice augment;

  @Option(
      names = "--weight-decay",
      paramLabel = "NUMBER",
      defaultValue = "5e-4",
      description =
          "Decoupled for adamw, proximal for adan, L2 for the others. On weights; with --tensors "
              + "all, adamw and adan decay biases, too; never batch norm (default "
              + "${DEFAULT-VALUE}).")
  private double weightDecay;

  @Option(
      names = "--learning-rate",
      paramLabel = "NUMBER",
      description = "Default 0.001, nesterovs 0.1; built-in data three times that.")
  private Double learningRate;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      defaultValue = "cosine",
      description = "Of the learning rate: ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
  private ScheduleChoice schedule;

  @Option(
      names = "--warmup-epochs",
      paramLabel = "NUMBER",
      defaultValue = "0",
      description = "Epochs of a linear rise at the start (default ${DEFAULT-VALUE}).")
  private double warmupEpochs;

  @Option(
      names = "--milestones",
      paramLabel = "EPOCH",
      split = ",",
      description = "multi-step: epochs after which the learning rate is multiplied by --gamma.")
  private List<Integer> milestones = List.of();

  @Option(
      names = "--gamma",
      paramLabel = "NUMBER",
      defaultValue = "0.2",
      description = "multi-step: the factor (default ${DEFAULT-VALUE}).")
  private double gamma;

  @Option(
      names = "--min-learning-rate",
      paramLabel = "NUMBER",
      defaultValue = "0",
      description = "cosine: where it ends (default ${DEFAULT-VALUE}).")
  private double minLearningRate;

  @Option(
      names = "--tensors",
      paramLabel = "NAME",
      defaultValue = "weights",
      description =
          "What gets AGR and, with AdamW and Adan, decay: weights (the paper's text) or all (its "
              + "code) (default ${DEFAULT-VALUE}).")
  private TensorChoice tensors;

  @Option(
      names = "--label-smoothing",
      paramLabel = "NUMBER",
      defaultValue = "0",
      description = "Share of the label given to all classes, 0 to 1 (default ${DEFAULT-VALUE}).")
  private double labelSmoothing;

  @Option(
      names = "--gradient-clipping",
      paramLabel = "NUMBER",
      defaultValue = "0",
      description = "Largest 2-norm of the whole gradient; 0 is no limit (default 0).")
  private double gradientClipping;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Default 200, built-in data " + Defaults.SYNTHETIC_EPOCHS + ".")
  private Integer epochs;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description = "Default 128, built-in data " + Defaults.SYNTHETIC_BATCH_SIZE + ".")
  private Integer batchSize;

  /**
   * The settings of one run.
   *
   * @param optimizer the optimizer
   * @param mode what sees Ψ; null for the optimizer's default
   * @param agrUntil epochs with Ψ; null for all
   * @param seed the seed
   */
  TrainSettings settings(OptimizerChoice optimizer, AgrMode mode, Integer agrUntil, long seed) {
    DatasetChoice chosen = dataset == null ? DatasetChoice.CIFAR100 : dataset;
    String source = source(chosen);
    boolean synthetic = source.equals(TrainSettings.SYNTHETIC);
    OptimizerSettings standard = OptimizerSettings.of(optimizer, weightDecay);
    return new TrainSettings(
        model,
        or(width, synthetic ? Defaults.SYNTHETIC_WIDTH : Defaults.WIDTH),
        chosen,
        source,
        limit(limitTrain, synthetic, Defaults.SYNTHETIC_TRAIN, chosen, source, ImageCounts::train),
        limit(limitTest, synthetic, Defaults.SYNTHETIC_TEST, chosen, source, ImageCounts::test),
        or(augment, synthetic ? AugmentChoice.NONE : AugmentChoice.STANDARD),
        new OptimizerSettings(
            optimizer,
            weightDecay,
            or(mode, standard.agrMode()),
            or(agrUntil, standard.agrUntil()),
            tensors),
        new LearningRateSettings(
            or(
                learningRate,
                (synthetic ? Defaults.SYNTHETIC_RATE_FACTOR : 1) * optimizer.defaultLearningRate()),
            schedule,
            warmupEpochs,
            milestones,
            gamma,
            minLearningRate),
        or(epochs, synthetic ? Defaults.SYNTHETIC_EPOCHS : Defaults.EPOCHS),
        or(batchSize, synthetic ? Defaults.SYNTHETIC_BATCH_SIZE : Defaults.BATCH_SIZE),
        labelSmoothing,
        gradientClipping,
        seed);
  }

  /** The number of images; those that are there are counted only where nothing else is said. */
  private static int limit(
      Integer given,
      boolean synthetic,
      int ofSynthetic,
      DatasetChoice dataset,
      String source,
      ToIntFunction<ImageCounts> count) {
    if (given != null) {
      return given;
    }
    return synthetic ? ofSynthetic : count.applyAsInt(DataChoice.available(dataset, source));
  }

  /** As {@link OneRunOptions#requireData}. */
  static void requireData(TrainSettings settings, String command, Path resume) {
    if (resume != null && !settings.isSynthetic() && !Files.exists(Path.of(settings.data()))) {
      throw new BadInputException(
          "--data is %s, which is not there, expected the data of the run in %s; if they have moved: ./agr %s --resume %s --data NEW-PLACE"
              .formatted(settings.data(), resume, command, ShellCommand.word(resume)));
    }
  }

  /** What to train on: never synthetic data where a data set was asked for. */
  private String source(DatasetChoice chosen) {
    if (data != null && data.isEmpty()) {
      throw new BadInputException(
          "--data is '', expected " + chosen.archive().fileName() + ", its folder, or synthetic");
    }
    if (data != null && download) {
      throw new BadInputException("--download and --data " + data + " exclude each other");
    }
    if (data != null) {
      // A run is resumed from anywhere.
      return data.equals(TrainSettings.SYNTHETIC)
          ? data
          : Path.of(data).toAbsolutePath().normalize().toString();
    }
    if (dataset == null && !download) {
      return TrainSettings.SYNTHETIC;
    }
    try (DataBar bar = DataBar.downloading(chosen.archive())) {
      return DataChoice.cached(chosen.archive(), download, bar).toString();
    }
  }

  /** The images of a run, with a bar where reading them takes long. */
  public static ImageSplits load(TrainSettings settings) {
    try (DataBar bar = DataBar.reading(settings)) {
      return DataChoice.load(settings, bar);
    }
  }

  private static <T> T or(T given, T otherwise) {
    return given == null ? otherwise : given;
  }
}
