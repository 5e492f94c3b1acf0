package org.agr4j.data.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class MaskedSequencesTest {
  private static final TextSplits TEXTS = SyntheticText.generate(1, 100, 10);
  private static final Vocabulary VOCABULARY = WordPieceLearning.learn(TEXTS.train(), 30_522);
  private static final WordPieces PIECES = new WordPieces(VOCABULARY);
  private static final TokenizedText TEXT =
      TokenizedText.of("training text", TEXTS.train(), PIECES);

  private static MaskedSequences sequences(int length, MaskedSequences.Replacement replacement) {
    return new MaskedSequences(
        TEXT,
        VOCABULARY,
        new SentencePairs(length, .1, .5, SentencePairs.Cut.LINES),
        new NgramMasking(.15, 75, 3),
        replacement);
  }

  /** As the released code chooses, its random numbers in the same order, array by array. */
  private static BitSet plain(NgramMasking masking, int n, BitSet begins, RandomGenerator random) {
    boolean[] mask = new boolean[n];
    int goal = masking.goal(n);
    int predicted = 0;
    int at = 0;
    while (at < n) {
      if (predicted >= goal) {
        break;
      }
      double u = random.nextDouble() * (1 + .5 + 1.0 / 3);
      int run = Math.min(u < 1 ? 1 : u < 1.5 ? 2 : 3, goal - predicted);
      int context = run * 4;
      int left = random.nextInt(context);
      int right = context - left;
      int begin = at + left;
      while (begin < n && !begins.get(begin)) {
        begin++;
      }
      if (begin >= n) {
        break;
      }
      int end = begin + 1;
      int count = 1;
      while (end < n) {
        count++;
        if (count > run) {
          break;
        }
        end++;
      }
      if (end >= n) {
        break;
      }
      for (int i = begin; i < end; i++) {
        mask[i] = true;
      }
      predicted += end - begin;
      at = end + right;
    }
    while (predicted < goal) {
      int i = random.nextInt(n);
      if (!mask[i]) {
        mask[i] = true;
        predicted++;
      }
    }
    BitSet chosen = new BitSet();
    for (int i = 0; i < n; i++) {
      chosen.set(i, mask[i]);
    }
    return chosen;
  }

  @Test
  void placesAreChosenAsTheReleasedCodeChoosesThem() {
    NgramMasking masking = new NgramMasking(.15, 75, 3);
    for (int seed = 0; seed < 300; seed++) {
      RandomGenerator random = new SplittableRandom(seed);
      int n = 3 + random.nextInt(510);
      BitSet begins = new BitSet();
      for (int i = 0; i < n; i++) {
        begins.set(i, random.nextInt(9) == 0);
      }
      assertEquals(
          plain(masking, n, begins, new SplittableRandom(seed)),
          masking.choose(n, begins, new SplittableRandom(seed)));
    }
  }

  @Test
  void theGoalIsRoundedAsPythonRounds() {
    NgramMasking masking = new NgramMasking(.15, 75, 3);
    assertEquals(1, masking.goal(3));
    assertEquals(2, masking.goal(10)); // 1.5 to the even one
    assertEquals(4, masking.goal(30)); // 4.5 to the even one
    assertEquals(75, masking.goal(512));
  }

  @Test
  void runsBeginAtPunctuation() {
    for (String piece : List.of(".", ",", "<", "<unk>", "▁the", "-", "[")) {
      assertTrue(NgramMasking.mayBegin(piece), piece);
    }
    for (String piece : List.of("the", "##ing", "'", "=", ">", "...", "[CLS]")) {
      assertTrue(!NgramMasking.mayBegin(piece), piece);
    }
  }

  @Test
  void aSequenceIsTheTextWithMasks() {
    MaskedSequences made = sequences(32, MaskedSequences.Replacement.MASK);
    int chosen = 0;
    int seen = 0;
    for (SentencePairs.Pair pair : made.epoch(3, 200, false)) {
      MaskedSequence sequence = made.sequence(pair, 11);
      int[] whole = sequence.tokens().clone();
      for (int i = 0; i < sequence.places().length; i++) {
        assertEquals(VOCABULARY.id(Vocabulary.MASK), whole[sequence.places()[i]]);
        whole[sequence.places()[i]] = sequence.targets()[i];
      }
      List<Integer> expected = new ArrayList<>();
      expected.add(VOCABULARY.id(Vocabulary.BEGIN));
      for (int i = pair.firstFrom(); i < pair.firstTo(); i++) {
        expected.add(TEXT.token(i));
      }
      expected.add(VOCABULARY.id(Vocabulary.END));
      assertEquals(expected.size(), sequence.secondFrom());
      for (int i = pair.secondFrom(); i < pair.secondTo(); i++) {
        expected.add(TEXT.token(i));
      }
      expected.add(VOCABULARY.id(Vocabulary.END));
      assertArrayEquals(expected.stream().mapToInt(i -> i).toArray(), whole);
      assertEquals(pair.inOrder(), sequence.inOrder());
      chosen += sequence.places().length;
      seen += whole.length;
    }
    assertTrue(chosen < .16 * seen && chosen > .12 * seen, chosen + " of " + seen);
  }

  @Test
  void oneInTenStaysAndOneInTenIsAnother() {
    MaskedSequences made = sequences(32, MaskedSequences.Replacement.BERT);
    double masks = 0;
    double same = 0;
    double all = 0;
    List<SentencePairs.Pair> pairs = made.epoch(3, 2_000, false);
    for (int i = 0; i < pairs.size(); i++) {
      MaskedSequence sequence = made.sequence(pairs.get(i), i);
      for (int k = 0; k < sequence.places().length; k++) {
        int token = sequence.tokens()[sequence.places()[k]];
        masks += token == VOCABULARY.id(Vocabulary.MASK) ? 1 : 0;
        same += token == sequence.targets()[k] ? 1 : 0;
        all++;
      }
    }
    assertEquals(.8, masks / all, .02);
    assertEquals(.1, same / all, .02);
  }

  @Test
  void anEpochHasAsManyAsAskedForAndIsShuffled() {
    MaskedSequences made = sequences(32, MaskedSequences.Replacement.MASK);
    int pass = made.count();
    List<SentencePairs.Pair> two = made.epoch(3, 2 * pass, false);
    assertEquals(2 * pass, two.size());
    assertEquals(two.subList(0, pass / 2), made.epoch(3, pass / 2, false));
    List<SentencePairs.Pair> shuffled = made.epoch(3, 2 * pass, true);
    assertTrue(!two.equals(shuffled));
    assertEquals(sorted(two), sorted(shuffled));
  }

  private static List<String> sorted(List<SentencePairs.Pair> pairs) {
    return pairs.stream().map(SentencePairs.Pair::toString).sorted().toList();
  }
}
