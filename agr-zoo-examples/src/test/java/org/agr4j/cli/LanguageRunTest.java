package org.agr4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.agr4j.data.text.SyntheticText;
import org.agr4j.data.text.TextSplits;
import org.agr4j.run.ModelFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A language model is trained, resumed, compared, reported and asked. */
class LanguageRunTest {
  private static final List<String> SMALL =
      List.of(
          "--model=albert",
          "--width=8",
          "--length=32",
          "--embedding=4",
          "--epochs=2",
          "--limit-train=24",
          "--limit-test=8",
          "--batch-size=8");

  @TempDir Path folder;

  private static Outcome small(String command, String... more) {
    return Outcome.agr(args(command, more));
  }

  private static String[] args(String command, String... more) {
    return Stream.of(Stream.of(command), SMALL.stream(), Stream.of(more))
        .flatMap(s -> s)
        .toArray(String[]::new);
  }

  private static List<String> metrics(Path run) throws IOException {
    return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
        .map(line -> line.replaceAll(",\"(sequences_per_second|\\w+_seconds)\":[^,}]+", ""))
        .toList();
  }

  private static Writer crashingAfter(String text) {
    return new StringWriter() {
      @Override
      public void write(String line, int from, int length) {
        super.write(line, from, length);
        if (line.contains(text)) {
          throw new IllegalStateException("crash");
        }
      }
    };
  }

  @Test
  void isTrainedResumedToTheBitAndAsked() throws IOException {
    Path whole = folder.resolve("whole");
    Outcome outcome = small("train", "--workers=0", "--out=" + whole).done();
    assertTrue(
        outcome.out().contains("on 24 sequences of 32 of built-in made-up text, testing on 8"),
        outcome.out());
    assertTrue(outcome.out().contains("Done: SOP accuracy "), outcome.out());
    Path run = folder.resolve("run");
    Outcome crashed =
        Outcome.agr(
            crashingAfter("epoch 1/2: train loss"),
            args("train", "--checkpoint-every=0", "--out=" + run));
    assertNotEquals(0, crashed.status());
    Outcome.agr("train", "--resume=" + run).done();
    assertEquals(metrics(whole), metrics(run));
    String first = metrics(run).get(0);
    for (String key :
        "train_loss sop_accuracy word_accuracy perplexity sop_loss word_loss valid_sop_accuracy"
            .split(" ")) {
      assertTrue(first.contains("\"" + key + "\":"), first);
    }
    String vocabulary = Files.readString(run.resolve("vocabulary.txt"));
    assertTrue(vocabulary.startsWith("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"), vocabulary);
    try (ModelFile model = ModelFile.open(run.resolve("model.zip"))) {
      assertEquals(vocabulary, model.text("vocabulary.txt").orElseThrow());
    }
    asked(run.resolve("model.zip"));
  }

  private static void asked(Path model) {
    String option = "--model-file=" + model;
    Outcome one = Outcome.agr("predict", option, "--top=2", "at one the [MASK] bakes bread").done();
    assertTrue(
        one.out().matches("at one the \\[MASK\\] bakes bread: \\S+ [\\d.]+%, \\S+ [\\d.]+%\\n"),
        one.out());
    Outcome two = Outcome.agr("predict", option, "--top=1", "[MASK] one[MASK]", "x");
    two.said(1, "'x' has no [MASK], expected one where");
    assertTrue(
        two.out()
            .matches(
                "\\[MASK\\] one\\[MASK\\], mask 1: .*%\\n\\[MASK\\] one\\[MASK\\], mask 2: .*%\\n"),
        two.out());
    Outcome.agr("predict", option, "one ".repeat(30) + "[MASK]")
        .refused(1, "has 31 word pieces, expected at most 29: the network has 32 positions");
    Outcome.agr("predict", option, "[MASK] ".repeat(6))
        .refused(1, "has 6 of [MASK], expected at most 5, as the network guesses at once");
  }

