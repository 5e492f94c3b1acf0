package org.agr4j.task.language;

import java.util.ArrayList;
import java.util.List;
import org.agr4j.data.text.MaskedSequence;
import org.agr4j.data.text.MaskedSequences;
import org.agr4j.data.text.SentencePairs;
import org.agr4j.train.Batches;
import org.agr4j.train.Position;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** The training sequences of an epoch: pairs and masks are drawn anew in each. */
final class LanguageBatches implements Batches {
  private final MaskedSequences sequences;
  private final int count;
  private final int batchSize;
  private final boolean shuffled;
  private List<SentencePairs.Pair> pairs;
  private Position position;

  /**
   * Batches of a text.
   *
   * @param sequences makes its sequences
   * @param count of an epoch
   * @param batchSize sequences of a batch
   * @param shuffled whether their order is drawn
   */
  LanguageBatches(MaskedSequences sequences, int count, int batchSize, boolean shuffled) {
    this.sequences = sequences;
    this.count = count;
    this.batchSize = batchSize;
    this.shuffled = shuffled;
  }

  @Override
  public void enter(Position entered) {
    position = entered;
    Position begin = new Position(entered.seed(), entered.epoch(), 0);
    pairs = sequences.epoch(begin.seedOf("pairs"), count, shuffled);
  }

  @Override
  public boolean hasNext() {
    return position.examples() < count;
  }

  @Override
  public MultiDataSet next() {
    int end = Math.min(count, position.examples() + batchSize);
    List<MaskedSequence> batch = new ArrayList<>();
    for (int i = position.examples(); i < end; i++) {
      batch.add(
          masked(sequences, pairs.get(i), new Position(position.seed(), position.epoch(), i)));
    }
    position = new Position(position.seed(), position.epoch(), end);
    return SequenceBatch.of(batch, sequences.masking().most()).dataSet();
  }

  /** The sequence of a pair, with the masks of a position. */
  static MaskedSequence masked(MaskedSequences sequences, SentencePairs.Pair pair, Position at) {
    return sequences.sequence(pair, at.seedOf("masks"));
  }
}
