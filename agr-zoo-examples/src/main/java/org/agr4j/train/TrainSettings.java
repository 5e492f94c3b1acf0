package org.agr4j.train;

import org.agr4j.data.BadInputException;
import org.agr4j.data.DatasetChoice;

/**
 * Everything the outcome of a run is determined by.
 *
 * @param model the network
 * @param width channels of the network's first stage, at least 1
 * @param dataset the data set
 * @param data {@code synthetic}, or the archive or folder of the data
 * @param limitTrain number of training images
 * @param limitTest number of test images
 * @param augment what is done to training images
 * @param optimizer the optimizer
 * @param learningRate its learning rate
 * @param epochs passes over the training images, at least 1
 * @param batchSize images in a step, at least 1
 * @param labelSmoothing ε in [0, 1): a class is trained towards 1 − ε + ε/classes
 * @param gradientClipping largest 2-norm of the whole gradient before Ψ; 0 for none
 * @param seed determines initial weights, order and augmentation of images, and dropout
 */
public record TrainSettings(
    ModelChoice model,
    int width,
    DatasetChoice dataset,
    String data,
    int limitTrain,
    int limitTest,
    AugmentChoice augment,
    OptimizerSettings optimizer,
    LearningRateSettings learningRate,
    int epochs,
    int batchSize,
    double labelSmoothing,
    double gradientClipping,
    long seed) {

  private static final int MOST_EPOCHS = 1_000_000;

  /** Parameters grow with its square: more of them than memory holds anywhere. */
  private static final int MOST_CHANNELS = 8192;

  /** What {@link #data} is for made-up images. */
  public static final String SYNTHETIC = "synthetic";

  /**
   * Checks the numbers.
   *
   * @throws BadInputException if one is out of range
   */
  public TrainSettings {
    Numbers.between("--epochs", epochs, 1, MOST_EPOCHS);
    Numbers.positive("--batch-size", batchSize);
    Numbers.between("--width", width, 1, MOST_CHANNELS);
    Numbers.positive("--limit-train", limitTrain);
    Numbers.positive("--limit-test", limitTest);
    Numbers.nonNegative("--gradient-clipping", gradientClipping);
    long steps = (long) epochs * ((limitTrain - 1) / batchSize + 1);
    if (steps > Integer.MAX_VALUE) {
      throw new BadInputException(
          "--epochs is %d, which is %d steps of --batch-size %d, expected at most %d steps"
              .formatted(epochs, steps, batchSize, Integer.MAX_VALUE));
    }
    if (learningRate.warmupEpochs() > epochs) {
      throw new BadInputException(
          "--warmup-epochs is %s with --epochs %d, expected at most as many"
              .formatted(learningRate.warmupEpochs(), epochs));
    }
    if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
      throw new BadInputException(
          "--label-smoothing is " + labelSmoothing + ", expected a number >= 0 and < 1");
    }
  }

  /** The same run with another seed. */
  public TrainSettings withSeed(long other) {
    return new TrainSettings(
        model,
        width,
        dataset,
        data,
        limitTrain,
        limitTest,
        augment,
        optimizer,
        learningRate,
        epochs,
        batchSize,
        labelSmoothing,
        gradientClipping,
        other);
  }

  /** Whether the images are made up. */
  public boolean isSynthetic() {
    return data.equals(SYNTHETIC);
  }

  /** The images' name in a sentence. */
  public String dataTitle() {
    return isSynthetic() ? "built-in synthetic" : dataset.title();
  }

  /** What is trained on what, one line for people. */
  public String summary(int classes) {
    return "Training %s (width %d) with %s on %,d %s images of %d classes, testing on %,d."
        .formatted(model, width, optimizer.choice(), limitTrain, dataTitle(), classes, limitTest);
  }

  /** Minibatches of an epoch; the last may be smaller. */
  public int stepsPerEpoch() {
    return (limitTrain - 1) / batchSize + 1;
  }
}
