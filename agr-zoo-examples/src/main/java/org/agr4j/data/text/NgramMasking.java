package org.agr4j.data.text;

import java.util.BitSet;
import java.util.random.RandomGenerator;

/**
 * Chooses the pieces of a sequence that a network has to guess, as the code released with the paper
 * on AGR does (from XLNet's, Yang et al. 2019).
 *
 * <p>Of n pieces, goal = min(most, max(1, round(share · n))) are chosen. First come runs of k
 * pieces, k ≤ {@code longestRun} with probability ∝ 1/k: each has a context of 4k pieces, begins
 * after a uniform part of it at the next piece that may begin a run, and the rest of the context
 * follows; runs end where the sequence does. What is then left of the goal are single pieces, drawn
 * from all. Special pieces may be drawn and stay what they are.
 *
 * <p>A piece may begin a run if it begins with ▁ or &lt; or is one punctuation character. With
 * SentencePiece's vocabularies those are whole words; with BERT's, which the paper's runs had, they
 * are punctuation, and runs begin there only.
 *
 * @param share of the pieces, 0 to 1
 * @param most chosen pieces
 * @param longestRun pieces of the longest run; 1 and 0 leave the others out
 */
public record NgramMasking(double share, int most, int longestRun) {
  private static final int CONTEXT = 4;
  private static final String PUNCTUATION = "!\"#$%&()*+,-./:;?@[\\]^_`{|}~";

  /** Whether a run may begin with a piece. */
  static boolean mayBegin(String piece) {
    return piece.startsWith("▁")
        || piece.startsWith("<")
        || piece.length() == 1 && PUNCTUATION.contains(piece);
  }

  /** How many pieces of so many are chosen. */
  public int goal(int pieces) {
    return Math.min(most, Math.max(1, (int) Math.rint(share * pieces)));
  }

  /**
   * Chooses pieces.
   *
   * @param pieces how many there are
   * @param begins the places at which runs may begin
   * @param random what is drawn
   * @return the chosen places
   */
  BitSet choose(int pieces, BitSet begins, RandomGenerator random) {
    BitSet chosen = new BitSet(pieces);
    int goal = goal(pieces);
    int count = 0;
    int at = 0;
    while (longestRun > 0 && at < pieces && count < goal) {
      int run = Math.min(drawRun(random), goal - count);
      int before = random.nextInt(CONTEXT * run);
      int begin = begins.nextSetBit(at + before);
      if (begin < 0 || begin + run >= pieces) {
        break;
      }
      chosen.set(begin, begin + run);
      count += run;
      at = begin + run + CONTEXT * run - before;
    }
    while (count < goal) {
      int place = random.nextInt(pieces);
      if (!chosen.get(place)) {
        chosen.set(place);
        count++;
      }
    }
    return chosen;
  }

  /** k with probability ∝ 1/k. */
  private int drawRun(RandomGenerator random) {
    double sum = 0;
    for (int k = 1; k <= longestRun; k++) {
      sum += 1.0 / k;
    }
    double left = random.nextDouble() * sum;
    int k = 1;
    while (k < longestRun && left >= 1.0 / k) {
      left -= 1.0 / k;
      k++;
    }
    return k;
  }
}
