package org.agr4j.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.Callable;
import org.agr4j.data.BadInputException;
import org.agr4j.data.DatasetChoice;
import org.agr4j.data.ImageCounts;
import org.agr4j.data.ImageSplits;
import org.agr4j.train.DataChoice;
import org.agr4j.train.EpochMetrics;
import org.agr4j.train.ModelChoice;
import org.agr4j.train.OptimizerChoice;
import org.agr4j.train.RunFolder;
import org.agr4j.train.TrainResult;
import org.agr4j.train.TrainSettings;
import org.agr4j.train.Trainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code agr train}. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Train a network and save it with its metrics.",
    description = {
      "%nWithout @|bold --dataset|@, @|bold --data|@ and @|bold --download|@ it trains on built-in "
          + "synthetic images, small enough for a minute or two on two cores. Real data is used "
          + "only where it is asked for, and nothing is ever put in its place.%n"
    },
    footer = {
      "%nThe folder of a run holds settings.json, metrics.jsonl (one line an epoch) and model.zip "
          + "(the network in DL4J's format).",
      "%nExample:%n  agr train --dataset cifar100 --download --width 16 --limit-train 5000 "
          + "--epochs 5"
    })
final class TrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      defaultValue = "resnet18",
      description = "Network: ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
  private ModelChoice model;

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
      description = "Download the official archive into DL4J's cache folder if it is not there.")
  private boolean download;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      defaultValue = "adamw-agr",
      description = "${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
  private OptimizerChoice optimizer;

  @Option(
      names = "--learning-rate",
      paramLabel = "NUMBER",
      description = "Default 0.001, nesterovs 0.1.")
  private Double learningRate;

  @Option(
      names = "--weight-decay",
      paramLabel = "NUMBER",
      defaultValue = "5e-4",
      description =
          "Decoupled for adamw, proximal for adan, L2 for the others; never on biases and batch "
              + "norm (default ${DEFAULT-VALUE}).")
  private double weightDecay;

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

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of the initial weights and the order of images (default ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--width",
      paramLabel = "N",
      description =
          "Channels of the first stage. Default 64, built-in data "
              + Defaults.SYNTHETIC_WIDTH
              + ".")
  private Integer width;

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
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for the results, new or empty. Default runs/MODEL-DATA-OPTIMIZER-TIME.")
  private Path out;

  @Override
  public Integer call() {
    PrintWriter lines = spec.commandLine().getOut();
    DatasetChoice chosen = dataset == null ? DatasetChoice.CIFAR100 : dataset;
    TrainSettings settings = settings(chosen, source(chosen));
    Path folder = out == null ? defaultFolder(settings) : out;
    ImageSplits images = load(settings);
    RunFolder run = RunFolder.create(folder);
    lines.println(summary(settings, images.train().classes()));
    Display display = Display.choose(lines);
    TrainResult result = Trainer.train(settings, images, run, display);
    EpochMetrics last = result.last();
    lines.println(
        "Done: top-1 %.1f%%, top-5 %.1f%% of %,d test images. Results are in %s."
            .formatted(100 * last.top1(), 100 * last.top5(), settings.limitTest(), run.path()));
    return 0;
  }

  /** What to train on: never synthetic data where a data set was asked for. */
  private String source(DatasetChoice chosen) {
    if (data != null && download) {
      throw new BadInputException("--download and --data " + data + " exclude each other");
    }
    if (data != null) {
      return data;
    }
    if (dataset == null && !download) {
      return TrainSettings.SYNTHETIC;
    }
    try (DataBar bar = DataBar.downloading(chosen.archive())) {
      return DataChoice.cached(chosen.archive(), download, bar).toString();
    }
  }

  private static ImageSplits load(TrainSettings settings) {
    try (DataBar bar = DataBar.reading(settings)) {
      return DataChoice.load(settings, bar);
    }
  }

  private TrainSettings settings(DatasetChoice chosen, String source) {
    boolean synthetic = source.equals(TrainSettings.SYNTHETIC);
    ImageCounts there = DataChoice.available(chosen, source);
    return new TrainSettings(
        model,
        chosen,
        source,
        optimizer,
        learningRate == null ? optimizer.defaultLearningRate() : learningRate,
        weightDecay,
        or(epochs, synthetic ? Defaults.SYNTHETIC_EPOCHS : Defaults.EPOCHS),
        or(batchSize, synthetic ? Defaults.SYNTHETIC_BATCH_SIZE : Defaults.BATCH_SIZE),
        seed,
        or(width, synthetic ? Defaults.SYNTHETIC_WIDTH : Defaults.WIDTH),
        or(limitTrain, synthetic ? Defaults.SYNTHETIC_TRAIN : there.train()),
        or(limitTest, synthetic ? Defaults.SYNTHETIC_TEST : there.test()));
  }

  private static int or(Integer given, int otherwise) {
    return given == null ? otherwise : given;
  }

  private static String summary(TrainSettings settings, int classes) {
    boolean synthetic = settings.data().equals(TrainSettings.SYNTHETIC);
    return "Training %s (width %d) with %s on %,d %s images of %d classes, testing on %,d."
        .formatted(
            settings.model(),
            settings.width(),
            settings.optimizer(),
            settings.limitTrain(),
            synthetic ? "built-in synthetic" : settings.dataset().title(),
            classes,
            settings.limitTest());
  }

  private static Path defaultFolder(TrainSettings settings) {
    boolean synthetic = settings.data().equals(TrainSettings.SYNTHETIC);
    String time = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
    return Path.of(
        "runs",
        String.join(
            "-",
            settings.model().label(),
            synthetic ? "synthetic" : settings.dataset().label(),
            settings.optimizer().label(),
            time));
  }
}
