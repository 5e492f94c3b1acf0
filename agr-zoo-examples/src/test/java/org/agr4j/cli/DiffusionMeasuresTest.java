package org.agr4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.deeplearning4j.common.resources.DL4JResources;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** FID and IS of what networks draw, on the features of a classifier that was trained before. */
class DiffusionMeasuresTest {
  /** Eight features, ten classes. */
  @TempDir private static Path before;

  @TempDir private Path folder;

  /** Statistics of real images are kept there, not in the user's folder. */
  @AfterAll
  static void theUsersFolder() {
    DL4JResources.resetBaseDirectoryLocation();
  }

  @BeforeAll
  static void aClassifier() {
    DL4JResources.setBaseDirectory(before.toFile());
    Outcome.agr(
            "train",
            "--model=resnet18",
            "--width=1",
            "--dataset=cifar10",
            "--data=synthetic",
            "--limit-train=20",
            "--limit-test=4",
            "--epochs=1",
            "--out=" + before.resolve("classifier"))
        .done();
    Outcome.agr(args("train", "--epochs=1", "--out=" + before.resolve("drawing"))).done();
  }

  private static String features() {
    return "--features=" + before.resolve("classifier/model.zip");
  }

  private static String drawing() {
    return "--model-file=" + before.resolve("drawing/model.zip");
  }

  /** Width 4, three steps an epoch. */
  private static String[] args(String command, String... more) {
    Map<String, String> args = new LinkedHashMap<>();
    Stream.concat(
            Stream.of(
                "--model=ddpm-unet",
                "--width=4",
                "--limit-train=12",
                "--limit-test=4",
                "--batch-size=4",
                "--epochs=3",
                "--times=20",
                "--sample-every=0",
                "--workers=1"),
            Stream.of(more))
        .forEach(arg -> args.put(arg.replaceAll("=.*", ""), arg));
    return Stream.concat(Stream.of(command), args.values().stream()).toArray(String[]::new);
  }