  @Test
  void isComparedOverWeightDecays() throws IOException {
    Path out = folder.resolve("out");
    Outcome outcome =
        small(
                "compare",
                "--optimizers=adamw,adamw-agr",
                "--arms=weight-decay=0,1e-2",
                "--seeds=2",
                "--out=" + out)
            .done();
    assertTrue(outcome.out().contains("8 runs on 24 sequences of 32 of built-in"), outcome.out());
    String report = Files.readString(out.resolve("report.md"));
    assertTrue(
        report.contains("AdamW(AGR), weight decay 0.01 minus AdamW, weight decay 0.01"), report);
    assertTrue(report.contains("SOP accuracy"), report);
    assertTrue(Files.exists(out.resolve("sop-accuracy.png")));
    Outcome again = Outcome.agr("compare", "--resume=" + out).done();
    assertEquals(8, again.out().lines().filter(l -> l.endsWith(": done before")).count());
  }

  private static void write(Path folder, Map<String, List<String>> files) throws IOException {
    Files.createDirectories(folder);
    for (Map.Entry<String, List<String>> file : files.entrySet()) {
      Files.write(folder.resolve(file.getKey()), file.getValue());
    }
  }

  /** What a run was told, by options and files, is what its settings.yaml tells again. */
  @Test
  void ownTextAndVocabularyAreTrainedOn() throws IOException {
    TextSplits texts = SyntheticText.generate(5, 40, 12);
    Path data = folder.resolve("data");
    write(
        data,
        Map.of("train.txt", texts.train(), "valid.txt", texts.valid(), "test.txt", texts.test()));
    Path first = folder.resolve("first");
    small("train", "--dataset=text", "--data=" + data, "--out=" + first).done();
    List<String> pieces = new ArrayList<>(Files.readAllLines(first.resolve("vocabulary.txt")));
    pieces.add("surplus");
    Path file = Files.write(folder.resolve("vocab.txt"), pieces);
    Path second = folder.resolve("second");
    small(
            "train",
            "--dataset=text",
            "--data=" + data,
            "--vocabulary=" + file,
            "--checkpoint-every=0",
            "--out=" + second)
        .done();
    assertEquals(pieces, Files.readAllLines(second.resolve("vocabulary.txt")));
    Path third = folder.resolve("third");
    Outcome.agr("train", "--config=" + second.resolve("settings.yaml"), "--out=" + third).done();
    assertEquals(metrics(second), metrics(third));
    Files.delete(second.resolve("model.zip"));
    Path moved = folder.resolve("moved");
    write(
        moved,
        Map.of("train.txt", texts.train(), "valid.txt", texts.valid(), "test.txt", texts.valid()));
    Outcome.agr("train", "--resume=" + second, "--data=" + moved)
        .said(1, "the data of --data " + moved + " are not those the run in " + second);
  }

  /** The made-up language tells the order by its words, not by the lengths of stretches. */
  @Test
  void baselinesNeedNoNetwork() {
    Outcome outcome = Outcome.agr("baselines", "--model=albert").done();
    List<Double> shares =
        outcome
            .out()
            .lines()
            .skip(1)
            .map(line -> Double.valueOf(line.replaceAll(".* ([\\d.]+)%", "$1")))
            .toList();
    assertTrue(shares.get(0) >= 50 && shares.get(0) < 60, outcome.out());
    assertTrue(shares.get(1) > 40 && shares.get(1) < 75, outcome.out());
    assertTrue(shares.get(2) > 95, outcome.out());
    Outcome.agr("baselines").refused(1, "expected --model albert");
  }

  @Test
  void badInputIsToldInOneLine() throws IOException {
    Outcome.agr("train", "--model=albert", "--dataset=wikitext-2")
        .refused(1, "--dataset wikitext-2 needs --data: get wikitext-2-v1.zip", "--data synthetic");
    Outcome.agr("train", "--model=albert", "--dataset=cifar10")
        .refused(1, "--dataset is cifar10, which means nothing to language, expected wikitext-2");
    Outcome.agr("train", "--dataset=wikitext-2")
        .refused(1, "--dataset is wikitext-2, which means nothing to classification, expected");
    Outcome.agr("train", "--model=albert", "--augment=none")
        .refused(1, "--augment is given and means nothing to language");
    Path file = Files.writeString(folder.resolve("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n");
    Outcome.agr("train", "--model=albert", "--vocabulary=" + file)
        .refused(1, "vocab.txt has no [MASK], expected a vocabulary in BERT's format");
    Outcome.agr("train", "--recipe=albert", "--data=" + folder)
        .refused(1, folder + " has no train.txt, expected train.txt, valid.txt and test.txt");
    assertTrue(Outcome.agr("train", "--model=albert", "--help").done().out().contains("in 10% a"));
  }
}
