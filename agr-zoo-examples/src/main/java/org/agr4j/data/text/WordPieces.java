package org.agr4j.data.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.text.tokenization.tokenizer.BertWordPieceTokenizer;
import org.deeplearning4j.text.tokenization.tokenizer.preprocessor.BertWordPiecePreProcessor;
import org.deeplearning4j.text.tokenization.tokenizerfactory.BertWordPieceTokenizerFactory;

/**
 * Cuts texts into the pieces of a vocabulary, as BERT does: words are parted at white space and
 * punctuation, each is cut into the longest pieces there are, and one that cannot be is {@link
 * Vocabulary#UNKNOWN}. Capitals and accents are taken off unless the vocabulary has capitals.
 *
 * <p>DL4J's {@link BertWordPieceTokenizer} does the cutting. It leaves characters out that the
 * vocabulary has not, or fails where they are in the midst of a word; here such words are unknown.
 * What a word came to is remembered, as most words of a text are met many times. Not for several
 * threads.
 */
public final class WordPieces {
  private final Vocabulary vocabulary;
  private final BertWordPieceTokenizerFactory tokenizer;
  private final Map<String, int[]> known = new HashMap<>();

  /** Cuts into the pieces of a vocabulary. */
  public WordPieces(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
    this.tokenizer =
        new BertWordPieceTokenizerFactory(vocabulary.reversed(), preparation(vocabulary.isCased()));
  }

  /** What is done to a text before it is parted into words. */
  private static BertWordPiecePreProcessor preparation(boolean cased) {
    return new BertWordPiecePreProcessor(!cased, !cased, null);
  }

  /**
   * The numbers of the pieces of a text.
   *
   * @param text a line
   */
  public int[] ids(String text) {
    int[] ids = new int[16];
    int count = 0;
    for (String chunk : text.split(" ")) {
      int[] more = known.computeIfAbsent(chunk, this::cut);
      if (count + more.length > ids.length) {
        ids = Arrays.copyOf(ids, 2 * (count + more.length));
      }
      System.arraycopy(more, 0, ids, count, more.length);
      count += more.length;
    }
    return Arrays.copyOf(ids, count);
  }

  private int[] cut(String chunk) {
    try {
      return numbers(tokenizer.create(chunk).getTokens());
    } catch (IllegalStateException e) { // a word in it has a character that no piece has
      List<String> pieces = new ArrayList<>();
      for (String word : words(chunk, vocabulary.isCased())) {
        try {
          pieces.addAll(tokenizer.create(word).getTokens());
        } catch (IllegalStateException unknown) {
          pieces.add(Vocabulary.UNKNOWN);
        }
      }
      return numbers(pieces);
    }
  }

  private int[] numbers(List<String> pieces) {
    return pieces.stream().mapToInt(vocabulary::id).toArray();
  }

  /**
   * The words of a text as the tokenizer parts them, punctuation alone.
   *
   * @param text a line
   * @param cased whether capitals and accents stay
   */
  static List<String> words(String text, boolean cased) {
    return Arrays.stream(
            BertWordPieceTokenizer.splitPattern.split(preparation(cased).preProcess(text)))
        .filter(word -> !word.isEmpty())
        .toList();
  }

  /** The text that pieces make, for people. */
  public String text(int[] ids) {
    return BertWordPiecePreProcessor.reconstructFromTokens(
        Arrays.stream(ids).mapToObj(vocabulary::piece).toList());
  }
}
