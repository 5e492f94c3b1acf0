package org.agr4j.train;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;

/**
 * Trains towards y(1 − ε) + ε/K in place of the one-hot y of K classes.
 *
 * <p>It changes the labels of a batch in place. The training loss is then the cross entropy to the
 * smoothed labels, whose least value is their entropy, not 0. Source: arXiv 1512.00567, section 7.
 */
public record LabelSmoothing(double epsilon) implements DataSetPreProcessor {
  @Override
  public void preProcess(DataSet batch) {
    INDArray labels = batch.getLabels();
    labels.muli(1 - epsilon).addi(epsilon / labels.size(1));
  }
}
