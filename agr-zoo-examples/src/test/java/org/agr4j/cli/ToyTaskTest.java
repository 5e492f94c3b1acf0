package org.agr4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A task of the tests' own is trained, resumed, compared and reported by the code of all tasks. */
class ToyTaskTest {
  @TempDir Path folder;

  private static INDArray parameters(Path run) throws IOException {
    return parameters(run, "model.zip");
  }

  private static INDArray parameters(Path run, String name) throws IOException {
    return ModelSerializer.restoreComputationGraph(run.resolve(name).toFile()).params();
  }

  private static List<String> metrics(Path run) throws IOException {
    return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
        .map(line -> line.replaceAll(",\"(points_per_second|\\w+_seconds)\":[^,}]+", ""))
        .toList();
  }

  /** Stops as a crash does, when the line of an epoch is printed. */
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

  @ParameterizedTest
  @ValueSource(strings = {"0", "2"})
  void isTrainedAndResumedToTheBit(String workers) throws IOException {
    Path whole = folder.resolve("whole");
    Outcome outcome =
        Outcome.agr("train", "--model=line", "--noise=0.5", "--workers=0", "--out=" + whole).done();
    assertTrue(outcome.out().contains("epoch 4/4: "), outcome.out());
    assertTrue(outcome.out().contains(" points/s"), outcome.out());
    Path run = folder.resolve("run");
    Outcome crashed =
        Outcome.agr(
            crashingAfter("epoch 2/4"),
            "train",
            "--model=line",
            "--noise=0.5",
            "--checkpoint-every=0",
            "--out=" + run);
    assertNotEquals(0, crashed.status());
    Outcome.agr("train", "--resume=" + run, "--workers=" + workers).done();
    assertEquals(parameters(whole), parameters(run));
    assertEquals(metrics(whole), metrics(run));
    String line = metrics(run).get(0);
    assertTrue(line.matches("\\{\"epoch\":1,\"train_loss\":[^,]+,\"test_error\":[^,]+}"), line);
  }

  /** What is measured is the mean of all weights so far, which was saved with the checkpoint. */
  @Test
  void aCompanionGoesOnFromACheckpoint() throws IOException {
    List<String> mean = List.of("train", "--model=line", "--mean-weights", "--checkpoint-every=0");
    Path whole = folder.resolve("whole");
    Outcome.agr(with(mean, "--out=" + whole)).done();
    Path without = folder.resolve("without");
    Outcome.agr("train", "--model=line", "--out=" + without).done();
    assertEquals(
        parameters(without), parameters(whole, "model-unaveraged.zip"), "training is as without");
    assertNotEquals(parameters(without), parameters(whole), "what was measured is the model");
    assertNotEquals(metrics(without), metrics(whole));
    Path run = folder.resolve("run");
    Outcome.agr(crashingAfter("epoch 3/4"), with(mean, "--out=" + run));
    Outcome.agr("train", "--resume=" + run).done();
    assertEquals(metrics(whole), metrics(run));
  }

  /** Weights that stand still would differ in nothing: what is compared is their average. */
  @Test
  void aWeightAverageIsComparedWithNone() throws IOException {
    Path out = folder.resolve("out");
    Outcome outcome =
        Outcome.agr(
                "compare",
                "--model=line",
                "--optimizers=adan",
                "--seeds=1",
                "--arms=weight-average=0.9",
                "--out=" + out)
            .done();
    assertTrue(outcome.out().contains(" (unaveraged test error "), outcome.out());
    String report = Files.readString(out.resolve("report.md"));
    assertTrue(
        report.contains(
            "weight average none (Adan, weight average 0.0), 0.9, tested in place of the weights "
                + "(Adan, weight average 0.9)"),
        report);
    assertTrue(
        report.contains("- Adan, weight average 0.9 minus Adan, weight average 0.0: "), report);
    Path plain = out.resolve("adan-weight-average-0.0/seed-1");
    Path averaged = out.resolve("adan-weight-average-0.9/seed-1");
    assertEquals(parameters(plain), parameters(averaged, "model-unaveraged.zip"));
    assertNotEquals(parameters(plain), parameters(averaged));
    assertEquals(
        metrics(plain),
        metrics(averaged).stream()
            .map(line -> line.replaceAll("\"test_error\":[^,]+,\"unaveraged_", "\""))
            .toList());
  }

  private static String[] with(List<String> args, String more) {
    return Stream.concat(args.stream(), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void isComparedAndReportedAndLowerIsBetter() throws IOException {
    Path out = folder.resolve("out");
    Outcome outcome =
        Outcome.agr(
                "compare",
                "--model=line",
                "--optimizers=adam,adan,adan-agr",
                "--seeds=2",
                "--arms=slope=1,3",
                "--out=" + out)
            .done();
    assertTrue(outcome.out().contains("12 runs on 30 points"), outcome.out());
    String report = Files.readString(out.resolve("report.md"));
    assertTrue(report.contains("| test error, after epoch | 1 | 2 | 3 | 4 |"), report);
    assertTrue(report.contains("| Adan(AGR), slope 3.0 | 2 | "), report);
    assertTrue(
        report.matches(
            "(?s).*- Adan\\(AGR\\), slope 1.0 minus Adan, slope 1.0: [-+]\\d\\.\\d{3} test error,"
                + " 95% interval .*"),
        report);
    assertTrue(Files.exists(out.resolve("test-error.png")));
    assertTrue(Files.exists(out.resolve("train-loss.svg")));
    assertTrue(Files.exists(out.resolve("adan-agr-slope-3.0/seed-2/model.zip")));
  }

  @Test
  void oneValueIsHeldAgainstTheDefault() throws IOException {
    Path out = folder.resolve("out");
    Outcome.agr(
            "compare",
            "--model=line",
            "--optimizers=adan",
            "--seeds=1",
            "--epochs=2",
            "--arms=noise=0.25",
            "--out=" + out)
        .done();
    String report = Files.readString(out.resolve("report.md"));
    assertTrue(report.contains("- Adan, noise 0.25 minus Adan, noise 0.0: "), report);
  }

  @Test
  void itsOptionsAreItsOwn() {
    Outcome.agr("train", "--model=line", "--augment=none")
        .refused(1, "--augment is given and means nothing to line fitting");
    Outcome.agr("train", "--noise=1")
        .refused(1, "--noise is given and means nothing to classification");
    Outcome.agr("train", "--model=line", "--noise=11")
        .refused(1, "--noise is 11.0, expected a number from 0 to 10");
    Outcome.agr("compare", "--model=line", "--arms=nois=1")
        .refused(1, "--arms has 'nois', expected a setting out of ");
    Outcome.agr("compare", "--model=line", "--arms=noise=1,x")
        .refused(1, "--arms noise is 'x', expected a number");
    Outcome.agr("compare", "--model=line", "--arms=seed=1,2").refused(1, "--seeds");
  }

  @Test
  void helpShowsWhatAppliesToTheModel() {
    String toy = Outcome.agr("train", "--model=line", "--help").done().out();
    assertTrue(toy.contains("--noise"), toy);
    assertFalse(toy.contains("--augment"), toy);
    String images = Outcome.agr("train", "--model", "resnet18", "--help").done().out();
    assertFalse(images.contains("--noise"), images);
    assertTrue(images.contains("--augment"), images);
    String all = Outcome.agr("train", "--help").done().out();
    assertTrue(all.contains("--noise") && all.contains("--augment"), all);
    assertTrue(all.contains("(line fitting)"), all);
  }
}
