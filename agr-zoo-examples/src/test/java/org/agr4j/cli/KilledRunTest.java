package org.agr4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run in a process of its own, killed as {@code kill -9} does, at random moments, and resumed.
 */
class KilledRunTest {
  private static final int KILLS = 20;
  private static final int LONGEST_LIFE_MILLIS = 5000;

  @TempDir Path folder;
  private final Random random = new Random(4);

  /** 600 steps, each with a checkpoint. */
  private static List<String> settings() {
    return List.of(
        "--data=synthetic",
        "--dataset=cifar10",
        "--width=2",
        "--epochs=6",
        "--limit-train=400",
        "--limit-test=20",
        "--batch-size=4",
        "--augment=standard",
        "--optimizer=adan-agr",
        "--checkpoint-every=0");
  }

  private Process start(Path log, List<String> options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx1g", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(AgrCommand.class.getName(), "train"));
    command.addAll(options);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  private void finish(Path run, Path log) throws Exception {
    List<String> options = new ArrayList<>(settings());
    options.add((Files.exists(run.resolve("settings.yaml")) ? "--resume=" : "--out=") + run);
    Process process = start(log, options);
    assertTrue(process.waitFor(5, TimeUnit.MINUTES), "hangs: " + Files.readString(log));
    assertEquals(0, process.exitValue(), Files.readString(log));
  }

  @Test
  void comesToTheSameBits() throws Exception {
    Path whole = folder.resolve("whole");
    finish(whole, folder.resolve("whole.log"));

    Path log = folder.resolve("killed.log");
    int runs = 0;
    int kills = 0;
    while (kills < KILLS) {
      Path run = folder.resolve("killed" + ++runs);
      boolean ended = false;
      while (kills < KILLS && !ended) {
        List<String> options = new ArrayList<>(settings());
        options.add((Files.exists(run.resolve("settings.yaml")) ? "--resume=" : "--out=") + run);
        Process process = start(log, options);
        ended = process.waitFor(500 + random.nextInt(LONGEST_LIFE_MILLIS), TimeUnit.MILLISECONDS);
        if (ended) {
          assertEquals(0, process.exitValue(), Files.readString(log));
        } else {
          process.destroyForcibly().waitFor();
          kills++;
        }
      }
      finish(run, log);
      assertSame(whole, run, log);
    }
    String said = Files.readString(log);
    assertTrue(said.contains("Resuming in epoch"), "no kill came after a checkpoint: " + said);
    assertTrue(!said.contains("cannot be read"), "a checkpoint was not whole: " + said);
  }

  private static void assertSame(Path whole, Path run, Path log) throws IOException {
    ComputationGraph expected =
        ModelSerializer.restoreComputationGraph(whole.resolve("model.zip").toFile(), true);
    ComputationGraph found =
        ModelSerializer.restoreComputationGraph(run.resolve("model.zip").toFile(), true);
    assertEquals(expected.params(), found.params(), () -> log.toString());
    assertEquals(
        expected.getUpdater().getUpdaterStateViewArray(),
        found.getUpdater().getUpdaterStateViewArray());
    assertEquals(outcomes(whole), outcomes(run));
  }

  /** All but the times. */
  private static List<String> outcomes(Path run) throws IOException {
    return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
        .map(
            line ->
                line.replaceAll(",\"(images_per_second|train_seconds|test_seconds)\":[^,}]+", ""))
        .toList();
  }
}
