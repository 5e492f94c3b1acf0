package org.agr4j.train;

import org.agr4j.data.BadInputException;
import org.agr4j.data.DatasetChoice;

/**
 * Everything a run is determined by. It is written into the run's folder.
 *
 * @param model the network
 * @param dataset the data set
 * @param data {@code synthetic}, or the archive or folder of the data
 * @param optimizer the optimizer
 * @param learningRate η ≥ 0, constant
 * @param weightDecay λ ≥ 0; see {@link OptimizerChoice}
 * @param epochs passes over the training images, at least 1
 * @param batchSize images in a step, at least 1
 * @param seed determines initial weights and the order of images
 * @param width channels of the network's first stage, at least 1
 * @param limitTrain number of training images
 * @param limitTest number of test images
 */
public record TrainSettings(
    ModelChoice model,
    DatasetChoice dataset,
    String data,
    OptimizerChoice optimizer,
    double learningRate,
    double weightDecay,
    int epochs,
    int batchSize,
    long seed,
    int width,
    int limitTrain,
    int limitTest) {

  /** What {@link #data} is for made-up images. */
  public static final String SYNTHETIC = "synthetic";

  /**
   * Checks the numbers.
   *
   * @throws BadInputException if one is out of range
   */
  public TrainSettings {
    nonNegative("--learning-rate", learningRate);
    nonNegative("--weight-decay", weightDecay);
    positive("--epochs", epochs);
    positive("--batch-size", batchSize);
    positive("--width", width);
    positive("--limit-train", limitTrain);
    positive("--limit-test", limitTest);
  }

  private static void nonNegative(String option, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new BadInputException(option + " is " + value + ", expected a number >= 0");
    }
  }

  private static void positive(String option, int value) {
    if (value < 1) {
      throw new BadInputException(option + " is " + value + ", expected a whole number > 0");
    }
  }
}
