package org.agr4j.layers;

import org.agr4j.layers.cpu.FloatRows;
import org.agr4j.layers.cpu.RepeatedBlockLoop;
import org.agr4j.layers.cpu.WordGradientLoop;
import org.agr4j.layers.cpu.WordSoftmaxLoop;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The arithmetic of a softmax over a vocabulary whose logits are products with a table.
 *
 * <pre>
 * l = d tableᵀ + b    cross entropy = log Σ exp l − l[word]
 * dl = weight (softmax l − 1 at the word)
 * dd = dl table    dtable = dlᵀ d    db = Σ over rows dl
 * </pre>
 *
 * <p>In FLOAT on a CPU the gradient's logits are made tile by tile and stay in the cache, and
 * answers are given for a block of rows at a time ({@value #BLOCK} V numbers); otherwise all rows
 * at once.
 */
final class WordSoftmax {
  private static final int BLOCK = 128;

  private WordSoftmaxLoop loop;
  private WordGradientLoop gradients;

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
  double gradient(
      INDArray d,
      INDArray table,
      INDArray bias,
      int[] words,
      double[] weights,
      INDArray dD,
      INDArray dTable,
      INDArray dBias) {
    if (!RepeatedBlockLoop.usable(d, table, bias, dD, dTable, dBias)) {
      return gradientByOperations(d, table, bias, words, weights, dD, dTable, dBias);
    }
    if (gradients == null || !gradients.fits(table)) {
      gradients = new WordGradientLoop((int) table.size(0), (int) table.size(1));
    }
    return gradients.gradient(d, table, bias, words, weights, dD, dTable, dBias);
  }

  private void begin(INDArray table, INDArray bias) {
    if (loop == null || !loop.fits(table.size(0))) {
      loop = new WordSoftmaxLoop((int) table.size(0));
    }
    loop.begin(bias);
  }

  private static INDArray block(INDArray d, INDArray table) {
    long rows = Math.min(BLOCK, d.size(0));
    return Nd4j.createUninitialized(d.dataType(), new long[] {rows, table.size(0)}, 'c');
  }

  private static INDArray rows(INDArray matrix, long first, long end) {
    return first == 0 && end == matrix.size(0)
        ? matrix
        : matrix.get(NDArrayIndex.interval(first, end), NDArrayIndex.all());
  }

  private static double gradientByOperations(
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
  MaskedWordOutput.Answers answers(INDArray d, INDArray table, INDArray bias, int[] words) {
    double[] loss = new double[words.length];
    if (!FloatRows.usable(d, table, bias)) {
      INDArray logP = logProbabilities(d, table, bias);
      for (int i = 0; i < words.length; i++) {
        loss[i] = -logP.getDouble(i, words[i]);
      }
      return new MaskedWordOutput.Answers(loss, logP.argMax(1).toIntVector());
    }
    int[] best = new int[words.length];
    begin(table, bias);
    INDArray block = block(d, table);
    for (int first = 0; first < words.length; first += BLOCK) {
      int end = Math.min(first + BLOCK, words.length);
      INDArray logits = rows(block, 0, end - first);
      Products.timesTransposed(rows(d, first, end), table, logits);
      loop.answers(logits, words, first, loss, best);
    }
    return new MaskedWordOutput.Answers(loss, best);
  }

  private static INDArray logProbabilities(INDArray d, INDArray table, INDArray bias) {
    INDArray logits =
        Nd4j.createUninitialized(d.dataType(), new long[] {d.size(0), table.size(0)}, 'c');
    logits(d, table, bias, logits);
    return Nd4j.nn().logSoftmax(logits, 1);
  }
}
