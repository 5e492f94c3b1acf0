package org.agr4j.task.classification;

import org.agr4j.train.BatchTransform;
import org.agr4j.train.Position;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Trains towards y(1 − ε) + ε/K in place of the one-hot y of K classes.
 *
 * <p>It changes the labels of a batch in place. The training loss is then the cross entropy to the
 * smoothed labels, whose least value is their entropy, not 0. Source: arXiv 1512.00567, section 7.
 */
public record LabelSmoothing(double epsilon) implements BatchTransform {
  @Override
  public MultiDataSet apply(MultiDataSet batch, Position position) {
    INDArray labels = batch.getLabels(0);
    labels.muli(1 - epsilon).addi(epsilon / labels.size(1));
    return batch;
  }
}
