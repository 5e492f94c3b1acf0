package org.agr4j.task.language;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agr4j.data.text.MaskedSequence;
import org.agr4j.data.text.SentencePairs;
import org.agr4j.input.BadInputException;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Setting;
import org.agr4j.settings.Settings;
import org.agr4j.train.Batches;
import org.agr4j.train.DataProgress;
import org.agr4j.train.Position;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

class LanguageTaskTest {
  private static final Map<Setting<?>, Object> SMALL =
      Map.of(
          LanguageSettings.WIDTH, 4,
          LanguageSettings.EMBEDDING, 3,
          LanguageSettings.FEED_FORWARD, 8,
          LanguageSettings.LIMIT_TRAIN, 20,
          LanguageSettings.LIMIT_TEST, 11,
          LoopSettings.BATCH_SIZE, 8);

  private static LanguageTask task(Map<Setting<?>, Object> more) {
    Map<String, Object> given = new HashMap<>();
    SMALL.forEach((setting, value) -> given.put(setting.name(), value));
    more.forEach((setting, value) -> given.put(setting.name(), value));
    Settings settings =
        Settings.of(LanguageSettings.all(DataProgress.SILENT), given, LanguageSettings::check);
    return new LanguageTask(settings, LanguageTexts.of(settings, DataProgress.SILENT));
  }

  private static List<MultiDataSet> epoch(LanguageTask task, Position from) {
    List<MultiDataSet> all = new ArrayList<>();
    try (Batches batches = task.batches(0)) {
      batches.enter(from);
      while (batches.hasNext()) {
        all.add(batches.next());
      }
    }
    return all;
  }

  @Test
  void anEpochCanBeEnteredAnywhereAndIsAnotherNextTime() {
    LanguageTask task = task(Map.of());
    assertEquals(3, task.stepsPerEpoch());
    List<MultiDataSet> whole = epoch(task, new Position(3, 2, 0));
    assertEquals(3, whole.size());
    assertEquals(4, whole.get(2).getFeatures(0).size(0));
    List<MultiDataSet> rest = epoch(task, new Position(3, 2, 8));
    assertEquals(2, rest.size());
    for (int i = 0; i < 2; i++) {
      for (int k = 0; k < 4; k++) {
        assertEquals(whole.get(i + 1).getFeatures(k), rest.get(i).getFeatures(k));
      }
      assertEquals(whole.get(i + 1).getLabels(0), rest.get(i).getLabels(0));
      assertEquals(whole.get(i + 1).getLabels(1), rest.get(i).getLabels(1));
      assertEquals(whole.get(i + 1).getLabelsMaskArray(0), rest.get(i).getLabelsMaskArray(0));
    }
    for (Position other : List.of(new Position(3, 1, 0), new Position(4, 2, 0))) {
      assertNotEquals(whole.get(0).getFeatures(3), epoch(task, other).get(0).getFeatures(3));
      assertNotEquals(whole.get(0).getLabels(1), epoch(task, other).get(0).getLabels(1));
    }
    assertNotEquals(
        whole.get(0).getFeatures(0),
        epoch(task(Map.of(LanguageSettings.SHUFFLE, true)), new Position(3, 2, 0))
            .get(0)
            .getFeatures(0));
  }

  @Test
  void arraysAreThoseOfTheSequences() {
    List<MaskedSequence> sequences =
        List.of(
            new MaskedSequence(new int[] {2, 4, 6, 3, 7, 3}, 4, new int[] {1}, new int[] {9}, true),
            new MaskedSequence(new int[] {2, 3, 8, 3}, 2, new int[] {}, new int[] {}, false));
    SequenceBatch batch = SequenceBatch.of(sequences, 2);
    MultiDataSet data = batch.dataSet();
    float[][][] features = {
      {{2, 4, 6, 3, 7, 3}, {2, 3, 8, 3, 0, 0}},
      {{0, 0, 0, 0, 1, 1}, {0, 0, 1, 1, 0, 0}},
      {{1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 0, 0}},
      {{1, 0}, {0, 0}}
    };
    for (int i = 0; i < features.length; i++) {
      assertArrayEquals(features[i], data.getFeatures(i).toFloatMatrix());
    }
    assertArrayEquals(new float[][] {{9, 0}, {0, 0}}, data.getLabels(0).toFloatMatrix());
    assertArrayEquals(new float[][] {{1, 0}, {0, 0}}, data.getLabelsMaskArray(0).toFloatMatrix());
    assertArrayEquals(new float[][] {{0, 1}, {1, 0}}, data.getLabels(1).toFloatMatrix());
  }

