package org.agr4j.data.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.agr4j.input.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SentencePairsTest {
  /** Words a, b, …: each a piece, so that a piece's number tells the word. */
  private static final Vocabulary VOCABULARY = vocabulary();

  private static Vocabulary vocabulary() {
    List<String> pieces = new ArrayList<>(Vocabulary.SPECIAL);
    for (char c = 'a'; c <= 'z'; c++) {
      pieces.add("" + c);
    }
    return new Vocabulary("letters", pieces);
  }

  private static TokenizedText text(List<String> lines) {
    return TokenizedText.of("training text", lines, new WordPieces(VOCABULARY));
  }

  private static List<String> randomLines(long seed, int count) {
    Random random = new Random(seed);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder line = new StringBuilder(" ");
      int words = random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(12);
      for (int word = 0; word < words; word++) {
        line.append((char) ('a' + random.nextInt(26))).append(' ');
      }
      lines.add(line.toString());
    }
    return lines;
  }

  /** As the released code reads a file, with lines in place of its file pointer. */
  private static final class PlainReader {
    private final List<String> lines;
    private int next;

    PlainReader(List<String> lines) {
      this.lines = lines;
    }

    private List<String> read(int length, boolean restart) {
      List<String> tokens = new ArrayList<>();
      while (tokens.size() < length) {
        if (next == lines.size()) {
          return restart || tokens.isEmpty() ? null : tokens;
        }
        String line = lines.get(next++);
        if (line.isBlank()) {
          if (!restart) {
            return tokens;
          }
          tokens = new ArrayList<>();
        } else {
          tokens.addAll(List.of(line.strip().split(" ")));
        }
      }
      return tokens;
    }

    List<List<String>> pairs(int length) {
      List<List<String>> pairs = new ArrayList<>();
      while (true) {
        List<String> a = read(length / 2, true);
        boolean isEnd = next == lines.size();
        List<String> b = a == null ? null : isEnd ? List.of() : read(length / 2, false);
        if (b == null) {
          return pairs;
        }
        a = new ArrayList<>(a);
        b = new ArrayList<>(b);
        while (a.size() + b.size() > length - 3) {
          List<String> longer = a.size() > b.size() ? a : b;
          longer.remove(longer.size() - 1);
        }
        pairs.add(List.of(String.join(" ", a), String.join(" ", b)));
      }
    }
  }

  private static String words(TokenizedText text, int from, int to) {
    List<String> words = new ArrayList<>();
    for (int i = from; i < to; i++) {
      words.add(VOCABULARY.piece(text.token(i)));
    }
    return String.join(" ", words);
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 8, 9, 16, 33})
  void linesAreReadAsTheReleasedCodeReadsThem(int length) {
    for (int seed = 0; seed < 20; seed++) {
      List<String> lines = randomLines(seed, 60);
      TokenizedText text = text(lines);
      List<List<String>> found = new ArrayList<>();
      new SentencePairs(length, 0, 0, SentencePairs.Cut.LINES)
          .pass(text, seed, Integer.MAX_VALUE)
          .forEach(
              pair ->
                  found.add(
                      List.of(
                          words(text, pair.firstFrom(), pair.firstTo()),
                          words(text, pair.secondFrom(), pair.secondTo()))));
      assertEquals(new PlainReader(lines).pairs(length), found, "seed " + seed);
    }
  }

  /** The longer is cut, of two that are as long the second, whichever comes first in the text. */
  @Test
  void swappedOnesAreCutInTheirNewOrder() {
    TokenizedText text = text(List.of("a b c d", "e f g h", "", "i j k l m n", "o p"));
    List<SentencePairs.Pair> pairs =
        new SentencePairs(8, 0, 1, SentencePairs.Cut.LINES).pass(text, 1, Integer.MAX_VALUE);
    assertEquals(
        List.of(
            new SentencePairs.Pair(4, 7, 0, 2, false),
            new SentencePairs.Pair(14, 16, 8, 11, false)),
        pairs);
  }

  @Test
  void halvesAreAsLongAndNeighbours() {
    TokenizedText text = text(randomLines(3, 400));
    List<SentencePairs.Pair> pairs =
        new SentencePairs(16, .3, .5, SentencePairs.Cut.HALVES).pass(text, 5, Integer.MAX_VALUE);
    assertTrue(pairs.size() > 100, "" + pairs.size());
    for (SentencePairs.Pair pair : pairs) {
      int rest = pair.firstLength() - pair.secondLength();
      assertTrue(rest == 0 || rest == 1, pair.toString());
      assertEquals(pair.inOrder(), pair.firstFrom() < pair.secondFrom());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"LINES", "HALVES"})
  void sharesAreThoseAskedForAndTheSeedDeterminesAll(SentencePairs.Cut cut) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 40_000; i++) {
      lines.add("a b c d");
    }
    TokenizedText text = text(lines);
    SentencePairs maker = new SentencePairs(32, .25, .3, cut);
    List<SentencePairs.Pair> pairs = maker.pass(text, 7, Integer.MAX_VALUE);
    double n = pairs.size();
    assertEquals(.7, pairs.stream().filter(SentencePairs.Pair::inOrder).count() / n, .03);
    // A short one of n uniform in 1 … 16 has 16 lines or pieces itself in 4 or 1 of 16 cases.
    double whole = cut == SentencePairs.Cut.LINES ? .75 + .25 * 4 / 16 : .75 + .25 / 16;
    assertEquals(
        whole,
        pairs.stream().filter(p -> p.firstLength() + p.secondLength() == 29).count() / n,
        .03);
    assertEquals(pairs, maker.pass(text, 7, Integer.MAX_VALUE));
    assertEquals(pairs.subList(0, 10), maker.pass(text, 7, 10));
    assertTrue(!pairs.equals(maker.pass(text, 8, Integer.MAX_VALUE)));
  }

  @Test
  void refusesATextWithoutALongEnoughDocument() {
    TokenizedText text = text(List.of("a b c", "", "a b", "c d e"));
    String message =
        assertThrows(
                BadInputException.class,
                () -> new SentencePairs(12, .1, .5, SentencePairs.Cut.LINES).pass(text, 1, 9))
            .getMessage();
    assertEquals(
        "the training text has no document long enough for a pair: the longest has 5 word pieces, expected at least 6, half of --length 12",
        message);
  }
}
