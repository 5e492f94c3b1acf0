package org.agr4j.task.language;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.agr4j.data.text.MaskedSequences;
import org.agr4j.data.text.MaskedSequences.Replacement;
import org.agr4j.data.text.NgramMasking;
import org.agr4j.data.text.SentencePairs;
import org.agr4j.data.text.TextDataset;
import org.agr4j.data.text.TokenizedText;
import org.agr4j.data.text.Vocabulary;
import org.agr4j.input.BadInputException;
import org.agr4j.optimizer.LearningRateSettings;
import org.agr4j.optimizer.OptimizerSettings;
import org.agr4j.optimizer.ScheduleChoice;
import org.agr4j.settings.Fact;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Setting;
import org.agr4j.settings.Settings;
import org.agr4j.settings.SettingsFile;
import org.agr4j.train.DataProgress;

/**
 * The settings of language modelling. Defaults are those of the code released with the paper; on
 * the built-in text, small enough for a quarter of a minute on two cores.
 */
public final class LanguageSettings {
  /** What stands for the place of made-up text. */
  static final String SYNTHETIC = "synthetic";

  /** What stands for the file of a vocabulary that is learned. */
  static final String LEARNED = "learned";

  private static final int MOST = 1 << 16;
  private static final int MOST_PREDICTIONS = 75;
  private static final int FEED_FORWARD_FACTOR = 4;
  private static final double MASK_SHARE_DEFAULT = .15;

  /** The data set. */
  public static final Setting<TextDataset> DATASET =
      Setting.choice("dataset", "NAME", TextDataset.class)
          .help(
              "%s (default wikitext-2; text: your own train.txt, valid.txt and test.txt, blank lines "
                  + "between documents).")
          .fallback(s -> TextDataset.WIKITEXT_2);

  /** Where its texts lie. */
  public static final Setting<String> DATA =
      Setting.place(SettingsFile.DATA, "PATH", SYNTHETIC)
          .help(
              "A folder, .zip or .tar.gz with train.txt, valid.txt and test.txt, or "
                  + "wiki.train.tokens and so on, or 'synthetic', a small made-up language.")
          .movable()
          .fallback(LanguageSettings::standardPlace);

  /** The file of the vocabulary. */
  public static final Setting<String> VOCABULARY =
      Setting.place("vocabulary", "FILE", LEARNED)
          .help(
              "Word pieces in the format of BERT's vocab.txt. Default learned from the training "
                  + "text; kept in the run's folder and in model.zip.")
          .movable()
          .fallback(LEARNED);

  /** The most pieces of a vocabulary that is learned. */
  public static final Setting<Integer> VOCABULARY_SIZE =
      whole("vocabulary-size", 100, 1 << 20)
          .help("Most word pieces of a vocabulary that is learned (default 30522, as BERT's).")
          .fallback(30_522)
          .storedIf(s -> s.get(LanguageSettings.VOCABULARY).equals(LEARNED));

  /** Places of a sequence. */
  public static final Setting<Integer> LENGTH =
      whole("length", 8, MOST)
          .help("Word pieces of a sequence, [CLS] and [SEP] among them (default 512, built-in 32).")
          .fallback(s -> isSynthetic(s) ? 32 : 512)
          .fact(Fact.of(Fact.Line.DATA, "length "));

  /** Channels of the block. */
  public static final Setting<Integer> WIDTH =
      whole("width", 1, MOST)
          .help("Channels of the block (default 64, built-in 32).")
          .fallback(s -> isSynthetic(s) ? 32 : 64);

  /** Width of the table of word pieces. */
  public static final Setting<Integer> EMBEDDING =
      whole("embedding", 1, MOST)
          .help("Width of the table of word pieces (default 24).")
          .fallback(24);

  /** Width of the block's hidden layer. */
  public static final Setting<Integer> FEED_FORWARD =
      whole("feed-forward", 1, MOST)
          .help("Width of the block's hidden layer. Default four times --width.")
          .fallback(s -> FEED_FORWARD_FACTOR * s.get(WIDTH));

  /** How often the block is applied. */
  public static final Setting<Integer> REPEATS =
      whole("repeats", 1, 1000)
          .help("How often the one block is applied (default 6, built-in 1).")
          .fallback(s -> isSynthetic(s) ? 1 : 6)
          .fact(Fact.of(Fact.Line.REST, "repeats "));

  /** Heads of the attention. */
  public static final Setting<Integer> HEADS =
      whole("heads", 1, MOST)
          .help("Heads of the attention, a divisor of --width (default 1).")
          .fallback(1)
          .fact(Fact.of(Fact.Line.REST, "heads "));

