package org.agr4j.task.language;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.agr4j.data.text.MaskedSequence;
import org.agr4j.zoo.Albert;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** How well a network guesses masked word pieces, and tells the order of stretches of text. */
final class LanguageScores {
  /** Probabilities are taken to be at least this in the loss: ln of it is −69. */
  private static final double SMALLEST_PROBABILITY = 1e-30;

  private int sequences;
  private int ordered;
  private double orderLoss;
  private int pieces;
  private int guessed;
  private double pieceLoss;

  private LanguageScores() {}

  /**
   * Scores of a network.
   *
   * @param graph the network; not modified
   * @param sequences what it is shown; longest first, so that those of a batch are of one length
   * @param batchSize how many at once
   * @param predictions P of the network
   */
  static LanguageScores of(
      ComputationGraph graph, List<MaskedSequence> sequences, int batchSize, int predictions) {
    LanguageScores scores = new LanguageScores();
    List<MaskedSequence> byLength = new ArrayList<>(sequences);
    byLength.sort(Comparator.comparingInt(sequence -> -sequence.tokens().length));
    for (int from = 0; from < byLength.size(); from += batchSize) {
      List<MaskedSequence> some =
          byLength.subList(from, Math.min(byLength.size(), from + batchSize));
      SequenceBatch batch = SequenceBatch.of(some, predictions);
      Albert.Answers answers = Albert.answers(graph, batch.inputs(), batch.words());
      double[][] order = answers.order().toDoubleMatrix();
      for (int i = 0; i < some.size(); i++) {
        scores.addOrder(order[i], some.get(i).inOrder());
        int[] targets = some.get(i).targets();
        for (int k = 0; k < targets.length; k++) {
          int at = i * predictions + k;
          scores.addPiece(answers.loss()[at], answers.word()[at] == targets[k]);
        }
      }
    }
    return scores;
  }

  /** An equal probability of the other order counts against the network. */
  private void addOrder(double[] probabilities, boolean inOrder) {
    double own = probabilities[inOrder ? 1 : 0];
    sequences++;
    ordered += own > probabilities[inOrder ? 0 : 1] ? 1 : 0;
    orderLoss -= Math.log(Math.max(own, SMALLEST_PROBABILITY));
  }

  private void addPiece(double loss, boolean isGuessed) {
    pieces++;
    guessed += isGuessed ? 1 : 0;
    pieceLoss += loss;
  }

  /** The share of sequences whose order was told. */
  double orderAccuracy() {
    return (double) ordered / sequences;
  }

  /** The mean cross entropy of the order, nats. */
  double orderLoss() {
    return orderLoss / sequences;
  }

  /** The share of masked pieces that were guessed; 0 if there were none. */
  double pieceAccuracy() {
    return (double) guessed / Math.max(1, pieces);
  }

  /** The mean cross entropy of a masked piece, nats; 0 if there were none. */
  double pieceLoss() {
    return pieceLoss / Math.max(1, pieces);
  }

  /** e to the mean cross entropy of a masked piece. */
  double perplexity() {
    return Math.exp(pieceLoss());
  }
}
