package org.agr4j.data.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agr4j.input.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordPiecesTest {
  @TempDir Path folder;

  private static Vocabulary of(String... pieces) {
    List<String> all = new ArrayList<>(Vocabulary.SPECIAL);
    all.addAll(List.of(pieces));
    return new Vocabulary("pieces", all);
  }

  private static List<String> cut(Vocabulary vocabulary, String text) {
    return Arrays.stream(new WordPieces(vocabulary).ids(text)).mapToObj(vocabulary::piece).toList();
  }

  @Test
  void wordsAreCutIntoTheLongestPieces() {
    Vocabulary vocabulary =
        of("un", "##k", "##aff", "##able", "##a", "the", ".", ",", "-", "@", "<", ">");
    assertEquals(
        List.of("the", "un", "##aff", "##able", ",", "<", "un", "##k", ">", "."),
        cut(vocabulary, " The  unaffable, <UNK> ."));
    assertEquals(List.of("@", "-", "@"), cut(vocabulary, "@-@"));
  }

  /** As BERT has it: the word, not its characters, is unknown. */
  @Test
  void aWordThatCannotBePutTogetherIsUnknown() {
    Vocabulary vocabulary = of("un", "##do", "u", "#", ".", "-");
    assertEquals(List.of("[UNK]", "-", "un", "##do", "."), cut(vocabulary, "undone-undo."));
    assertEquals(List.of("[UNK]", "[UNK]"), cut(vocabulary, "日本"));
    assertEquals(List.of(), cut(vocabulary, " \u0007 "));
  }

  @Test
  void capitalsAndAccentsStayWhereTheVocabularyHasThem() {
    assertEquals(List.of("ete"), cut(of("ete", "Été".toLowerCase()), "Été"));
    assertEquals(List.of("Été", "[UNK]"), cut(of("Été", "ete"), "Été ÉTÉ"));
    assertTrue(!of("a").isCased());
  }

  @Test
  void aVocabularyIsLearnedFromTheMostFrequentNeighbours() {
    List<String> text = List.of("low low low low low", "lower lower", "newest newest newest", "x");
    Vocabulary learned = WordPieceLearning.learn(text, 1000);
    assertEquals(List.of("low"), cut(learned, "low"));
    assertEquals(List.of("low", "##er"), cut(WordPieceLearning.learn(text, 22), "lower"));
    assertEquals(List.of("lower", "newest", "x"), cut(learned, "lower newest x"));
    // 5 special ones, then characters by how often they are there, then pairs.
    assertEquals("##w", learned.piece(5));
    assertEquals(learned.text(), WordPieceLearning.learn(text, 1000).text());
    assertEquals(12, WordPieceLearning.learn(text, 12).size());
    List<String> parted = new ArrayList<>();
    text.forEach(line -> parted.addAll(List.of(line.split(" "))));
    assertEquals(learned.text(), WordPieceLearning.learn(parted, 1000).text());
  }

  /** Joining pairs again and again, all counted anew each time, gives the same. */
  @Test
  void theFastWayIsThePlainWay() {
    List<String> text = SyntheticText.generate(4, 20, 1).train();
    for (int size : new int[] {60, 90, 150, 400}) {
      assertEquals(PlainLearning.learn(text, size), WordPieceLearning.learn(text, size).text());
    }
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Vocabulary vocabulary = of("a", "##é");
    Path file = Files.writeString(folder.resolve("vocab.txt"), vocabulary.text());
    assertEquals(vocabulary.text(), Vocabulary.read(file).text());
    Files.writeString(file, "\ufeff" + vocabulary.text().replace("\n", "\r\n"));
    assertEquals(vocabulary.text(), Vocabulary.read(file).text());
  }

  private void refused(byte[] content, String message) throws IOException {
    Path file = Files.write(folder.resolve("vocab.txt"), content);
    String found = assertThrows(BadInputException.class, () -> Vocabulary.read(file)).getMessage();
    assertTrue(found.endsWith(message) && found.startsWith(file.toString()), found);
  }

  @Test
  void badVocabulariesAreRefusedInOneLine() throws IOException {
    String special = String.join("\n", Vocabulary.SPECIAL) + "\n";
    refused(
        special.replace("[MASK]\n", "").getBytes(StandardCharsets.UTF_8),
        " has no [MASK], expected a vocabulary in BERT's format with [PAD], [UNK], [CLS], [SEP], [MASK]");
    refused(
        (special + "a\nb\na\n").getBytes(StandardCharsets.UTF_8),
        ": line 8 is 'a', as line 6 is, expected a piece of a word on each, each once");
    refused(
        (special + "a\n\nb\n").getBytes(StandardCharsets.UTF_8),
        ": line 7 is empty, expected a piece of a word on each, each once");
    refused(
        (special + "\nä").getBytes(StandardCharsets.ISO_8859_1),
        " is no UTF-8 text: byte 0xe4 in line 7, expected UTF-8");
    assertThrows(BadInputException.class, () -> Vocabulary.read(folder));
    assertThrows(BadInputException.class, () -> Vocabulary.read(folder.resolve("none")));
  }
}
