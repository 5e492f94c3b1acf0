package org.agr4j.layers;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The arithmetic of a softmax over a vocabulary whose logits are products with a table.
 *
 * <pre>
 * l = d tableᵀ + b    cross entropy = log Σ exp l − l[word]
 * dl = weight (softmax l − 1 at the word)
 * dd = dl table    dtable = dlᵀ d    db = Σ over rows dl
 * </pre>
 */
final class WordSoftmax {
  private WordSoftmax() {}

  /**
   * Writes the logits.
   *
   * @param d [rows, E], not modified
   * @param table [V, E], not modified
   * @param bias [V], not modified
   * @param logits [rows, V]
   */
  static void logits(INDArray d, INDArray table, INDArray bias, INDArray logits) {
    Products.timesTransposed(d, table, logits);
    ChannelSum.add(logits, bias);
  }

  /**
   * Writes the gradients.
   *
   * @param words the true word of each row
   * @param weights of each row
   * @param dD receives dd
   * @param dTable receives dtable, or null
   * @param dBias receives db
   * @return Σ of weight · cross entropy
   */
  static double gradient(
      INDArray d,
      INDArray table,
      INDArray bias,
      int[] words,
      double[] weights,
      INDArray dD,
      INDArray dTable,
      INDArray dBias) {
    INDArray logP = logProbabilities(d, table, bias);
    double sum = 0;
    for (int i = 0; i < words.length; i++) {
      sum -= weights[i] * logP.getDouble(i, words[i]);
    }
    INDArray dl = Nd4j.math().exp(logP);
    for (int i = 0; i < words.length; i++) {
      dl.putScalar(i, words[i], dl.getDouble(i, words[i]) - 1);
    }
    dl.muliColumnVector(Nd4j.createFromArray(weights).castTo(dl.dataType()));
    Products.multiply(dl, table, dD);
    if (dTable != null) {
      Products.transposedTimes(dl, d, dTable);
    }
    ChannelSum.sum(dl, dBias);
    return sum;
  }

  /** Cross entropy and likeliest word of each row. */
  static MaskedWordOutput.Answers answers(INDArray d, INDArray table, INDArray bias, int[] words) {
    INDArray logP = logProbabilities(d, table, bias);
    double[] loss = new double[words.length];
    for (int i = 0; i < words.length; i++) {
      loss[i] = -logP.getDouble(i, words[i]);
    }
    return new MaskedWordOutput.Answers(loss, logP.argMax(1).toIntVector());
  }

  private static INDArray logProbabilities(INDArray d, INDArray table, INDArray bias) {
    INDArray logits =
        Nd4j.createUninitialized(d.dataType(), new long[] {d.size(0), table.size(0)}, 'c');
    logits(d, table, bias, logits);
    return Nd4j.nn().logSoftmax(logits, 1);
  }
}
