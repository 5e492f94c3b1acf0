package org.agr4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.agr4j.layers.cpu.FastCpuLayers;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Runs and a comparison whose files commit e363745 wrote (frozen/README.md) are read by this build,
 * and a run that was stopped in its second epoch goes on to the same end.
 *
 * <p>To 10⁻³ of each array, where the layers compute as they did: {@code arithmetic.bin} has the
 * parameters after one step of the checkpoint's network on made-up images. On another processor, or
 * with layers that add in another order, those differ, and the end is compared to a larger
 * tolerance. It was the same bits until gradient clipping got PyTorch's 10⁻⁶ beside the norm.
 */
class FrozenRunsTest {
  private static final double LOSS_TOLERANCE = 2e-2;
  private static final double PARAMETER_TOLERANCE = 2e-3;
  private static final double CLIPPING_TOLERANCE = 1e-3;
  private static final Pattern DECIMAL = Pattern.compile("-?\\d+\\.\\d+(E-?\\d+)?");
  private static final Pattern TIMES =
      Pattern.compile("\"(images_per_second|train_seconds|test_seconds)\":[^,}]+,?");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"adamw-agr", "adan-agr"})
  void aRunGoesOnToTheSameEnd(String optimizer) throws Exception {
    Path frozen = frozen("run-" + optimizer);
    Path run = copy(frozen.resolve("begun"), folder.resolve("run"));
    boolean sameArithmetic = afterAStep(run).equals(floats(frozen.resolve("arithmetic.bin")));
    Outcome outcome = Outcome.agr("train", "--resume=" + run).done();
    assertTrue(outcome.out().contains("Resuming in epoch 2 after 16 images."), outcome.out());

    Path expected = frozen.resolve("finished");
    ComputationGraph found = model(run.resolve("model.zip"));
    ComputationGraph wanted = model(expected.resolve("model.zip"));
    List<String> metrics = Files.readAllLines(run.resolve("metrics.jsonl"));
    List<String> statistics = Files.readAllLines(run.resolve("statistics.jsonl"));
    if (sameArithmetic) {
      assertClose(wanted.params(), found.params());
      assertClose(
          wanted.getUpdater().getUpdaterStateViewArray(),
          found.getUpdater().getUpdaterStateViewArray());
      assertClose(
          withoutTimes(Files.readAllLines(expected.resolve("metrics.jsonl"))),
          withoutTimes(metrics));
      assertEquals(
          withoutDecimals(Files.readAllLines(expected.resolve("statistics.jsonl"))),
          withoutDecimals(withoutRoles(statistics)));
    } else {
      System.out.println("The layers' arithmetic is another here: compared to a tolerance.");
      INDArray difference = wanted.params().sub(found.params());
      assertEquals(0, difference.ameanNumber().doubleValue(), PARAMETER_TOLERANCE);
      assertEquals(
          Files.readAllLines(expected.resolve("statistics.jsonl")).size(), statistics.size());
      for (String key : List.of("train_loss", "test_loss")) {
        List<Double> losses = numbers(key, metrics);
        List<Double> before = numbers(key, Files.readAllLines(expected.resolve("metrics.jsonl")));
        assertEquals(before.size(), losses.size());
        for (int i = 0; i < losses.size(); i++) {
          assertEquals(before.get(i), losses.get(i), LOSS_TOLERANCE * before.get(i), key);
        }
      }
    }
  }

  private static void assertClose(INDArray wanted, INDArray found) {
    assertEquals(
        0,
        wanted.sub(found).amaxNumber().doubleValue(),
        CLIPPING_TOLERANCE * wanted.amaxNumber().doubleValue());
  }

  /** The same lines, but for the last digits of numbers. */
  private static void assertClose(List<String> wanted, List<String> found) {
    assertEquals(withoutDecimals(wanted), withoutDecimals(found));
    for (int i = 0; i < wanted.size(); i++) {
      List<Double> expected = numbers(DECIMAL, wanted.get(i));
      List<Double> values = numbers(DECIMAL, found.get(i));
      for (int k = 0; k < expected.size(); k++) {
        double tolerance = CLIPPING_TOLERANCE * Math.abs(expected.get(k));
        assertEquals(expected.get(k), values.get(k), tolerance, found.get(i));
      }
    }
  }

  private static List<String> withoutDecimals(List<String> lines) {
    return lines.stream().map(line -> DECIMAL.matcher(line).replaceAll("#")).toList();
  }

  private static List<Double> numbers(Pattern pattern, String line) {
    return pattern.matcher(line).results().map(m -> Double.valueOf(m.group())).toList();
  }

  /** The names in a line of metrics are read by others' programs. */
  @Test
  void metricsKeepTheirNamesAndOrder() throws Exception {
    Path run = folder.resolve("run");
    Outcome.tiny("train", "--epochs=1", "--out=" + run).done();
    assertEquals(
        names(Files.readAllLines(frozen("run-adamw-agr").resolve("finished/metrics.jsonl")).get(0)),
        names(Files.readAllLines(run.resolve("metrics.jsonl")).get(0)));
  }

  private static List<String> names(String line) {
    return Pattern.compile("\"(\\w+)\":").matcher(line).results().map(m -> m.group(1)).toList();
  }

  @Test
  void aFinishedRunIsLeftAsItIs() throws Exception {
    Path run = copy(frozen("run-adan-agr").resolve("finished"), folder.resolve("run"));
    Outcome outcome = Outcome.agr("train", "--resume=" + run).done();
    assertTrue(outcome.out().startsWith("Nothing to do: "), outcome.out());
  }

  /** Line by line but for the last, the command, which has the folder's path. */
  @Test
  void aComparisonGetsTheSameReport() throws Exception {
    Path comparison = copy(frozen("comparison"), folder.resolve("comparison"));
    Path model = frozen("run-adamw-agr").resolve("finished/model.zip");
    for (String run :
        List.of("adamw/seed-1", "adamw/seed-2", "adamw-agr/seed-1", "adamw-agr/seed-2")) {
      Files.copy(model, comparison.resolve(run).resolve("model.zip"));
    }
    List<String> expected = Files.readAllLines(comparison.resolve("report.md"));
    Files.delete(comparison.resolve("report.md"));
    Outcome outcome = Outcome.agr("compare", "--resume=" + comparison).done();
    assertTrue(outcome.out().contains("done before"), outcome.out());
    List<String> found = new ArrayList<>(Files.readAllLines(comparison.resolve("report.md")));
    assertTrue(found.removeIf(line -> line.startsWith("- By signs alone ")), "a later sentence");
    for (String table :
        List.of(
            "| difference | train loss | epochs to loss 2.291 |",
            "| difference of top-1, %, after epoch | 1 | 2 | 3 |")) {
      int later = found.indexOf(table);
      assertTrue(later > 0, "a later table");
      found.subList(later, later + 4).clear();
    }
    assertEquals(
        String.join("\n", expected.subList(0, expected.size() - 1)),
        String.join("\n", found.subList(0, found.size() - 1)));
  }

  private static Path frozen(String name) throws URISyntaxException {
    URI place = FrozenRunsTest.class.getResource("/frozen/" + name).toURI();
    return Path.of(place);
  }

  private static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
    return to;
  }

  private static List<String> withoutTimes(List<String> lines) {
    return lines.stream().map(line -> TIMES.matcher(line).replaceAll("")).toList();
  }

  /** The line's newest field, which that commit did not write. */
  private static List<String> withoutRoles(List<String> lines) {
    return lines.stream().map(line -> line.replaceAll("\"role\":[^,]+,", "")).toList();
  }

  private static List<Double> numbers(String key, List<String> lines) {
    Pattern pattern = Pattern.compile('"' + key + "\":([^,}]+)");
    return lines.stream()
        .flatMap(line -> pattern.matcher(line).results())
        .map(m -> Double.valueOf(m.group(1)))
        .toList();
  }

  private static ComputationGraph model(Path file) throws IOException {
    return ModelSerializer.restoreComputationGraph(file.toFile(), true);
  }

  /** Parameters of a run's checkpointed network after one step on images of noise. */
  private static List<Float> afterAStep(Path run) throws IOException {
    ComputationGraph graph = checkpointed(run);
    FastCpuLayers.install(graph);
    Random random = new Random(5);
    float[] pixels = new float[20 * 3 * 32 * 32];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    INDArray classes = Nd4j.zeros(DataType.FLOAT, 20, 10);
    for (int i = 0; i < 20; i++) {
      classes.putScalar(i, i % 10, 1);
    }
    graph.fit(new DataSet(Nd4j.create(pixels, new long[] {20, 3, 32, 32}, 'c'), classes));
    return list(graph.params().dup('c').data().asFloat());
  }

  private static ComputationGraph checkpointed(Path run) throws IOException {
    Path file = run.resolve("checkpoint-00002-00000016.zip");
    try (InputStream in = Files.newInputStream(file);
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().equals("model.zip")) {
          return ModelSerializer.restoreComputationGraph(
              new ByteArrayInputStream(zip.readAllBytes()), true);
        }
      }
      throw new IOException("no model.zip in " + file);
    }
  }

  private static List<Float> floats(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return list(values);
  }

  private static List<Float> list(float[] values) {
    List<Float> list = new ArrayList<>(values.length);
    for (float value : values) {
      list.add(value);
    }
    return list;
  }
}
