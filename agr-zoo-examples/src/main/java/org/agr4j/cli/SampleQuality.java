package org.agr4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.agr4j.data.DatasetChoice;
import org.agr4j.data.FolderForm;
import org.agr4j.data.ImageFolderReader;
import org.agr4j.data.image.ImageFit;
import org.agr4j.diffusion.FrechetDistance;
import org.agr4j.diffusion.ImageFeatures;
import org.agr4j.diffusion.InceptionScore;
import org.agr4j.diffusion.OnnxFeatures;
import org.agr4j.diffusion.RealFeatures;
import org.agr4j.diffusion.SampleScores;
import org.agr4j.input.BadInputException;
import org.agr4j.settings.Numbers;
import org.agr4j.task.classification.DataChoice;
import org.agr4j.train.DataProgress;
import org.nd4j.linalg.api.ndarray.INDArray;
import picocli.CommandLine.Option;

/** How near drawn images are to real ones, by the features of a classifier. */
final class SampleQuality {
  private static final int MOST_REAL = 1_000_000;

  @Option(
      names = "--features",
      paramLabel = "FILE",
      description =
          "model.zip of a classifier of the same images, or a network in ONNX: FID and IS by its "
              + "features and probabilities are printed. A classifier's are not those of "
              + "publications, which are Inception's.")
  private Path features;

  @Option(
      names = "--features-range",
      paramLabel = "LOW,HIGH",
      split = ",",
      description =
          "With --features FILE.onnx: the values of black and white that it takes (default -1,1).")
  private List<Double> range;

  @Option(
      names = "--dataset",
      paramLabel = "NAME",
      defaultValue = "cifar10",
      description =
          "Real images, with --features: cifar10, cifar100, tiny-imagenet or folder, images of "
              + "your own (default ${DEFAULT-VALUE}).")
  private DatasetChoice dataset;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description = "Where they lie: the archive, its folder, or synthetic.")
  private String data;

  @Option(
      names = "--test-share",
      paramLabel = "NUMBER",
      description =
          "folder: share of each class that is no training image, where there is no val or test, "
              + "as it was trained with.")
  private Double testShare;

  @Option(
      names = "--fit",
      paramLabel = "NAME",
      description =
          "folder: how images are brought to the network's size, crop or squeeze (default crop).")
  private ImageFit fit;

  @Option(
      names = "--real",
      paramLabel = "N",
      defaultValue = "10000",
      description = "How many of the training images, at most (default ${DEFAULT-VALUE}).")
  private int real;

  private ImageFeatures network; // null where nothing is measured
  private SampleScores scores;
  private int count;
  private int side;

  /**
   * Reads the classifier, before anything is drawn.
   *
   * @param shape channels, height and width of the images that will be drawn
   * @param count how many
   * @throws BadInputException if they do not fit
   */
  void open(long[] shape, int count) {
    if (features == null) {
      if (data != null) {
        throw new BadInputException("--data is given without --features, expected both");
      }
      return;
    }
    Numbers.between("--real", real, 2, MOST_REAL);
    if (data == null) {
      throw new BadInputException(
          "--features is given without --data, expected the real images to hold samples against");
    }
    if (dataset != DatasetChoice.FOLDER && (testShare != null || fit != null)) {
      throw new BadInputException(
          "%s means nothing to --dataset %s, expected --dataset folder"
              .formatted(fit != null ? "--fit" : "--test-share", dataset));
    }
    side = (int) shape[1];
    network = ImageFeatures.open(features, range());
    network.requireShape(shape);
    int fewest = SampleScores.fewest(network);
    if (count < fewest) {
      throw new BadInputException(
          "--count is %d with --features %s, expected %d or more, more samples than features"
              .formatted(count, features, fewest));
    }
    this.count = count;
    scores = new SampleScores(network);
  }

  /** Notes drawn images. */
  void add(INDArray images) {
    if (network != null) {
      scores.add(images);
    }
  }

  /**
   * Lines that tell of it; none without a network to measure by.
   *
   * @throws BadInputException if what was drawn are no numbers
   */
  List<String> lines() {
    if (network == null) {
      return List.of();
    }
    if (!scores.isFinite()) {
      throw new BadInputException(
          "the network draws images that are not finite, expected numbers to measure FID of");
    }
    RealFeatures of = realImages();
    FrechetDistance.Moments moments;
    try (DataProgress.Bar bar =
        new DataBar()
            .begin(
                "Features of %,d real images".formatted(of.count()),
                "Features",
                of.count(),
                "",
                1)) {
      moments = of.moments(bar);
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "FID by the %d features of %s: %.3f, of %,d samples and %,d real images (lower is better)",
            network.count(),
            features,
            scores.distance(moments),
            count,
            of.count()));
    if (network.hasProbabilities()) {
      InceptionScore score = scores.score();
      lines.add(
          String.format(
              Locale.ROOT,
              "IS by its probabilities: %.3f ± %.3f (higher is better)",
              score.mean(),
              score.deviation()));
    }
    lines.add(
        OnnxFeatures.isOnnx(features.toString())
            ? "These are the published measures as far as the file is the published network."
            : "Neither is the published measure, whose features are those of an Inception network.");
    return lines;
  }

  private List<Double> range() {
    if (range == null) {
      return OnnxFeatures.USUAL_RANGE;
    }
    if (!OnnxFeatures.isOnnx(features.toString())) {
      throw new BadInputException(
          "--features-range is given with --features %s, expected a file %s"
              .formatted(features, OnnxFeatures.ENDING));
    }
    if (range.size() != 2 || !(range.get(0) < range.get(1))) {
      throw new BadInputException(
          "--features-range is %s, expected two numbers, the second larger".formatted(range));
    }
    return range;
  }

  private RealFeatures realImages() {
    if (dataset == DatasetChoice.FOLDER) {
      return ownImages();
    }
    int most = Math.min(real, DataChoice.available(dataset, data).train());
    try (DataProgress.Bar bar =
        new DataBar().begin("Reading " + data, dataset.title(), most, "", 1)) {
      return new RealFeatures(network, DataChoice.load(dataset, data, most, 1, bar).train(), most);
    }
  }

  private RealFeatures ownImages() {
    double share = testShare == null ? 0 : testShare;
    FolderForm form =
        new FolderForm(side, fit == null ? ImageFit.CROP : fit, share, List.of(), List.of());
    int most = Math.min(real, ImageFolderReader.count(Path.of(data), share).train());
    try (DataProgress.Bar bar =
        new DataBar().begin("Reading " + data, dataset.title(), most, "", 1)) {
      return new RealFeatures(
          network, ImageFolderReader.read(Path.of(data), form, most, 1, bar).train(), most);
    }
  }
}