  /** Against probabilities of the network's own outputs, one sequence at a time. */
  @Test
  void scoresAreThoseOfTheOutputs() {
    LanguageTask task = task(Map.of());
    ComputationGraph graph = new ComputationGraph(task.network());
    graph.init();
    int predictions = 5;
    double words = 0;
    double right = 0;
    double wordLoss = 0;
    double ordered = 0;
    double orderLoss = 0;
    for (MaskedSequence sequence : task.test()) {
      SequenceBatch one = SequenceBatch.of(List.of(sequence), predictions);
      INDArray[] outputs = graph.output(one.inputs());
      for (int k = 0; k < sequence.targets().length; k++) {
        double sum = 0;
        int best = 0;
        for (int v = 0; v < outputs[0].size(2); v++) {
          sum += Math.exp(outputs[0].getDouble(0, k, v));
          best = outputs[0].getDouble(0, k, v) > outputs[0].getDouble(0, k, best) ? v : best;
        }
        words++;
        right += best == sequence.targets()[k] ? 1 : 0;
        wordLoss += Math.log(sum) - outputs[0].getDouble(0, k, sequence.targets()[k]);
      }
      double own = outputs[1].getDouble(0, sequence.inOrder() ? 1 : 0);
      ordered += own > .5 ? 1 : 0;
      orderLoss -= Math.log(own);
    }
    Map<String, Double> measured = task.measure(graph);
    int n = task.test().size();
    assertEquals(11, n);
    assertEquals(right / words, measured.get("word_accuracy"), 1e-9);
    assertEquals(wordLoss / words, measured.get("word_loss"), 1e-4);
    assertEquals(Math.exp(wordLoss / words), measured.get("perplexity"), 1e-2);
    assertEquals(ordered / n, measured.get("sop_accuracy"), 1e-9);
    assertEquals(orderLoss / n, measured.get("sop_loss"), 1e-4);
    assertTrue(measured.containsKey("valid_sop_accuracy"));
  }

  /** Runs of all seeds are tested on the same sequences, and a longer cut begins with a shorter. */
  @Test
  void testSequencesAreTheSameForAllRuns() {
    List<MaskedSequence> test = task(Map.of()).test();
    List<MaskedSequence> other =
        task(Map.of(LoopSettings.SEED, 9L, LanguageSettings.LIMIT_TEST, 20)).test();
    for (int i = 0; i < test.size(); i++) {
      assertArrayEquals(test.get(i).tokens(), other.get(i).tokens());
      assertArrayEquals(test.get(i).places(), other.get(i).places());
    }
  }

  private static void refused(Map<Setting<?>, Object> more, String... parts) {
    String message = assertThrows(BadInputException.class, () -> task(more)).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    refused(
        Map.of(LanguageSettings.LIMIT_TRAIN, 1_000_000),
        "--limit-train is 1,000,000, expected 1 to 1,2",
        ": the training text has no more sequences of --length 32");
    refused(Map.of(LanguageSettings.LIMIT_TEST, 5000), "--limit-test is 5,000, expected 1 to 1");
    refused(Map.of(LanguageSettings.HEADS, 3), "--heads is 3, expected a divisor of --width 4");
    refused(
        Map.of(LanguageSettings.PREDICTIONS, 33),
        "--predictions is 33, expected at most --length 32");
    refused(
        Map.of(LanguageSettings.LENGTH, 512),
        "the training text has no document long enough for a pair",
        "half of --length 512");
    refused(
        Map.of(LanguageSettings.VOCABULARY, "/v.txt", LanguageSettings.VOCABULARY_SIZE, 200),
        "/v.txt");
  }

  @Test
  void settingsChangeWhatIsTrainedOn() {
    List<MultiDataSet> usual = epoch(task(Map.of()), new Position(1, 1, 0));
    Map<Setting<?>, Object> others =
        Map.of(
            LanguageSettings.PAIRS,
            SentencePairs.Cut.HALVES,
            LanguageSettings.SHORT_SHARE,
            1.0,
            LanguageSettings.SWAP_SHARE,
            0.0,
            LanguageSettings.MASK_SHARE,
            0.3,
            LanguageSettings.MASK_BY,
            org.agr4j.data.text.MaskedSequences.Replacement.BERT,
            LanguageSettings.LENGTH,
            24,
            LanguageSettings.VOCABULARY_SIZE,
            100);
    others.forEach(
        (setting, value) -> {
          MultiDataSet batch = epoch(task(Map.of(setting, value)), new Position(1, 1, 0)).get(0);
          assertNotEquals(usual.get(0).getFeatures(0), batch.getFeatures(0), setting.toString());
        });
  }
}
