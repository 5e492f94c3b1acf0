package org.agr4j.data.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.agr4j.input.BadInputException;

/**
 * The word pieces that a network knows, in the format of BERT's {@code vocab.txt}: one a line, the
 * first line is 0; a piece that goes on in a word begins with {@code ##}; among them are {@code
 * [PAD]}, {@code [UNK]}, {@code [CLS]}, {@code [SEP]} and {@code [MASK]}.
 */
public final class Vocabulary {
  /** The piece in places behind the end of a sequence. */
  public static final String PAD = "[PAD]";

  /** The piece that stands for a word that cannot be put together. */
  public static final String UNKNOWN = "[UNK]";

  /** The piece that begins a sequence. */
  public static final String BEGIN = "[CLS]";

  /** The piece that ends a segment. */
  public static final String END = "[SEP]";

  /** The piece that stands where a word is to be guessed. */
  public static final String MASK = "[MASK]";

  /** What a piece that goes on in a word begins with. */
  public static final String INNER = "##";

  /** The name of its file in a run's folder and in {@code model.zip}. */
  public static final String FILE = "vocabulary.txt";

  static final List<String> SPECIAL = List.of(PAD, UNKNOWN, BEGIN, END, MASK);
  private static final int MOST = 1_000_000;
  private static final long MOST_BYTES = 1 << 24;

  private final List<String> pieces;
  private final Map<String, Integer> ids = new HashMap<>();
  private final boolean cased;

  /**
   * Pieces in the order of their numbers.
   *
   * @param source what to call them in a message
   * @param pieces the pieces
   * @throws BadInputException if a piece is there twice or is empty, or a special one is missing
   */
  public Vocabulary(String source, List<String> pieces) {
    this.pieces = List.copyOf(pieces);
    if (pieces.size() > MOST) {
      throw new BadInputException(
          "%s has %,d lines, expected a vocabulary of %,d at most"
              .formatted(source, pieces.size(), MOST));
    }
    for (int id = 0; id < pieces.size(); id++) {
      String piece = pieces.get(id);
      Integer before = ids.putIfAbsent(piece, id);
      if (piece.isEmpty() || before != null) {
        throw new BadInputException(
            "%s: line %,d %s, expected a piece of a word on each, each once"
                .formatted(
                    source,
                    id + 1,
                    piece.isEmpty()
                        ? "is empty"
                        : "is '%s', as line %,d is".formatted(piece, before + 1)));
      }
    }
    for (String special : SPECIAL) {
      if (!ids.containsKey(special)) {
        throw new BadInputException(
            "%s has no %s, expected a vocabulary in BERT's format with %s"
                .formatted(source, special, String.join(", ", SPECIAL)));
      }
    }
    this.cased =
        pieces.stream()
            .filter(piece -> !piece.startsWith("["))
            .anyMatch(piece -> piece.codePoints().anyMatch(Character::isUpperCase));
  }

  /**
   * Reads a file in BERT's format.
   *
   * @throws BadInputException if it is none
   */
  public static Vocabulary read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new BadInputException(
          file
              + (Files.isDirectory(file) ? " is a folder" : ": no such file")
              + ", expected a vocabulary in BERT's format, vocab.txt");
    }
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new BadInputException(
            "%s has %,d bytes, expected a vocabulary of %,d at most"
                .formatted(file, Files.size(file), MOST_BYTES));
      }
      return ofText(file.toString(), TextSplits.decoded(file.toString(), Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new BadInputException("%s cannot be read: %s".formatted(file, e), e);
    }
  }

  /**
   * Reads a text in BERT's format.
   *
   * @param source what to call it in a message
   * @throws BadInputException if it is none
   */
  public static Vocabulary ofText(String source, String text) {
    return new Vocabulary(source, text.lines().toList());
  }

  /** The text in BERT's format. */
  public String text() {
    return String.join("\n", pieces) + "\n";
  }

  /** Number of pieces. */
  public int size() {
    return pieces.size();
  }

  /** Whether capitals are told from small letters: a piece, not a special one, has a capital. */
  public boolean isCased() {
    return cased;
  }

  /** Whether there is a piece of that number. */
  public boolean has(int id) {
    return id >= 0 && id < pieces.size();
  }

  /** The piece of a number. */
  public String piece(int id) {
    return pieces.get(id);
  }

  /** The number of a piece; that of {@link #UNKNOWN} if there is none. */
  public int id(String piece) {
    Integer id = ids.get(piece);
    return id == null ? ids.get(UNKNOWN) : id;
  }

  /** The numbers by pieces, in the reverse order in which DL4J's tokenizer wants them. */
  NavigableMap<String, Integer> reversed() {
    NavigableMap<String, Integer> map = new TreeMap<>(Collections.reverseOrder());
    map.putAll(ids);
    return map;
  }
}
