package org.agr4j.data.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;

/**
 * Learns a vocabulary of word pieces from a text: beginning with single characters, the two
 * neighbours that stand together most often in the text's words become one piece, again and again
 * (byte-pair encoding, Sennrich et al. 2016, with BERT's {@code ##} on pieces that go on in a
 * word), until there are as many pieces as asked for or no two neighbours are there twice.
 *
 * <p>The same text gives the same vocabulary: of pairs that are as frequent, the one whose pieces
 * are older is taken. Only the pairs of words that change are counted again, so that two million
 * words take a few seconds. Memory: about 100 bytes a letter of the distinct words.
 */
public final class WordPieceLearning {
  private static final int MOST_CHARACTERS = 1000;

  /** Two pieces side by side: how often, and in which words they are or were. */
  private static final class Pair {
    private final int left;
    private final int right;
    private long count;
    private int[] places = new int[4];
    private int used;
    private boolean isChanged;

    Pair(int left, int right) {
      this.left = left;
      this.right = right;
    }

    void add(int place) {
      if (used > 0 && places[used - 1] == place) {
        return;
      }
      if (used == places.length) {
        places = Arrays.copyOf(places, 2 * used);
      }
      places[used++] = place;
    }
  }

  /** How often a pair was there when it was put on the queue. */
  private record Candidate(Pair pair, long count) {
    private static final Comparator<Candidate> BEST_FIRST =
        Comparator.comparingLong(Candidate::count)
            .reversed()
            .thenComparingInt(candidate -> candidate.pair().left)
            .thenComparingInt(candidate -> candidate.pair().right);
  }

  private final Map<String, Integer> vocabulary = new LinkedHashMap<>();
  private final List<String> pieces = new ArrayList<>();
  private final List<int[]> words = new ArrayList<>();
  private final List<Long> wordCounts = new ArrayList<>();
  private final Map<Long, Pair> pairs = new HashMap<>();
  private final PriorityQueue<Candidate> queue = new PriorityQueue<>(Candidate.BEST_FIRST);
  private final List<Pair> changed = new ArrayList<>();

  private WordPieceLearning() {}

  /**
   * Learns a vocabulary, without capitals and accents.
   *
   * @param lines the text
   * @param size how many pieces there may be, with the special ones
   */
  public static Vocabulary learn(List<String> lines, int size) {
    Map<String, Long> chunks = new HashMap<>();
    for (String line : lines) {
      for (String chunk : line.split(" ")) {
        chunks.merge(chunk, 1L, Long::sum);
      }
    }
    Map<String, Long> words = new TreeMap<>();
    chunks.forEach(
        (chunk, count) ->
            WordPieces.words(chunk, false).forEach(word -> words.merge(word, count, Long::sum)));
    WordPieceLearning learning = new WordPieceLearning();
    Vocabulary.SPECIAL.forEach(learning::piece);
    learning.begin(words, size);
    learning.join(size);
    return new Vocabulary("the vocabulary that was learned", learning.pieces);
  }

  /** The number of a piece, which is made if there is none. */
  private int piece(String text) {
    Integer known = vocabulary.putIfAbsent(text, pieces.size());
    if (known != null) {
      return known;
    }
    pieces.add(text);
    return pieces.size() - 1;
  }

  /** Makes pieces of the most frequent characters, and words of those. */
  private void begin(Map<String, Long> text, int size) {
    Map<String, Long> characters = new TreeMap<>();
    text.forEach(
        (word, count) ->
            characters(word).forEach(piece -> characters.merge(piece, count, Long::sum)));
    characters.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .limit(Math.min(Math.max(0, size - pieces.size()), MOST_CHARACTERS))
        .forEach(entry -> piece(entry.getKey()));
    text.forEach(
        (word, count) -> {
          List<String> own = characters(word);
          if (vocabulary.keySet().containsAll(own)) {
            words.add(own.stream().mapToInt(vocabulary::get).toArray());
            wordCounts.add(count);
            count(words.size() - 1, 1);
          }
        });
    queueChanged();
  }

  private static List<String> characters(String word) {
    List<String> pieces = new ArrayList<>();
    word.codePoints()
        .forEach(
            c -> pieces.add((pieces.isEmpty() ? "" : Vocabulary.INNER) + Character.toString(c)));
    return pieces;
  }

  private void join(int size) {
    while (pieces.size() < size && !queue.isEmpty()) {
      Candidate best = queue.poll();
      if (best.count() != best.pair().count) { // it is on the queue again with what it has now
        continue;
      }
      if (best.count() < 2) {
        break;
      }
      join(best.pair());
    }
  }

  /** Counts a word's pairs, or takes them off the counts. */
  private void count(int at, int sign) {
    int[] word = words.get(at);
    for (int i = 0; i + 1 < word.length; i++) {
      int left = word[i];
      int right = word[i + 1];
      Pair pair = pairs.computeIfAbsent((long) left << 32 | right, key -> new Pair(left, right));
      pair.count += sign * wordCounts.get(at);
      if (sign > 0) {
        pair.add(at);
      }
      if (!pair.isChanged) {
        pair.isChanged = true;
        changed.add(pair);
      }
    }
  }

  /** Makes one piece of a pair in all words that have it. */
  private void join(Pair pair) {
    int joined =
        piece(pieces.get(pair.left) + pieces.get(pair.right).substring(Vocabulary.INNER.length()));
    for (int i = 0; i < pair.used; i++) {
      int at = pair.places[i];
      int[] word = words.get(at);
      int[] shorter = joined(word, pair, joined);
      if (shorter.length < word.length) {
        count(at, -1);
        words.set(at, shorter);
        count(at, 1);
      }
    }
    pairs.remove((long) pair.left << 32 | pair.right);
    queueChanged();
  }

  private static int[] joined(int[] word, Pair pair, int joined) {
    int[] shorter = new int[word.length];
    int length = 0;
    for (int i = 0; i < word.length; i++) {
      boolean here = i + 1 < word.length && word[i] == pair.left && word[i + 1] == pair.right;
      shorter[length++] = here ? joined : word[i];
      i += here ? 1 : 0;
    }
    return Arrays.copyOf(shorter, length);
  }

  private void queueChanged() {
    for (Pair pair : changed) {
      pair.isChanged = false;
      if (pair.count > 0) {
        queue.add(new Candidate(pair, pair.count));
      }
    }
    changed.clear();
  }
}
