package org.agr4j.task.language;

import java.util.List;
import org.agr4j.data.text.MaskedSequence;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Sequences as the arrays that {@link org.agr4j.zoo.Albert} takes. T is the longest's length: what
 * is behind the end of a sequence is masked, so that more of it would change nothing.
 *
 * @param tokens numbers of word pieces [N, T]; 0 behind the end
 * @param segments 0 in the first segment, 1 in the second, 0 behind the end [N, T]
 * @param mask 1 for pieces, 0 behind the end [N, T]
 * @param places where pieces are to be guessed [N, P]; 0 where there are fewer
 * @param words numbers of the pieces to guess [N, P]; 0 where there are fewer
 * @param weights 1 for pieces to guess, else 0 [N, P]
 * @param order one-hot [N, 2], the second for stretches in order
 */
record SequenceBatch(
    INDArray tokens,
    INDArray segments,
    INDArray mask,
    INDArray places,
    INDArray words,
    INDArray weights,
    INDArray order) {
  /**
   * Makes arrays.
   *
   * @param sequences the sequences
   * @param predictions P
   */
  static SequenceBatch of(List<MaskedSequence> sequences, int predictions) {
    int n = sequences.size();
    int t = sequences.stream().mapToInt(sequence -> sequence.tokens().length).max().orElseThrow();
    float[] tokens = new float[n * t];
    float[] segments = new float[n * t];
    float[] mask = new float[n * t];
    float[] places = new float[n * predictions];
    float[] words = new float[n * predictions];
    float[] weights = new float[n * predictions];
    float[] order = new float[2 * n];
    for (int i = 0; i < n; i++) {
      MaskedSequence sequence = sequences.get(i);
      for (int k = 0; k < sequence.tokens().length; k++) {
        tokens[i * t + k] = sequence.tokens()[k];
        segments[i * t + k] = k < sequence.secondFrom() ? 0 : 1;
        mask[i * t + k] = 1;
      }
      for (int k = 0; k < sequence.places().length; k++) {
        places[i * predictions + k] = sequence.places()[k];
        words[i * predictions + k] = sequence.targets()[k];
        weights[i * predictions + k] = 1;
      }
      order[2 * i + (sequence.inOrder() ? 1 : 0)] = 1;
    }
    return new SequenceBatch(
        array(tokens, n, t),
        array(segments, n, t),
        array(mask, n, t),
        array(places, n, predictions),
        array(words, n, predictions),
        array(weights, n, predictions),
        array(order, n, 2));
  }

  private static INDArray array(float[] values, int rows, int columns) {
    return Nd4j.create(values, new int[] {rows, columns}, 'c');
  }

  /** The inputs of the network. */
  INDArray[] inputs() {
    return new INDArray[] {tokens, segments, mask, places};
  }

  /** Inputs and labels. */
  MultiDataSet dataSet() {
    return new org.nd4j.linalg.dataset.MultiDataSet(
        inputs(), new INDArray[] {words, order}, null, new INDArray[] {weights, null});
  }
}
