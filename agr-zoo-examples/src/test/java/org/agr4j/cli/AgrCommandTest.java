package org.agr4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.agr4j.train.RunFolder;
import org.deeplearning4j.common.resources.DL4JResources;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgrCommandTest {
  private record Outcome(int status, String out, String err) {}

  @TempDir Path folder;

  private static Outcome agr(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status = AgrCommand.execute(new PrintWriter(out), new PrintWriter(err), args);
    return new Outcome(status, out.toString(), err.toString());
  }

  /** One line on standard error with all the parts, nothing on standard output. */
  private static void assertRefused(int status, Outcome outcome, String... parts) {
    assertEquals(status, outcome.status(), outcome.err());
    assertEquals(1, outcome.err().lines().count(), outcome.err());
    assertTrue(outcome.err().startsWith("agr: "), outcome.err());
    for (String part : parts) {
      assertTrue(outcome.err().contains(part), outcome.err() + " has no: " + part);
    }
    assertEquals("", outcome.out());
  }

  @Test
  void trainsAndSaysWhereTheResultsAre() throws IOException {
    Path run = folder.resolve("run");
    Outcome outcome =
        agr(
            "train",
            "--data",
            "synthetic",
            "--dataset",
            "cifar10",
            "--width",
            "1",
            "--epochs",
            "1",
            "--limit-train",
            "8",
            "--limit-test",
            "4",
            "--batch-size",
            "4",
            "--out",
            run.toString());
    assertEquals(0, outcome.status(), outcome.err());
    assertTrue(
        outcome
            .out()
            .startsWith(
                "Training resnet18 (width 1) with adamw-agr on 8 built-in synthetic images of 10"
                    + " classes, testing on 4."),
        outcome.out());
    assertTrue(outcome.out().contains("Results are in " + run), outcome.out());
    for (String name : new String[] {"settings.json", "metrics.jsonl", "model.zip"}) {
      assertTrue(Files.size(run.resolve(name)) > 0);
    }
    assertEquals(1, Files.readAllLines(run.resolve(RunFolder.METRICS)).size());

    assertRefused(
        1,
        agr("train", "--epochs", "1", "--out", run.toString()),
        run + " holds the results of another run");
  }

  @Test
  void helpNamesEveryOption() {
    Outcome help = agr("train", "--help");
    assertEquals(0, help.status());
    for (String option :
        "--model --dataset --data --download --optimizer --learning-rate --weight-decay --epochs --batch-size --seed --width --limit-train --limit-test --out adamw-agr adan-agr nesterovs rmsprop"
            .split(" ")) {
      assertTrue(help.out().contains(option), option);
    }
    assertTrue(agr("--help").out().contains("train"));
    assertTrue(agr("--version").out().matches("(?s)agr4j \\d.*Deeplearning4j 1\\.0\\.0-M2\\.1.*"));
    assertEquals(2, agr().status());
  }

  @ParameterizedTest
  @CsvSource({
    "--epoch=3, Unknown option: '--epoch=3', did you mean --epochs",
    "--optimizer=sgd, 'sgd', 'expected adamw, adamw-agr, adan, adan-agr, adam'",
    "--model=resnet19, 'resnet19', expected resnet18",
    "--dataset=mnist, 'mnist', 'expected cifar10, cifar100, tiny-imagenet'",
    "--epochs=few, few, --epochs",
    "surplus, surplus, agr train --help"
  })
  void refusesWrongUsage(String argument, String part, String other) {
    assertRefused(2, agr("train", argument), part, other);
  }

  @ParameterizedTest
  @CsvSource({
    "--epochs=0, --epochs is 0",
    "--batch-size=-4, --batch-size is -4",
    "--width=0, --width is 0",
    "--learning-rate=-1, --learning-rate is -1.0",
    "--weight-decay=NaN, --weight-decay is NaN",
    "--limit-test=0, --limit-test is 0",
    "--limit-train=50001, 50001 synthetic training images asked for",
    "--data=/nowhere/cifar.tar.gz, /nowhere/cifar.tar.gz: no such file or folder"
  })
  void refusesBadInput(String argument, String part) {
    assertRefused(
        1, agr("train", argument, "--out", folder.resolve("run").toString()), part, "expected");
    assertFalse(Files.exists(folder.resolve("run")), "no folder is left behind");
  }

  @Test
  void refusesAnUnwritableFolder() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    Outcome outcome = agr("train", "--limit-train=8", "--limit-test=4", "--out", file + "/run");
    assertRefused(1, outcome, file + "/run cannot be written to");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nesterovs", "adamw-agr"})
  void saysThatTrainingDiverged(String optimizer) {
    Outcome outcome =
        agr(
            "train",
            "--optimizer",
            optimizer,
            "--learning-rate",
            "1e30",
            "--width",
            "1",
            "--epochs",
            "1",
            "--limit-train",
            "8",
            "--limit-test",
            "4",
            "--batch-size",
            "2",
            "--out",
            folder.resolve("run").toString());
    assertEquals(1, outcome.status());
    assertTrue(outcome.err().startsWith("agr: training diverged: "), outcome.err());
    assertTrue(outcome.err().contains("; lower --learning-rate"), outcome.err());
    assertEquals(1, outcome.err().lines().count(), outcome.err());
  }

  @Test
  void neverTrainsOnSomethingElse() {
    DL4JResources.setBaseDirectory(folder.toFile());
    try {
      for (String dataset : new String[] {"cifar100", "CIFAR10"}) {
        assertRefused(
            1,
            agr("train", "--dataset", dataset),
            "no CIFAR-" + dataset.toLowerCase(Locale.ROOT).substring(5) + " in " + folder,
            "--download",
            "MD5 ");
      }
    } finally {
      DL4JResources.resetBaseDirectoryLocation();
    }
    assertRefused(
        1, agr("train", "--download", "--data", "synthetic"), "--download and --data synthetic");
  }
}