  private static String[] measured(String command, String... more) {
    return args(
        command,
        Stream.concat(
                Stream.of(features(), "--fid-every=2", "--fid-samples=10", "--fid-steps=1"),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private static INDArray parameters(Path run) throws IOException {
    return ModelSerializer.restoreComputationGraph(run.resolve("model.zip").toFile()).params();
  }

  private static List<String> metrics(Path run) throws IOException {
    return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
        .map(line -> line.replaceAll(",\"(images_per_second|\\w+_seconds)\":[^,}]+", ""))
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

  private static void refused(String why, String... args) {
    Outcome outcome = Outcome.agr(args);
    assertEquals(1, outcome.status(), outcome.err());
    assertTrue(outcome.err().contains(why), outcome.err());
    assertEquals(1, outcome.err().strip().lines().count(), outcome.err());
  }

  /** In epochs 2 and 3 of three; a resumed run has the same, and training does not notice. */
  @Test
  void runsAreMeasuredEverySoManyEpochs() throws IOException {
    Path plain = folder.resolve("plain");
    Path whole = folder.resolve("whole");
    Path run = folder.resolve("run");
    String average = "--weight-average=0.5";
    String few = "--limit-train=4"; // a step an epoch
    Outcome.agr(args("train", average, few, "--out=" + plain)).done();
    Outcome outcome = Outcome.agr(measured("train", average, few, "--out=" + whole)).done();
    assertTrue(outcome.out().matches("(?s).*FID, resnet18 features \\d+\\.\\d+.*"), outcome.out());
    assertNotEquals(
        0,
        Outcome.agr(
                crashingAfter("epoch 2/3"),
                measured("train", average, few, "--checkpoint-every=0", "--out=" + run))
            .status());
    Outcome.agr("train", "--resume=" + run).done();
    assertEquals(parameters(whole), parameters(run));
    assertEquals(metrics(whole), metrics(run));
    assertEquals(parameters(plain), parameters(whole));
    assertEquals(
        metrics(plain),
        metrics(whole).stream()
            .map(line -> line.replaceAll(",\"(unaveraged_)?(fid|is)\":[^,}]+", ""))
            .toList());
    List<Boolean> has = metrics(whole).stream().map(line -> line.contains("\"fid\":")).toList();
    assertEquals(List.of(false, true, true), has);
    assertTrue(metrics(whole).get(1).contains("\"unaveraged_fid\":"), metrics(whole).get(1));
  }

  /** A run goes on with the classifier it was begun with, and no other. */
  @Test
  void anotherClassifierInItsPlaceIsRefused() throws IOException {
    Path run = folder.resolve("run");
    Path file = folder.resolve("features.zip");
    Files.copy(before.resolve("classifier/model.zip"), file);
    assertNotEquals(
        0,
        Outcome.agr(
                crashingAfter("epoch 1/3"), measured("train", "--features=" + file, "--out=" + run))
            .status());
    Files.delete(file);
    Outcome.agr(
            "train",
            "--model=resnet18",
            "--width=1",
            "--dataset=cifar10",
            "--data=synthetic",
            "--limit-train=20",
            "--limit-test=4",
            "--epochs=1",
            "--seed=2",
            "--out=" + folder.resolve("other"))
        .done();
    Files.copy(folder.resolve("other/model.zip"), file);
    refused("features-sha256", "train", "--resume=" + run);
  }

  @Test
  void aComparisonHasIntervalsByEpoch() throws IOException {
    Path out = folder.resolve("out");
    Outcome outcome =
        Outcome.agr(
                measured(
                    "compare",
                    "--optimizers=adan,adan-agr",
                    "--seeds=2",
                    "--epochs=2",
                    "--fid-every=1",
                    "--fid-samples=10",
                    "--fid-steps=1",
                    "--limit-train=4",
                    "--out=" + out))
            .done();
    assertTrue(outcome.out().contains("FID, resnet18 features, after epoch"), outcome.out());
    String report = Files.readString(out.resolve("report.md"));
    String cell = " [-+]\\d+\\.\\d{3} ± \\d+\\.\\d{3} \\|";
    assertTrue(
        report.matches(
            "(?s).*\\| difference of FID, resnet18 features, after epoch \\| 1 \\| 2 \\|.*"
                + "\\| Adan\\(AGR\\) − Adan \\|CELLCELL\n.*".replace("CELL", cell)),
        report);
    assertTrue(report.contains("| difference of test loss, after epoch | 1 | 2 |"), report);
    assertTrue(report.contains("![fid-by-resnet18](fid-by-resnet18.png)"), report);
    assertTrue(report.contains("![test-loss](test-loss.png)"), report);
    assertTrue(report.contains("FID of 10 samples in 1 steps"), report);
    assertTrue(Files.size(out.resolve("fid-by-resnet18.png")) > 0);
  }

  @ParameterizedTest
  @CsvSource({
    "--fid-samples=8,from 10",
    "--fid-steps=20,expected 1 to 19",
    "--fid-every=0,a whole number",
    "--features=nothing.zip,no such file",
    "--features=nothing.onnx,no such file",
    "--features-range=0,two numbers"
  })
  void whatCannotBeMeasuredIsRefusedInOneLine(String option, String why) {
    refused(why, measured("train", option, "--out=" + folder.resolve("run")));
    assertFalse(Files.exists(folder.resolve("run")));
  }

  @Test
  void settingsWithoutFeaturesAreRefused() {
    refused(
        "--fid-every is given without --features",
        args("train", "--fid-every=1", "--out=" + folder.resolve("run")));
  }

  /** The data's images have another size than the classifier's. */
  @Test
  void imagesOfAnotherSizeAreRefused() {
    refused(
        "classifies images of 3×32×32, found 3×64×64",
        measured(
            "train",
            "--dataset=tiny-imagenet",
            "--data=synthetic",
            "--out=" + folder.resolve("run")));
    assertFalse(Files.exists(folder.resolve("run")));
  }

  /** The paper's Tables 1 and 2 in small, with FID: every optimizer, then the report. */
  @Test
  void tables1And2() throws IOException {
    Path out = folder.resolve("out");
    Outcome outcome =
        Outcome.agr(
                table(
                    "compare",
                    "--optimizers=acprop,rmsprop,adam,adamw,adan,adan-agr",
                    "--epochs=1",
                    "--out=" + out))
            .done();
    assertTrue(outcome.out().contains("6 runs on 4 "), outcome.out());
    String report = Files.readString(out.resolve("report.md"));
    for (String optimizer : List.of("ACProp", "RMSProp", "Adam", "AdamW", "Adan", "Adan(AGR)")) {
      assertTrue(report.contains("\n| " + optimizer + " | 1 |"), optimizer + ": " + report);
      assertTrue(report.contains(optimizer + ", seed 1 |"), report);
    }
    assertTrue(report.contains("| FID, resnet18 features, after epoch | 1 |"), report);
    assertTrue(report.contains("![](adan-agr/seed-1/samples-0001.png) |"), report);
    assertTrue(Files.readString(out.resolve("report.html")).contains("data:image/png;base64,"));
  }

  /** The paper's Table 8 in small: AGR off from the beginning, after the first epoch, never. */
  @Test
  void table8() throws IOException {
    Path out = folder.resolve("out");
    Outcome.agr(
            table(
                "ablate",
                "--optimizer=adan-agr",
                "--agr-until=0,1,2",
                "--epochs=2",
                "--out=" + out))
        .done();
    String report = Files.readString(out.resolve("report.md"));
    assertTrue(report.contains("![agr-until](agr-until.png)"), report);
    assertTrue(report.contains("| difference of FID, resnet18 features, after epoch |"), report);
    assertTrue(report.contains("samples-0002.png"), report);
  }

  private static String[] table(String command, String... more) {
    return Stream.concat(
            Stream.of(
                command,
                "--recipe=ddpm",
                "--data=synthetic",
                "--width=4",
                "--groups=1",
                "--limit-train=4",
                "--limit-test=4",
                "--batch-size=4",
                "--seeds=1",
                "--times=20",
                "--samples=2",
                "--sample-steps=1",
                "--fid-samples=10",
                "--fid-steps=1",
                features()),
            Stream.of(more))
        .toArray(String[]::new);
  }

  /** A user's own images, of any size; the same number from a folder and once more. */
  @Test
  void ownImagesAreWhatDrawnOnesAreHeldAgainst() throws IOException {
    Path own = folder.resolve("own");
    Random random = new Random(1);
    for (String split : List.of("train", "val")) {
      for (String name : List.of("cat", "dog")) {
        Path of = Files.createDirectories(own.resolve(split).resolve(name));
        for (int i = 0; i < 6; i++) {
          BufferedImage image = new BufferedImage(40, 50, BufferedImage.TYPE_INT_RGB);
          image.setRGB(random.nextInt(40), random.nextInt(50), random.nextInt());
          ImageIO.write(image, "png", of.resolve(i + ".png").toFile());
        }
      }
    }
    String[] fids = new String[2];
    for (int i = 0; i < 2; i++) {
      fids[i] =
          Outcome.agr(
                  "generate",
                  drawing(),
                  features(),
                  "--dataset=folder",
                  "--data=" + own,
                  "--count=10",
                  "--steps=1",
                  "--out=" + folder.resolve("drawn" + i))
              .done()
              .out()
              .lines()
              .filter(line -> line.startsWith("FID by"))
              .findFirst()
              .orElseThrow();
    }
    assertTrue(fids[0].contains("of 10 samples and 12 real images"), fids[0]);
    assertEquals(fids[0], fids[1]);
    String out = "--out=" + folder.resolve("x");
    refused(
        "--fit means nothing to --dataset cifar10",
        "generate",
        drawing(),
        features(),
        "--data=synthetic",
        "--count=10",
        "--fit=crop",
        out);
    refused(
        "expected a file .onnx",
        "generate",
        drawing(),
        features(),
        "--features-range=0,1",
        "--data=synthetic",
        "--count=10",
        out);
  }

  @Test
  void drawnImagesAreMeasured() throws IOException {
    Outcome outcome =
        Outcome.agr(
                "generate",
                drawing(),
                features(),
                "--data=synthetic",
                "--real=30",
                "--count=12",
                "--steps=2",
                "--out=" + folder.resolve("judged"))
            .done();
    assertTrue(
        outcome.out().matches("(?s).*FID by the 8 features of .*: \\d+\\.\\d+, of 12 .*"),
        outcome.out());
    assertTrue(outcome.out().matches("(?s).*IS by its probabilities: \\d.*"), outcome.out());
  }

  @Test
  void drawnImagesThatCannotBeMeasuredAreRefusedInOneLine() {
    String out = "--out=" + folder.resolve("x");
    refused(
        "more samples than features",
        "generate",
        drawing(),
        features(),
        "--data=synthetic",
        "--count=8",
        out);
    refused("without --data", "generate", drawing(), features(), out);
    refused("without --features", "generate", drawing(), "--data=synthetic", out);
    refused(
        "has no images.json",
        "generate",
        drawing(),
        drawing().replace("model-file", "features"),
        "--data=synthetic",
        out);
    refused("has no diffusion.json", "generate", features().replace("features", "model-file"), out);
    assertFalse(Files.exists(folder.resolve("x")));
  }
}
