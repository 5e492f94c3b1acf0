package org.agr4j.task.language;

import java.nio.file.Path;
import java.util.List;
import org.agr4j.data.text.SyntheticText;
import org.agr4j.data.text.TextDataset;
import org.agr4j.data.text.TextSplits;
import org.agr4j.data.text.TokenizedText;
import org.agr4j.data.text.Vocabulary;
import org.agr4j.data.text.WordPieceLearning;
import org.agr4j.data.text.WordPieces;
import org.agr4j.settings.Settings;
import org.agr4j.train.DataProgress;

/**
 * The texts of a run in word pieces, and the vocabulary of those.
 *
 * @param vocabulary given, or learned from the training text
 * @param train the training text
 * @param valid the validation text
 * @param test the test text
 */
public record LanguageTexts(
    Vocabulary vocabulary, TokenizedText train, TokenizedText valid, TokenizedText test) {
  private static final long SYNTHETIC_SEED = 20240716;
  private static final int SYNTHETIC_TRAIN = 1200;
  private static final int SYNTHETIC_OTHER = 150;

  /** What texts depend on. */
  private record Source(TextDataset dataset, String place, String vocabulary, int size) {}

  private record Opened(Source source, LanguageTexts texts) {}

  /** The last; a comparison asks for the same texts again for each of its runs. */
  private static Opened last;

  /**
   * Reads or makes the texts of a run; those that were read last are not read again.
   *
   * @param s data set, place and vocabulary of the run
   * @param progress is shown while they are read
   * @throws org.agr4j.input.BadInputException if texts or vocabulary cannot be had
   */
  public static synchronized LanguageTexts of(Settings s, DataProgress progress) {
    Source source =
        new Source(
            s.get(LanguageSettings.DATASET),
            s.get(LanguageSettings.DATA),
            s.get(LanguageSettings.VOCABULARY),
            s.get(LanguageSettings.VOCABULARY_SIZE));
    if (last == null || !last.source().equals(source)) {
      last = null;
      last = new Opened(source, read(source, LanguageSettings.isSynthetic(s), progress));
    }
    return last.texts();
  }

  private static LanguageTexts read(Source source, boolean synthetic, DataProgress progress) {
    TextSplits texts =
        synthetic
            ? SyntheticText.generate(SYNTHETIC_SEED, SYNTHETIC_TRAIN, SYNTHETIC_OTHER)
            : TextSplits.read(source.dataset(), Path.of(source.place()));
    boolean learned = source.vocabulary().equals(LanguageSettings.LEARNED);
    long steps = learned ? 2 : 1;
    try (DataProgress.Bar bar =
        progress.begin(
            (learned ? "Learning a vocabulary from " : "Reading ") + source.place(),
            synthetic ? "made-up text" : source.dataset().title(),
            steps,
            "",
            1)) {
      bar.accept(0);
      Vocabulary vocabulary =
          learned
              ? WordPieceLearning.learn(texts.train(), source.size())
              : Vocabulary.read(Path.of(source.vocabulary()));
      bar.accept(steps - 1);
      WordPieces pieces = new WordPieces(vocabulary);
      LanguageTexts made =
          new LanguageTexts(
              vocabulary,
              TokenizedText.of("training text", texts.train(), pieces),
              TokenizedText.of("validation text", texts.valid(), pieces),
              TokenizedText.of("test text", texts.test(), pieces));
      bar.accept(steps);
      return made;
    }
  }

  /** Training, validation and test text. */
  List<TokenizedText> all() {
    return List.of(train, valid, test);
  }
}
