package org.agr4j.data.text;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.agr4j.input.BadInputException;

/**
 * Pairs of neighbouring stretches of a text, for telling which comes first (ALBERT's sentence-order
 * prediction, Lan et al. 2020). One pass goes over the text from its first line to its last; with
 * probability {@code shortShare} both stretches of a pair are n pieces long, n uniform in 1 …
 * ⌊length/2⌋, else ⌊length/2⌋; with probability {@code swapShare} they are swapped.
 *
 * @param length places of a sequence, special pieces included; at least 5
 * @param shortShare the share of pairs that are short, 0 to 1
 * @param swapShare the share of pairs that are swapped, 0 to 1
 * @param cut where stretches end
 */
public record SentencePairs(int length, double shortShare, double swapShare, Cut cut) {
  /** Where the stretches of a pair end. */
  public enum Cut {
    /**
     * At the ends of lines, as the code released with the paper on AGR cuts: stretch a is read line
     * by line until it has its length, then b. The end of a document begins a anew and ends b,
     * which is empty where a document ends with a. So the lengths of the two tell much of their
     * order.
     */
    LINES("lines"),
    /** Anywhere: both have the same length, so that their words must tell the order. */
    HALVES("halves");

    private final String label;

    Cut(String label) {
      this.label = label;
    }

    @Override
    public String toString() {
      return label;
    }
  }

  /** Halves have at least this share of a sequence. */
  private static final int SHORTEST_HALF = 16;

  /** [CLS] a [SEP] b [SEP]. */
  static final int SPECIAL = 3;

  /**
   * Two stretches of a text, places of its pieces, in the order in which a sequence has them.
   *
   * @param firstFrom the first stretch's first place
   * @param firstTo the place behind it
   * @param secondFrom the second stretch's first place
   * @param secondTo the place behind it
   * @param inOrder whether the first stretch comes first in the text
   */
  public record Pair(int firstFrom, int firstTo, int secondFrom, int secondTo, boolean inOrder) {
    int firstLength() {
      return firstTo - firstFrom;
    }

    int secondLength() {
      return secondTo - secondFrom;
    }

    private Pair swapped() {
      return new Pair(secondFrom, secondTo, firstFrom, firstTo, !inOrder);
    }

    /** Cut from the end of the longer, of the second where they are equal, to so many pieces. */
    private Pair cutTo(int most) {
      int first = firstLength();
      int second = secondLength();
      if (first + second <= most) {
        return this;
      }
      int half = most / 2;
      if (second <= half) {
        first = most - second;
      } else if (first <= most - half) {
        second = most - first;
      } else {
        first = most - half;
        second = half;
      }
      return new Pair(firstFrom, firstFrom + first, secondFrom, secondFrom + second, inOrder);
    }
  }

  /**
   * The pairs of a pass over a text.
   *
   * @param text the text
   * @param seed what determines lengths and swaps
   * @param most the number after which the pass ends
   * @throws BadInputException if no document is long enough for a pair that is not short
   */
  public List<Pair> pass(TokenizedText text, long seed, int most) {
    if (text.longestDocument() < length / 2) {
      throw new BadInputException(
          "the %s has no document long enough for a pair: the longest has %,d word pieces, expected at least %,d, half of --length %,d"
              .formatted(text.name(), text.longestDocument(), length / 2, length));
    }
    RandomGenerator random = new SplittableRandom(seed);
    List<Pair> pairs = new ArrayList<>();
    switch (cut) {
      case LINES -> lines(text, random, most, pairs);
      case HALVES -> halves(text, random, most, pairs);
    }
    return pairs;
  }

  private int drawLength(RandomGenerator random) {
    return random.nextDouble() < shortShare ? random.nextInt(1, length / 2 + 1) : length / 2;
  }

  private Pair pair(int from, int middle, int to, RandomGenerator random) {
    Pair pair = new Pair(from, middle, middle, to, true);
    return (random.nextDouble() < swapShare ? pair.swapped() : pair).cutTo(length - SPECIAL);
  }

  private void lines(TokenizedText text, RandomGenerator random, int most, List<Pair> pairs) {
    int line = 0;
    while (pairs.size() < most) {
      int wanted = drawLength(random);
      int from = line < text.lines() ? text.start(line) : 0;
      while (line < text.lines() && text.end(line) - from < wanted) {
        from = text.isLast(line) ? text.end(line) : from;
        line++;
      }
      if (line == text.lines()) {
        return;
      }
      int middle = text.end(line);
      int to = middle;
      while (!text.isLast(line) && to - middle < wanted) {
        line++;
        to = text.end(line);
      }
      line++;
      pairs.add(pair(from, middle, to, random));
    }
  }

  private void halves(TokenizedText text, RandomGenerator random, int most, List<Pair> pairs) {
    int from = 0;
    for (int line = 0; line < text.lines(); line++) {
      if (!text.isLast(line)) {
        continue;
      }
      int end = text.end(line);
      while (pairs.size() < most && (end - from) / 2 >= Math.max(1, length / SHORTEST_HALF)) {
        int half = Math.min(drawLength(random), (end - from) / 2);
        pairs.add(pair(from, from + half, from + 2 * half, random));
        from += 2 * half;
      }
      from = end;
    }
  }
}