  /** Whether the word head's projection is the embedding's. */
  public static final Setting<Boolean> TIED =
      Setting.flag("tied")
          .help(
              "Tie the word head's projection to the embedding's, as ALBERT means it; the paper's "
                  + "runs trained both.")
          .fallback(false);

  /** Where the stretches of a pair end. */
  public static final Setting<SentencePairs.Cut> PAIRS =
      Setting.choice("pairs", "NAME", SentencePairs.Cut.class)
          .help(
              "Pairs of stretches are cut at lines (as released; their lengths tell much of their "
                  + "order) or into halves of one length (default lines).")
          .fallback(SentencePairs.Cut.LINES)
          .fact(Fact.of(Fact.Line.REST, "pairs of "));

  /** The share of pairs that are short. */
  public static final Setting<Double> SHORT_SHARE =
      share("short-share")
          .help("Share of pairs of a random shorter length (default 0.1).")
          .fallback(.1);

  /** The share of pairs that are swapped. */
  public static final Setting<Double> SWAP_SHARE =
      share("swap-share").help("Share of pairs that are swapped (default 0.5).").fallback(.5);

  /** The share of pieces that are to be guessed. */
  public static final Setting<Double> MASK_SHARE =
      share("mask-share")
          .help("Share of word pieces that are to be guessed (default 0.15).")
          .fallback(MASK_SHARE_DEFAULT);

  /** The most pieces of a sequence that are to be guessed. */
  public static final Setting<Integer> PREDICTIONS =
      whole("predictions", 1, MOST)
          .help(
              "Most word pieces of a sequence that are to be guessed. Default the share of --length, "
                  + "75 at most.")
          .fallback(
              s -> new NgramMasking(s.get(MASK_SHARE), MOST_PREDICTIONS, 0).goal(s.get(LENGTH)))
          .fact(Fact.of(Fact.Line.REST, "predictions "));

  /** Pieces of the longest run that is masked. */
  public static final Setting<Integer> MASK_RUN =
      whole("mask-run", 0, 100)
          .help(
              "Longest run of word pieces that are masked together; runs begin at punctuation; 0 is "
                  + "single pieces only (default 3).")
          .fallback(3);

  /** What stands in the place of a piece that is to be guessed. */
  public static final Setting<Replacement> MASK_BY =
      Setting.choice("mask-by", "NAME", Replacement.class)
          .help(
              "What stands for a word piece that is to be guessed: mask (always [MASK], as released) "
                  + "or 80-10-10 (BERT's: in 10% a random one, in 10% itself) (default mask).")
          .fallback(Replacement.MASK);

  /** Whether the order of the sequences is drawn in each epoch. */
  public static final Setting<Boolean> SHUFFLE =
      Setting.flag("shuffle")
          .help("Shuffle the sequences of an epoch. Default the order of the text, as released.")
          .fallback(false);

  /** The number of training sequences. */
  public static final Setting<Integer> LIMIT_TRAIN = limit("limit-train", "Train");

  /** The number of test sequences. */
  public static final Setting<Integer> LIMIT_TEST = limit("limit-test", "Test, and validate,");

  private LanguageSettings() {}

  private static Setting<Integer> whole(String name, int least, int most) {
    return Setting.whole(name, "N")
        .check(n -> n >= least && n <= most, "a whole number from %d to %d".formatted(least, most));
  }

  private static Setting<Double> share(String name) {
    Predicate<Double> isShare = v -> v >= 0 && v <= 1;
    return Setting.number(name, "NUMBER").check(isShare, "a number from 0 to 1");
  }

  private static Setting<Integer> limit(String name, String verb) {
    return Setting.whole(name, "N")
        .help("%s on the first N sequences of the text (default all).".formatted(verb))
        .check(n -> n >= 1, "a whole number > 0");
  }

  private static Setting<Integer> limit(
      Setting<Integer> limit, String fact, Function<Settings, Integer> available) {
    return limit
        .fallback(available)
        .fact(Fact.of(Fact.Line.DATA, "", n -> String.format(Locale.ROOT, fact, n)));
  }

