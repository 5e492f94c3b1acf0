package org.agr4j.data.text;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * A text as the numbers of its word pieces, with the ends of its lines and documents.
 *
 * <p>Memory: four bytes a piece and a line.
 */
public final class TokenizedText {
  private final String name;
  private final int[] tokens;
  private final int[] lineEnds; // line i is tokens[lineEnds[i - 1], lineEnds[i])
  private final BitSet lastLines;

  private TokenizedText(String name, int[] tokens, int[] lineEnds, BitSet lastLines) {
    this.name = name;
    this.tokens = tokens;
    this.lineEnds = lineEnds;
    this.lastLines = lastLines;
  }

  /**
   * Cuts a text into word pieces.
   *
   * @param name what to call it in messages, for example {@code training text}
   * @param lines the text; a blank line ends a document
   * @param pieces what cuts it
   */
  public static TokenizedText of(String name, List<String> lines, WordPieces pieces) {
    int[] tokens = new int[1 << 10];
    int[] ends = new int[lines.size()];
    BitSet last = new BitSet();
    int count = 0;
    int line = 0;
    for (String text : lines) {
      int[] ids = pieces.ids(text.strip());
      if (ids.length > 0) {
        if (count + ids.length > tokens.length) {
          tokens = Arrays.copyOf(tokens, 2 * (count + ids.length));
        }
        System.arraycopy(ids, 0, tokens, count, ids.length);
        count += ids.length;
        ends[line++] = count;
      } else if (text.isBlank() && line > 0) {
        last.set(line - 1);
      }
    }
    if (line > 0) {
      last.set(line - 1);
    }
    return new TokenizedText(name, Arrays.copyOf(tokens, count), Arrays.copyOf(ends, line), last);
  }

  /** What it is called in messages. */
  public String name() {
    return name;
  }

  /** Number of word pieces. */
  public int size() {
    return tokens.length;
  }

  /** The number of a word piece at a place. */
  int token(int at) {
    return tokens[at];
  }

  /** Number of lines that are not blank. */
  int lines() {
    return lineEnds.length;
  }

  /** Where a line begins. */
  int start(int line) {
    return line == 0 ? 0 : lineEnds[line - 1];
  }

  /** Where a line ends: the place behind its last piece. */
  int end(int line) {
    return lineEnds[line];
  }

  /** Whether a line is the last of its document. */
  boolean isLast(int line) {
    return lastLines.get(line);
  }

  /** Pieces of the longest document. */
  int longestDocument() {
    int longest = 0;
    int begin = 0;
    for (int line = 0; line < lines(); line++) {
      if (isLast(line)) {
        longest = Math.max(longest, end(line) - begin);
        begin = end(line);
      }
    }
    return longest;
  }

  /** Tells a digest of all of it: pieces, ends of lines, ends of documents. */
  public void update(MessageDigest digest) {
    for (int[] numbers : List.of(tokens, lineEnds, lastLines.stream().toArray())) {
      ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length);
      bytes.asIntBuffer().put(numbers);
      digest.update(bytes);
    }
  }
}
