package org.agr4j.data.text;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The sequences of a text: pairs of its stretches with masks. What is drawn is a function of the
 * seeds that are given.
 *
 * @param text the text
 * @param vocabulary its word pieces
 * @param pairs how it is cut into pairs
 * @param masking what is to be guessed
 * @param replacement what stands in the place of what is to be guessed
 */
public record MaskedSequences(
    TokenizedText text,
    Vocabulary vocabulary,
    SentencePairs pairs,
    NgramMasking masking,
    Replacement replacement) {
  private static final long SOMETHING_ELSE = 0x9E3779B97F4A7C15L;

  /** What stands in the place of a piece that is to be guessed. */
  public enum Replacement {
    /** Always [MASK], as in the released code. */
    MASK("mask"),
    /** [MASK] in 80 % of the cases, a random piece in 10 %, the piece itself in 10 %: BERT. */
    BERT("80-10-10");

    private final String label;

    Replacement(String label) {
      this.label = label;
    }

    @Override
    public String toString() {
      return label;
    }
  }

  /**
   * How many pairs a pass over the text has; passes differ a little in it, as what is short is
   * drawn.
   *
   * @throws org.agr4j.input.BadInputException if no document is long enough for one
   */
  public int count() {
    return pairs.pass(text, 0, Integer.MAX_VALUE).size();
  }

  /**
   * The pairs of an epoch: the first of a pass over the text, in the order of the text or shuffled;
   * where the pass has too few, those of another follow.
   *
   * @param seed what determines them
   * @param count how many
   * @param shuffled whether their order is drawn
   * @throws org.agr4j.input.BadInputException if no document is long enough for one
   */
  public List<SentencePairs.Pair> epoch(long seed, int count, boolean shuffled) {
    List<SentencePairs.Pair> epoch = new ArrayList<>();
    for (long pass = seed; epoch.size() < count; pass += SOMETHING_ELSE) {
      epoch.addAll(pairs.pass(text, pass, count - epoch.size()));
    }
    if (shuffled) {
      Collections.shuffle(epoch, new Random(seed));
    }
    return epoch;
  }

  /**
   * Makes the sequence of a pair.
   *
   * @param pair the pair
   * @param seed what determines its masks
   */
  public MaskedSequence sequence(SentencePairs.Pair pair, long seed) {
    int[] tokens = new int[pair.firstLength() + pair.secondLength() + SentencePairs.SPECIAL];
    int at = 0;
    tokens[at++] = vocabulary.id(Vocabulary.BEGIN);
    for (int i = pair.firstFrom(); i < pair.firstTo(); i++) {
      tokens[at++] = text.token(i);
    }
    tokens[at++] = vocabulary.id(Vocabulary.END);
    int secondFrom = at;
    for (int i = pair.secondFrom(); i < pair.secondTo(); i++) {
      tokens[at++] = text.token(i);
    }
    tokens[at] = vocabulary.id(Vocabulary.END);
    return masked(tokens, secondFrom, pair.inOrder(), new SplittableRandom(seed));
  }

  private MaskedSequence masked(
      int[] tokens, int secondFrom, boolean inOrder, RandomGenerator random) {
    int begin = vocabulary.id(Vocabulary.BEGIN);
    int end = vocabulary.id(Vocabulary.END);
    BitSet begins = new BitSet(tokens.length);
    for (int i = 0; i < tokens.length; i++) {
      begins.set(i, NgramMasking.mayBegin(vocabulary.piece(tokens[i])));
    }
    int[] places =
        masking.choose(tokens.length, begins, random).stream()
            .filter(place -> tokens[place] != begin && tokens[place] != end)
            .toArray();
    int[] targets = new int[places.length];
    for (int i = 0; i < places.length; i++) {
      targets[i] = tokens[places[i]];
      tokens[places[i]] = replaced(targets[i], random);
    }
    return new MaskedSequence(tokens, secondFrom, places, targets, inOrder);
  }

  private int replaced(int token, RandomGenerator random) {
    if (replacement == Replacement.MASK) {
      return vocabulary.id(Vocabulary.MASK);
    }
    double drawn = random.nextDouble();
    return drawn < 0.8
        ? vocabulary.id(Vocabulary.MASK)
        : drawn < 0.9 ? random.nextInt(vocabulary.size()) : token;
  }
}
