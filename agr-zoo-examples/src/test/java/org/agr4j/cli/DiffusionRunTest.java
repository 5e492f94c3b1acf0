package org.agr4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A diffusion network is trained, killed, resumed, compared, and draws images. */
class DiffusionRunTest {
  @TempDir Path folder;

  /** Width 4, three steps an epoch, two images left out. */
  private static String[] args(String command, String... more) {
    Map<String, String> args = new LinkedHashMap<>();
    Stream.concat(
            Stream.of(
                "--model=ddpm-unet",
                "--width=4",
                "--limit-train=14",
                "--limit-test=6",
                "--batch-size=4",
                "--epochs=2",
                "--times=20",
                "--samples=3",
                "--sample-steps=2",
                "--sample-every=1",
                "--workers=1"),
            Stream.of(more))
        .forEach(arg -> args.put(arg.replaceAll("=.*", ""), arg));
    return Stream.concat(Stream.of(command), args.values().stream()).toArray(String[]::new);
  }

  private static INDArray parameters(Path run) throws IOException {
    return ModelSerializer.restoreComputationGraph(run.resolve("model.zip").toFile()).params();
  }

  private static List<String> metrics(Path run) throws IOException {
    return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
        .map(line -> line.replaceAll(",\"(images_per_second|\\w+_seconds)\":[^,}]+", ""))
        .toList();
  }

  private static Set<String> files(Path of) throws IOException {
    try (Stream<Path> files = Files.list(of)) {
      return files
          .map(file -> file.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
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

  @Test
  void isTrainedKilledResumedAndDrawsTheSame() throws IOException {
    Path whole = folder.resolve("whole");
    Path run = folder.resolve("run");
    String[] all = {"--weight-average=0.5", "--flip", "--checkpoint-every=0"};
    Outcome.agr(args("train", Stream.of(all, "--out=" + whole).flatMap(DiffusionRunTest::each)))
        .done();
    Outcome crashed =
        Outcome.agr(
            crashingAfter("epoch 1/2"),
            args("train", Stream.of(all, "--out=" + run).flatMap(DiffusionRunTest::each)));
    assertNotEquals(0, crashed.status());
    Outcome.agr("train", "--resume=" + run).done();
    assertEquals(parameters(whole), parameters(run));
    assertEquals(metrics(whole), metrics(run));
    String line = metrics(whole).get(1);
    assertTrue(
        line.matches(
            "\\{\"epoch\":2,\"train_loss\":[^,]+,\"test_loss\":[^,]+(,\"test_loss_quarter.\":[^,]+){4}.*"),
        line);
    for (String sheet : List.of("samples-0001.png", "samples-0002.png")) {
      assertArrayEquals(
          Files.readAllBytes(whole.resolve(sheet)), Files.readAllBytes(run.resolve(sheet)));
    }
    generates(whole.resolve("model.zip"));
  }

  private static Stream<String> each(Object args) {
    return args instanceof String[] many ? Stream.of(many) : Stream.of((String) args);
  }

  private static String[] args(String command, Stream<String> more) {
    return args(command, more.toArray(String[]::new));
  }

  private void generates(Path model) throws IOException {
    Path few = folder.resolve("few");
    String file = "--model-file=" + model;
    Outcome outcome =
        Outcome.agr(
                "generate", file, "--count=3", "--steps=4", "--seed=7", "--eta=0.5", "--out=" + few)
            .done();
    assertTrue(outcome.out().contains("3 images of 32×32"), outcome.out());
    assertEquals(Set.of("00000.png", "00001.png", "00002.png", "sheet.png"), files(few));
    Path again = folder.resolve("again");
    Outcome.agr(
            "generate", file, "--count=2", "--steps=4", "--seed=7", "--eta=0.5", "--out=" + again)
        .done();
    assertArrayEquals(
        Files.readAllBytes(few.resolve("00001.png")),
        Files.readAllBytes(again.resolve("00001.png")));
    Path ddpm = folder.resolve("ddpm");
    Outcome.agr("generate", file, "--count=1", "--sampler=ddpm", "--out=" + ddpm).done();
    assertFalse(
        Arrays.equals(
            Files.readAllBytes(few.resolve("00000.png")),
            Files.readAllBytes(ddpm.resolve("00000.png"))));
    refused("already", "generate", file, "--out=" + ddpm);
    refused("--steps", "generate", file, "--steps=20", "--out=" + folder.resolve("x"));
    refused("--eta", "generate", file, "--eta=2", "--out=" + folder.resolve("x"));
    refused("--count", "generate", file, "--count=0", "--out=" + folder.resolve("x"));
    refused("no such file", "generate", "--model-file=none", "--out=" + folder.resolve("x"));
    assertFalse(Files.exists(folder.resolve("x")));
  }

  private static void refused(String why, String... args) {
    Outcome outcome = Outcome.agr(args);
    assertEquals(1, outcome.status(), outcome.err());
    assertTrue(outcome.err().contains(why), outcome.err());
    assertEquals(1, outcome.err().strip().lines().count(), outcome.err());
  }

  @ParameterizedTest
  @CsvSource({
    "--width=5,an even number",
    "--groups=3,groups = 3",
    "--groups=4,two channels or more",
    "--times=3,from 4",
    "--sample-steps=20,expected 1 to 19",
    "--limit-test=3,quarter of the times",
    "--mixup=0.5,means nothing to diffusion"
  })
  void whatDoesNotFitIsRefusedInOneLine(String option, String why) {
    refused(why, args("train", option, "--out=" + folder.resolve("run")));
  }
}
