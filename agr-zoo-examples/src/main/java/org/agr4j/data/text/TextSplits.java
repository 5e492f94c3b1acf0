package org.agr4j.data.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.agr4j.data.FilesByName;
import org.agr4j.input.BadInputException;

/**
 * The training, validation and test text of a data set, line by line; a blank line ends a document.
 *
 * @param train the text that is trained on
 * @param valid the text that settings are chosen by
 * @param test the text that results are told of
 */
public record TextSplits(List<String> train, List<String> valid, List<String> test) {
  private static final int MOST_BYTES = 1 << 26;
  private static final char MARK = '\ufeff';
  private static final List<List<String>> NAMES =
      List.of(
          List.of("train.txt", "wiki.train.tokens", "wiki.train.raw"),
          List.of("valid.txt", "val.txt", "validation.txt", "wiki.valid.tokens", "wiki.valid.raw"),
          List.of("test.txt", "wiki.test.tokens", "wiki.test.raw"));

  /** Keeps copies. */
  public TextSplits {
    train = List.copyOf(train);
    valid = List.copyOf(valid);
    test = List.copyOf(test);
  }

  /**
   * Reads the three texts from {@code train.txt}, {@code valid.txt} and {@code test.txt}, or {@code
   * wiki.train.tokens} and so on, as WikiText is published.
   *
   * @param dataset what it should be
   * @param path a folder, .zip or .tar.gz that holds them, at whatever place
   * @throws BadInputException if one is missing, there twice, empty or not UTF-8, or is not this
   *     data set's
   */
  public static TextSplits read(TextDataset dataset, Path path) {
    Set<String> all = new HashSet<>();
    NAMES.forEach(all::addAll);
    String what =
        dataset == TextDataset.TEXT
            ? "texts, train.txt, valid.txt and test.txt"
            : dataset.title() + "'s texts, train.txt, valid.txt and test.txt";
    Map<String, byte[]> files = FilesByName.read(path, all, what, MOST_BYTES);
    return new TextSplits(
        lines(dataset, path, files, 0),
        lines(dataset, path, files, 1),
        lines(dataset, path, files, 2));
  }

  private static List<String> lines(
      TextDataset dataset, Path path, Map<String, byte[]> files, int split) {
    List<String> there =
        files.keySet().stream().filter(name -> NAMES.get(split).contains(lastPart(name))).toList();
    if (there.size() != 1) {
      throw new BadInputException(
          there.isEmpty()
              ? "%s has no %s, expected train.txt, valid.txt and test.txt"
                  .formatted(path, NAMES.get(split).get(0))
              : "%s has %s and %s, expected one of them"
                  .formatted(path, there.get(0), there.get(1)));
    }
    String name = path + ": " + there.get(0);
    List<String> lines = decoded(name, files.get(there.get(0))).lines().toList();
    if (lines.stream().allMatch(String::isBlank)) {
      throw new BadInputException(name + " has no words, expected a text");
    }
    if (!dataset.lines().isEmpty() && lines.size() != dataset.lines().get(split)) {
      throw new BadInputException(
          "%s has %,d lines, expected the %,d of %s; your own text is --dataset %s"
              .formatted(
                  name,
                  lines.size(),
                  dataset.lines().get(split),
                  dataset.title(),
                  TextDataset.TEXT));
    }
    return lines;
  }

  private static String lastPart(String name) {
    return name.substring(name.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
  }

  /**
   * Decodes UTF-8, with or without byte order mark, and lets nothing else pass.
   *
   * @param name what to call it in a message
   * @throws BadInputException if it is something else, with the line
   */
  static String decoded(String name, byte[] content) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(content);
    CharBuffer out = CharBuffer.allocate(content.length);
    CoderResult result = decoder.decode(in, out, true);
    out.flip();
    if (result.isError()) {
      long line = 1 + out.chars().filter(c -> c == '\n').count();
      throw new BadInputException(
          "%s is no UTF-8 text: byte 0x%02x in line %,d, expected UTF-8"
              .formatted(name, content[in.position()] & 0xff, line));
    }
    String text = out.toString();
    return !text.isEmpty() && text.charAt(0) == MARK ? text.substring(1) : text;
  }
}
