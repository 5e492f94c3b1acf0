package org.agr4j.task.language;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.agr4j.data.text.MaskedSequence;
import org.agr4j.data.text.MaskedSequences;
import org.agr4j.data.text.SequenceForm;
import org.agr4j.data.text.TokenizedText;
import org.agr4j.data.text.Vocabulary;
import org.agr4j.input.BadInputException;
import org.agr4j.layers.cpu.ActivationMemory;
import org.agr4j.layers.cpu.FastCpuLayers;
import org.agr4j.optimizer.OptimizerSettings;
import org.agr4j.run.DataDigest;
import org.agr4j.run.EpochRecord;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Settings;
import org.agr4j.train.Batches;
import org.agr4j.train.Companion;
import org.agr4j.train.Measure;
import org.agr4j.train.Position;
import org.agr4j.train.Task;
import org.agr4j.zoo.Albert;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.learning.config.NoOp;

/** Masked words and the order of sentences of a text, learned by ALBERT. */
public final class LanguageTask implements Task {
  /** The fraction of test sequences whose order is told. */
  public static final Measure ORDER =
      new Measure("sop_accuracy", "SOP accuracy", "SOP accuracy", "%", false);

  /** The fraction of masked word pieces of the test text that are guessed. */
  public static final Measure WORDS =
      new Measure("word_accuracy", "masked words", "Masked words", "%", false);

  /** e to the mean cross entropy of masked word pieces of the test text. */
  public static final Measure PERPLEXITY =
      new Measure("perplexity", "perplexity", "Perplexity", "", true);

  private static final String VALID = "valid_";

  // The losses of both heads stand in the metrics, too.
  private static final String ORDER_LOSS = "sop_loss";
  private static final String WORD_LOSS = "word_loss";

  /** What is known after an epoch; the accuracy of the order is compared. */
  public static final List<Measure> MEASURES =
      List.of(
          ORDER,
          WORDS,
          PERPLEXITY,
          Measure.trainLoss("both heads' cross entropy, nats"),
          ofValidation(ORDER),
          ofValidation(WORDS),
          ofValidation(PERPLEXITY));

  /** All runs are tested on the same sequences with the same masks, whatever their seed. */
  private static final long TEST_SEED = 0;

  private final Settings settings;
  private final LanguageTexts texts;
  private final List<MaskedSequence> test;
  private final List<MaskedSequence> valid;

  /**
   * A task on texts that are there.
   *
   * @param settings the run's
   * @param texts the texts
   * @throws BadInputException if there are fewer sequences than asked for
   */
  LanguageTask(Settings settings, LanguageTexts texts) {
    this.settings = settings;
    this.texts = texts;
    requireAvailable(LanguageSettings.LIMIT_TRAIN.option(), trainExamples(), texts.train());
    int tested = settings.get(LanguageSettings.LIMIT_TEST);
    requireAvailable(LanguageSettings.LIMIT_TEST.option(), tested, texts.test());
    this.test = tested(texts.test(), tested);
    this.valid = tested(texts.valid(), Math.min(tested, sequences(texts.valid()).count()));
  }

  private static Measure ofValidation(Measure test) {
    return new Measure(
        VALID + test.key(),
        "validation " + test.title(),
        "Validation " + test.title(),
        test.unit(),
        test.lowerIsBetter());
  }

  private MaskedSequences sequences(TokenizedText text) {
    return LanguageSettings.sequences(settings, texts.vocabulary(), text);
  }

  private void requireAvailable(String option, int asked, TokenizedText text) {
    int there = sequences(text).count();
    if (asked > there) {
      throw new BadInputException(
          "%s is %,d, expected 1 to %,d: the %s has no more sequences of --length %,d"
              .formatted(option, asked, there, text.name(), settings.get(LanguageSettings.LENGTH)));
    }
  }

  private List<MaskedSequence> tested(TokenizedText text, int count) {
    MaskedSequences sequences = sequences(text);
    List<MaskedSequence> made = new ArrayList<>();
    for (var pair : sequences.epoch(TEST_SEED, count, false)) {
      Position at = new Position(TEST_SEED, 0, made.size());
      made.add(LanguageBatches.masked(sequences, pair, at));
    }
    return made;
  }

  /** The sequences that are tested on. */
  List<MaskedSequence> test() {
    return test;
  }

  /** What answers without a network reach on the test sequences, fitted to those of an epoch. */
  public OrderBaselines orderBaselines() {
    List<MaskedSequence> train = new ArrayList<>();
    MaskedSequences sequences = sequences(texts.train());
    Position begin = new Position(settings.get(LoopSettings.SEED), 1, 0);
    for (var pair : sequences.epoch(begin.seedOf("pairs"), trainExamples(), false)) {
      Position at = new Position(begin.seed(), 1, train.size());
      train.add(LanguageBatches.masked(sequences, pair, at));
    }
    return OrderBaselines.of(train, test, texts.vocabulary().size());
  }

  @Override
  public String unit() {
    return "sequences";
  }

