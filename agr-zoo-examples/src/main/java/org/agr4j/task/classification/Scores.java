package org.agr4j.task.classification;

import java.io.Serializable;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * How well class probabilities [n, classes] fit the classes.
 *
 * <p>ND4J's {@code Evaluation} is not used: it counts a NaN output as a hit among the top five, and
 * gives no loss. Here an equal probability of another class counts against the image, so that a
 * network that says the same of everything scores nothing.
 */
public final class Scores implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Probabilities are taken to be at least this in the loss: ln of it is −69. */
  private static final double SMALLEST_PROBABILITY = 1e-30;

  private static final int TOP = 5;

  private int images;
  private int top1;
  private int top5;
  private double lossSum;

  /**
   * Scores of a network over all batches of an iterator, which is reset first if at its end.
   *
   * @param graph one input, one output of class probabilities
   * @param batches images and one-hot classes
   */
  public static Scores of(ComputationGraph graph, DataSetIterator batches) {
    Scores scores = new Scores();
    if (!batches.hasNext()) {
      batches.reset();
    }
    while (batches.hasNext()) {
      DataSet batch = batches.next();
      float[][] probabilities = graph.outputSingle(batch.getFeatures()).toFloatMatrix();
      int[] classes = batch.getLabels().argMax(1).toIntVector();
      for (int i = 0; i < classes.length; i++) {
        scores.add(probabilities[i], classes[i]);
      }
    }
    return scores;
  }

  /**
   * Adds an image.
   *
   * @param probabilities of each class; not modified
   * @param label its class
   */
  public void add(float[] probabilities, int label) {
    float own = probabilities[label];
    int ahead = 0;
    for (int other = 0; other < probabilities.length; other++) {
      if (other != label && !(probabilities[other] < own)) {
        ahead++;
      }
    }
    images++;
    top1 += ahead < 1 ? 1 : 0;
    top5 += ahead < TOP ? 1 : 0;
    lossSum -= Math.log(Math.max(own, SMALLEST_PROBABILITY));
  }

  /** Adds another part of the same images' scores. */
  public void add(Scores other) {
    images += other.images;
    top1 += other.top1;
    top5 += other.top5;
    lossSum += other.lossSum;
  }

  /** Number of images. */
  public int images() {
    return images;
  }

  /** Fraction of images whose class is the most probable. */
  public double top1() {
    return (double) top1 / images;
  }

  /** Fraction of images whose class is among the five most probable. */
  public double top5() {
    return (double) top5 / images;
  }

  /** Mean cross entropy in nats; NaN if a probability was. */
  public double loss() {
    return lossSum / images;
  }
}
