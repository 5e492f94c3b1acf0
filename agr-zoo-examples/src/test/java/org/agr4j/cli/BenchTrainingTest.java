package org.agr4j.cli;

import static org.agr4j.cli.Outcome.agr;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code agr bench training} prints and refuses, at widths of a few channels. */
class BenchTrainingTest {
  private static final String[] SMALL = {"--batch-size=2", "--rounds=1"};

  private static Outcome bench(String... more) {
    return agr(
        Stream.of(Stream.of("bench", "training"), Stream.of(SMALL), Stream.of(more))
            .flatMap(part -> part)
            .toArray(String[]::new));
  }

  @ParameterizedTest
  @CsvSource({"convnext-t, 4, 32", "swin-t, 24, 64", "tinyvit-5m, 16, 64", "resnet18, 1, 8"})
  void printsAnArrayOfObjects(String model, int width, int side) throws IOException {
    JsonNode array =
        new JsonMapper()
            .readTree(
                bench("--model=" + model, "--width=" + width, "--side=" + side, "--json")
                    .done()
                    .out());
    assertTrue(array.isArray(), array.toString());
    assertEquals(1, array.size());
    JsonNode speed = array.get(0);
    assertEquals(model, speed.get("model").asText());
    assertEquals(side, speed.get("side").asInt());
    assertEquals(2, speed.get("batchSize").asInt());
    for (String key : List.of("imagesPerSecond", "gflops", "matmulPeakGflops", "stepMillis")) {
      assertTrue(speed.get(key).asDouble() > 0, key + " in " + speed);
    }
    assertEquals(
        speed.get("gflops").asDouble() / speed.get("matmulPeakGflops").asDouble(),
        speed.get("shareOfMatmulPeak").asDouble(),
        1e-9);
    assertTrue(speed.get("peakMemoryBytes").asLong() > 50_000_000 || !isLinux(), speed.toString());
    assertTrue(speed.get("plainImagesPerSecond").isNull(), speed.toString());
  }

  @Test
  void printsOneObjectForAlbert() throws IOException {
    JsonNode speed =
        new JsonMapper().readTree(bench("--model=albert", "--length=8", "--json").done().out());
    assertEquals("albert", speed.get("model").asText());
    assertEquals(8, speed.get("length").asInt());
    assertEquals(1, speed.get("predictions").asInt());
    assertEquals(2, speed.get("batchSize").asInt());
    for (String key :
        List.of("parameters", "sequencesPerSecond", "gflops", "stepMillis", "optimizerMillis")) {
      assertTrue(speed.get(key).asDouble() > 0, key + " in " + speed);
    }
    assertTrue(
        speed.get("bestSequencesPerSecond").asDouble()
            >= speed.get("sequencesPerSecond").asDouble(),
        speed.toString());
  }

  @Test
  void printsOneObjectForTheUnet() throws IOException {
    JsonNode speed =
        new JsonMapper()
            .readTree(
                bench("--model=ddpm-unet", "--width=8", "--groups=2", "--side=8", "--json")
                    .done()
                    .out());
    assertEquals("ddpm-unet", speed.get("model").asText());
    assertEquals(8, speed.get("side").asInt());
    assertEquals(2, speed.get("groups").asInt());
    assertEquals(2, speed.get("batchSize").asInt());
    for (String key :
        List.of("imagesPerSecond", "gflops", "stepMillis", "inferenceMillis", "samplingMillis")) {
      assertTrue(speed.get(key).asDouble() > 0, key + " in " + speed);
    }
    assertEquals(
        speed.get("gflopPerImage").asDouble() * speed.get("imagesPerSecond").asDouble(),
        speed.get("gflops").asDouble(),
        1e-9 * speed.get("gflops").asDouble());
    assertTrue(speed.get("peakMemoryBytes").asLong() > 50_000_000 || !isLinux(), speed.toString());
    assertTrue(speed.get("layers").asText().contains("AGR4J"), speed.toString());
  }

  private static boolean isLinux() {
    return System.getProperty("os.name").equals("Linux");
  }

  @Test
  void printsATableWithPlainDl4jWhereThatIsAskedFor() {
    String out = bench("--model=resnet18", "--width=1", "--side=8", "--plain").done().out();
    assertTrue(out.contains("plain DL4J") && out.contains("resnet18"), out);
  }

  /** The second network's memory is not the first one's. */
  @Test
  void runsSeveralInProcessesOfTheirOwn() throws IOException {
    JsonNode array =
        new JsonMapper()
            .readTree(
                bench("--model=vgg11,resnet18", "--width=1", "--side=32", "--json").done().out());
    assertEquals(List.of("vgg11", "resnet18"), array.findValuesAsText("model"));
  }

  @Test
  void comparesResNet18WithoutAModel() {
    String out = bench("--width=1").done().out();
    assertTrue(out.contains("ResNet-18, width 1, batch 2"), out);
  }

  @Test
  void refusesWhatCannotBe() {
    bench("--model=resnet19").refused(1, "--model is 'resnet19'", "expected", "tinyvit-21m");
    bench("--model=resnet18,,vgg11").refused(1, "--model is ''");
    bench("--model=convnext-t", "--plain").refused(1, "--plain is given for convnext-t");
    bench("--side=32").refused(1, "--side is given alone, expected --model");
    bench("--plain").refused(1, "--plain is given alone, expected --model");
    bench("--patch=2").refused(1, "--patch is given alone, expected --model");
    bench("--model=resnet18", "--patch=2")
        .refused(1, "--patch is given and means nothing to --model resnet18, expected convnext-t");
    bench("--model=tinyvit-5m", "--window=4").refused(1, "--window is 4", "expected 3 numbers");
    bench("--model=swin-t", "--window=x").refused(1, "--window is 'x', expected a whole number");
    bench("--model=swin-t", "--window=7")
        .refused(1, "window = 7 with patch 4 does not cut 64x64 images", "patch 4 with window 4");
    bench("--model=ddpm-unet", "--width=8", "--groups=3")
        .refused(1, "--model ddpm-unet does not fit", "groups = 3");
    bench("--model=ddpm-unet", "--plain")
        .refused(1, "--plain is given with --model ddpm-unet", "--groups");
    bench("--model=resnet18", "--groups=2").refused(1, "--groups is given without");
    bench("--model=resnet18", "--side=0").refused(1, "--side is 0, expected");
    bench("--model=resnet18", "--side=12").refused(1, "--model resnet18 does not fit", "of 8");
    bench("--model=swin-t", "--side=40").refused(1, "--model swin-t does not fit");
    bench("--model=resnet18,swin-t", "--width=4").refused(1, "--model swin-t does not fit");
  }
}