  @Override
  public int trainExamples() {
    return settings.get(LanguageSettings.LIMIT_TRAIN);
  }

  @Override
  public int stepsPerEpoch() {
    return (trainExamples() - 1) / batchSize() + 1;
  }

  private int batchSize() {
    return settings.get(LoopSettings.BATCH_SIZE);
  }

  private int predictions() {
    return settings.get(LanguageSettings.PREDICTIONS);
  }

  /** SHA-256 of the texts' word pieces, and of the vocabulary. */
  @Override
  public DataDigest digest() {
    Map<String, String> values = new LinkedHashMap<>();
    for (TokenizedText text : texts.all()) {
      String name = text.name().replace(' ', '-');
      values.put(name + "-pieces", Integer.toString(text.size()));
      MessageDigest digest = sha256();
      text.update(digest);
      values.put(name + "-sha256", HexFormat.of().formatHex(digest.digest()));
    }
    byte[] vocabulary = texts.vocabulary().text().getBytes(StandardCharsets.UTF_8);
    values.put("vocabulary-sha256", HexFormat.of().formatHex(sha256().digest(vocabulary)));
    return new DataDigest(values);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public String place() {
    return settings.get(LanguageSettings.DATA);
  }

  private Albert albert() {
    return Albert.builder()
        .vocabulary(texts.vocabulary().size())
        .length(settings.get(LanguageSettings.LENGTH))
        .width(settings.get(LanguageSettings.WIDTH))
        .embedding(settings.get(LanguageSettings.EMBEDDING))
        .feedForward(settings.get(LanguageSettings.FEED_FORWARD))
        .repeats(settings.get(LanguageSettings.REPEATS))
        .heads(settings.get(LanguageSettings.HEADS))
        .predictions(predictions())
        .tied(settings.get(LanguageSettings.TIED))
        .seed(settings.get(LoopSettings.SEED))
        .updater(new NoOp())
        .build();
  }

  @Override
  public ComputationGraphConfiguration network() {
    return albert().conf();
  }

  @Override
  public String prepare(ComputationGraph graph) {
    ActivationMemory.reserve(graph, Math.min(batchSize(), trainExamples()), albert().inputTypes());
    return FastCpuLayers.install(graph);
  }

  @Override
  public Batches batches(int workers) {
    return new LanguageBatches(
        sequences(texts.train()),
        trainExamples(),
        batchSize(),
        settings.get(LanguageSettings.SHUFFLE));
  }

  @Override
  public List<Companion> companions() {
    return List.of(new KeptVocabulary(texts.vocabulary()));
  }

  @Override
  public Map<String, String> keepsakes() {
    return Map.of(
        Vocabulary.FILE,
        texts.vocabulary().text(),
        SequenceForm.ENTRY,
        new SequenceForm(settings.get(LanguageSettings.LENGTH), predictions()).toJson());
  }

  @Override
  public List<Measure> measures() {
    return MEASURES;
  }

  @Override
  public Map<String, Double> measure(ComputationGraph graph) {
    Map<String, Double> values = new LinkedHashMap<>();
    add(values, "", LanguageScores.of(graph, test, batchSize(), predictions()));
    add(values, VALID, LanguageScores.of(graph, valid, batchSize(), predictions()));
    return values;
  }

  private static void add(Map<String, Double> values, String of, LanguageScores scores) {
    values.put(of + ORDER.key(), scores.orderAccuracy());
    values.put(of + WORDS.key(), scores.pieceAccuracy());
    values.put(of + PERPLEXITY.key(), scores.perplexity());
    values.put(of + ORDER_LOSS, scores.orderLoss());
    values.put(of + WORD_LOSS, scores.pieceLoss());
  }

  @Override
  public String title() {
    return "%s, width %d, on %s"
        .formatted(
            settings.get(LoopSettings.MODEL),
            settings.get(LanguageSettings.WIDTH),
            LanguageSettings.dataTitle(settings));
  }

  @Override
  public String summary() {
    return String.format(
        Locale.ROOT,
        "Training %s (width %d) with %s on %s, %,d word pieces of a vocabulary of %,d.",
        settings.get(LoopSettings.MODEL),
        settings.get(LanguageSettings.WIDTH),
        settings.get(OptimizerSettings.OPTIMIZER),
        scope(),
        texts.train().size(),
        texts.vocabulary().size());
  }

  @Override
  public String scope() {
    return String.format(
        Locale.ROOT,
        "%,d sequences of %d of %s, testing on %,d",
        trainExamples(),
        settings.get(LanguageSettings.LENGTH),
        LanguageSettings.dataTitle(settings),
        test.size());
  }

  @Override
  public String dataName() {
    return LanguageSettings.isSynthetic(settings)
        ? LanguageSettings.SYNTHETIC
        : settings.get(LanguageSettings.DATASET).label();
  }

  @Override
  public String result(EpochRecord last) {
    return String.format(
        Locale.ROOT,
        "%s of %,d test sequences, %s, %s",
        ORDER.inWords(last),
        test.size(),
        WORDS.inWords(last),
        PERPLEXITY.inWords(last));
  }
}
