package org.agr4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.agr4j.data.DatasetChoice;
import org.agr4j.data.ImageIterator;
import org.agr4j.data.ImageSet;
import org.agr4j.data.ImageSplits;
import org.agr4j.diffusion.ClassifierFeatures;
import org.agr4j.diffusion.FrechetDistance;
import org.agr4j.diffusion.InceptionScore;
import org.agr4j.input.BadInputException;
import org.agr4j.settings.Numbers;
import org.agr4j.task.classification.DataChoice;
import org.agr4j.train.DataProgress;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import picocli.CommandLine.Option;

/** How near drawn images are to real ones, by the features of a classifier. */
final class SampleQuality {
  private static final int BATCH = 64;
  private static final int MOST_REAL = 1_000_000;

  @Option(
      names = "--features",
      paramLabel = "FILE",
      description =
          "model.zip of a classifier of the same images: FID and IS by its features and "
              + "probabilities are printed; they are not those of publications, which are Inception's.")
  private Path features;

  @Option(
      names = "--dataset",
      paramLabel = "NAME",
      defaultValue = "cifar10",
      description =
          "Real images, with --features: cifar10, cifar100 or tiny-imagenet (default "
              + "${DEFAULT-VALUE}).")
  private DatasetChoice dataset;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description = "Where they lie: the archive, its folder, or synthetic.")
  private String data;

  @Option(
      names = "--real",
      paramLabel = "N",
      defaultValue = "10000",
      description = "How many of the training images, at most (default ${DEFAULT-VALUE}).")
  private int real;

  private final List<INDArray> ofDrawn = new ArrayList<>();
  private final List<INDArray> probabilities = new ArrayList<>();
  private ClassifierFeatures classifier;

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
    if (!dataset.isPublished()) {
      throw new BadInputException(
          "--dataset is " + dataset + ", expected cifar10, cifar100 or tiny-imagenet");
    }
    classifier = ClassifierFeatures.open(features);
    classifier.requireSide(shape);
    int needed = Math.max(InceptionScore.PARTS, classifier.count() + 1);
    if (count < needed) {
      throw new BadInputException(
          "--count is %d with --features %s, expected %d or more, more samples than features"
              .formatted(count, features, needed));
    }
  }

  /** Notes drawn images. */
  void add(INDArray images) {
    if (classifier != null) {
      ClassifierFeatures.Answers answers = classifier.ofDrawn(images);
      ofDrawn.add(answers.features());
      probabilities.add(answers.probabilities());
    }
  }

  /** Lines that tell of it; none without a classifier. */
  List<String> lines() {
    if (classifier == null) {
      return List.of();
    }
    List<INDArray> ofReal = new ArrayList<>();
    ImageSet images = images();
    try (DataProgress.Bar bar =
        new DataBar()
            .begin(
                "Features of %,d real images".formatted(images.size()),
                "Features",
                images.size(),
                "",
                1)) {
      ImageIterator batches = ImageIterator.inOrder(images, classifier.standardization(), BATCH);
      while (batches.hasNext()) {
        ofReal.add(classifier.of(batches.next().getFeatures()).features());
        bar.accept((long) ofReal.size() * BATCH);
      }
    }
    INDArray drawn = Nd4j.concat(0, ofDrawn.toArray(INDArray[]::new));
    double distance =
        FrechetDistance.between(
            FrechetDistance.Moments.of(drawn),
            FrechetDistance.Moments.of(Nd4j.concat(0, ofReal.toArray(INDArray[]::new))));
    InceptionScore score =
        InceptionScore.of(Nd4j.concat(0, probabilities.toArray(INDArray[]::new)));
    return List.of(
        String.format(
            Locale.ROOT,
            "FID by the %d features of %s: %.3f, of %,d samples and %,d real images (lower is better)",
            drawn.size(1),
            features,
            distance,
            drawn.size(0),
            images.size()),
        String.format(
            Locale.ROOT,
            "IS by its probabilities: %.3f ± %.3f (higher is better)",
            score.mean(),
            score.deviation()),
        "Neither is the published measure, whose features are those of an Inception network.");
  }

  private ImageSet images() {
    int count = Math.min(real, DataChoice.available(dataset, data).train());
    try (DataProgress.Bar bar =
        new DataBar().begin("Reading " + data, dataset.title(), count, "", 1)) {
      ImageSplits splits = DataChoice.load(dataset, data, count, 1, bar);
      classifier.requireSide(
          new long[] {splits.train().channels(), splits.train().height(), splits.train().width()});
      return splits.train();
    }
  }
}
