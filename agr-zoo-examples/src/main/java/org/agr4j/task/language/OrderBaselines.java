package org.agr4j.task.language;

import java.util.List;
import org.agr4j.data.text.MaskedSequence;

/**
 * What answers without a network reach at telling the order of two stretches of text: accuracies
 * that a network's has to be held against.
 *
 * @param constant always the answer that is right more often
 * @param longerFirst the longer stretch comes first; of two that are as long, the one that stands
 *     first
 * @param bagOfWords logistic regression on how often each word piece is in the first stretch minus
 *     how often it is in the second, whatever their order within them
 */
public record OrderBaselines(double constant, double longerFirst, double bagOfWords) {
  private static final int PASSES = 10;
  private static final double RATE = .1;
  private static final double EPSILON = 1e-8;

  /**
   * Measures them.
   *
   * @param train sequences to fit the regression to
   * @param test sequences to answer
   * @param vocabulary number of word pieces
   */
  static OrderBaselines of(List<MaskedSequence> train, List<MaskedSequence> test, int vocabulary) {
    double[] weights = fit(train, vocabulary);
    double inOrder = 0;
    double longer = 0;
    double words = 0;
    for (MaskedSequence sequence : test) {
      int first = sequence.secondFrom();
      int second = sequence.tokens().length - first + 1; // [CLS] stands before the first
      inOrder += sequence.inOrder() ? 1 : 0;
      longer += first >= second == sequence.inOrder() ? 1 : 0;
      words += score(sequence, weights) >= 0 == sequence.inOrder() ? 1 : 0;
    }
    int n = test.size();
    return new OrderBaselines(Math.max(inOrder, n - inOrder) / n, longer / n, words / n);
  }

  /** Adagrad (Duchi et al. 2011), sequence by sequence. */
  private static double[] fit(List<MaskedSequence> train, int vocabulary) {
    double[] weights = new double[vocabulary];
    double[] squares = new double[vocabulary];
    for (int pass = 0; pass < PASSES; pass++) {
      for (MaskedSequence sequence : train) {
        double probability = 1 / (1 + Math.exp(-score(sequence, weights)));
        double error = probability - (sequence.inOrder() ? 1 : 0);
        int[] tokens = sequence.tokens();
        for (int i = 0; i < tokens.length; i++) {
          double gradient = error * sign(sequence, i) / tokens.length;
          squares[tokens[i]] += gradient * gradient;
          weights[tokens[i]] -= RATE * gradient / Math.sqrt(squares[tokens[i]] + EPSILON);
        }
      }
    }
    return weights;
  }

  private static double score(MaskedSequence sequence, double[] weights) {
    double score = 0;
    int[] tokens = sequence.tokens();
    for (int i = 0; i < tokens.length; i++) {
      score += sign(sequence, i) * weights[tokens[i]];
    }
    return score;
  }

  /** What speaks for a stretch that stands first speaks against one that stands second. */
  private static int sign(MaskedSequence sequence, int at) {
    return at < sequence.secondFrom() ? 1 : -1;
  }
}