  /** All of them, in the order of help and facts. */
  static List<Setting<?>> all(DataProgress progress) {
    List<Setting<?>> network =
        List.of(
            LoopSettings.MODEL
                .among(List.of(Language.ALBERT))
                .help("Network: %s.")
                .fallback(Language.ALBERT),
            DATASET,
            DATA,
            VOCABULARY,
            VOCABULARY_SIZE,
            LENGTH,
            WIDTH,
            EMBEDDING,
            FEED_FORWARD,
            REPEATS,
            HEADS,
            TIED,
            LoopSettings.BATCH_SIZE.help("Default 16.").fallback(16));
    List<Setting<?>> sequences =
        List.of(
            PAIRS,
            SHORT_SHARE,
            SWAP_SHARE,
            MASK_SHARE,
            PREDICTIONS,
            MASK_RUN,
            MASK_BY,
            SHUFFLE,
            limit(LIMIT_TRAIN, "%,d training sequences", s -> wholeBatches(s, progress)),
            limit(
                LIMIT_TEST,
                "%,d test sequences",
                s -> {
                  LanguageTexts texts = LanguageTexts.of(s, progress);
                  return sequences(s, texts.vocabulary(), texts.test()).count();
                }),
            LoopSettings.EPOCHS
                .help("Default 25, built-in text 6.")
                .fallback(s -> isSynthetic(s) ? 6 : 25),
            OptimizerSettings.OPTIMIZER,
            OptimizerSettings.AGR_MODE,
            OptimizerSettings.AGR_UNTIL,
            LearningRateSettings.LEARNING_RATE
                .help("Default 1e-4, built-in text 5e-3.")
                .fallback(s -> isSynthetic(s) ? 5e-3 : 1e-4));
    List<Setting<?>> last =
        List.of(
            OptimizerSettings.WEIGHT_DECAY,
            OptimizerSettings.TENSORS,
            LoopSettings.GRADIENT_CLIPPING,
            LoopSettings.WEIGHT_AVERAGE,
            LoopSettings.SEED.help("Of initial weights, pairs and masks (default 1)."));
    return Stream.of(network, sequences, schedule(), last)
        .<Setting<?>>flatMap(List::stream)
        .toList();
  }

  /** The rate is constant in the paper's runs. */
  private static List<Setting<?>> schedule() {
    return LearningRateSettings.ofSchedule().stream()
        .<Setting<?>>map(
            setting ->
                setting.equals(LearningRateSettings.SCHEDULE)
                    ? LearningRateSettings.SCHEDULE
                        .help("Of the learning rate: %s (default constant).")
                        .fallback(ScheduleChoice.CONSTANT)
                    : setting)
        .toList();
  }

  /** As in the released code the last batch of a pass is lost where it is not whole. */
  private static int wholeBatches(Settings s, DataProgress progress) {
    LanguageTexts texts = LanguageTexts.of(s, progress);
    int count = sequences(s, texts.vocabulary(), texts.train()).count();
    int batch = s.get(LoopSettings.BATCH_SIZE);
    return count < batch ? count : count / batch * batch;
  }

  /** How sequences are made of a text. */
  static MaskedSequences sequences(Settings s, Vocabulary vocabulary, TokenizedText text) {
    return new MaskedSequences(
        text,
        vocabulary,
        new SentencePairs(s.get(LENGTH), s.get(SHORT_SHARE), s.get(SWAP_SHARE), s.get(PAIRS)),
        new NgramMasking(s.get(MASK_SHARE), s.get(PREDICTIONS), s.get(MASK_RUN)),
        s.get(MASK_BY));
  }

  /** Whether the text is made up. */
  static boolean isSynthetic(Settings s) {
    return s.get(DATA).equals(SYNTHETIC);
  }

  /** Never made-up text where a data set was asked for. */
  private static String standardPlace(Settings s) {
    if (s.isGiven(DATASET)) {
      throw new BadInputException(
          "--dataset %s needs --data: %s by --data PATH, or try --data %s"
              .formatted(s.get(DATASET), s.get(DATASET).whereToGet(), SYNTHETIC));
    }
    return SYNTHETIC;
  }

  /** Refuses settings that do not fit together. */
  static void check(Settings s) {
    if (s.get(WIDTH) % s.get(HEADS) != 0) {
      throw new BadInputException(
          "--heads is %d, expected a divisor of --width %d".formatted(s.get(HEADS), s.get(WIDTH)));
    }
    if (s.get(PREDICTIONS) > s.get(LENGTH)) {
      throw new BadInputException(
          "--predictions is %d, expected at most --length %d"
              .formatted(s.get(PREDICTIONS), s.get(LENGTH)));
    }
    if (s.isGiven(VOCABULARY_SIZE) && !s.get(VOCABULARY).equals(LEARNED)) {
      throw new BadInputException(
          "--vocabulary-size is given with --vocabulary %s, expected one of them"
              .formatted(s.get(VOCABULARY)));
    }
    OptimizerSettings.check(s, (s.get(LIMIT_TRAIN) - 1) / s.get(LoopSettings.BATCH_SIZE) + 1);
  }

  /** The text's name in a sentence. */
  static String dataTitle(Settings s) {
    return isSynthetic(s)
        ? "built-in made-up text"
        : s.get(DATASET).title() + (s.get(DATASET) == TextDataset.TEXT ? " text" : "");
  }
}
