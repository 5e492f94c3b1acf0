package org.agr4j.cli;

import static org.agr4j.cli.Outcome.agr;
import static org.agr4j.cli.Outcome.tiny;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.agr4j.run.RunFolder;
import org.deeplearning4j.common.resources.DL4JResources;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgrCommandTest {
  @TempDir Path folder;

  private static void assertRefused(int status, Outcome outcome, String... parts) {
    outcome.refused(status, parts);
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
    for (String name :
        new String[] {"settings.yaml", "environment.yaml", "metrics.jsonl", "model.zip"}) {
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
        "--model --dataset --data --download --optimizer --learning-rate --weight-decay --epochs --batch-size --seed --width --limit-train --limit-test --out adamw-agr adan-agr nesterovs rmsprop acprop --recipe --config --augment --rand-augment --rand-augment-magnitude --erasing --drop-path --patch --window --mixup --cutmix --schedule --warmup-epochs --warmup --warmup-start --milestones --gamma --min-learning-rate --tensors --label-smoothing --gradient-clipping --weight-average --agr-mode --agr-until --resume --workers --checkpoint-every --keep-checkpoints --statistics --ui --ui-address"
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
    "--optimizer=sgd, 'sgd', 'expected adamw, adamw-agr, adan, adan-agr, adamw-placebo, adan-placebo, adam, nesterovs, rmsprop, acprop'",
    "--model=resnet19, 'resnet19', 'expected resnet18, resnet50, resnet101, vgg11'",
    "--dataset=mnist, 'mnist', 'expected cifar10, cifar100, tiny-imagenet'",
    "--epochs=few, few, --epochs",
    "--config, --config, agr train --help",
    "surplus, surplus, agr train --help"
  })
  void refusesWrongUsage(String argument, String part, String other) {
    assertRefused(2, agr("train", argument), part, other);
  }

  @ParameterizedTest
  @CsvSource({
    "--epochs=0, --epochs is 0",
    "--ui-address=0.0.0.0, --ui-address is given without --ui",
    "--batch-size=-4, --batch-size is -4",
    "--width=0, --width is 0",
    "--learning-rate=-1, --learning-rate is -1.0",
    "--weight-decay=1e400, --weight-decay is Infinity",
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

  @Test
  void settingsComeFromRecipeFileAndCommandLine() throws IOException {
    Path file = folder.resolve("my.yaml");
    Files.writeString(file, "gamma: 0.3\nwarmup-epochs: 0\nmilestones: [1]\n# a comment\n");
    Path run = folder.resolve("run");
    Outcome outcome =
        tiny(
            "train",
            "--recipe=cifar100",
            "--config=" + file,
            "--learning-rate=2e-3",
            "--out=" + run);
    assertEquals(0, outcome.status(), outcome.err());
    List<String> settings = Files.readAllLines(run.resolve(RunFolder.SETTINGS));
    for (String line :
        new String[] {
          "schedule: multi-step", // recipe
          "gamma: 0.3", // file over recipe
          "- 1",
          "learning-rate: 0.002", // command line over recipe
          "weight-decay: 5.0E-4",
          "width: 1"
        }) {
      assertTrue(settings.contains(line), settings + " has no " + line);
    }
    Path again = folder.resolve("again");
    assertEquals(
        0,
        agr("train", "--config", run.resolve(RunFolder.SETTINGS).toString(), "--out=" + again)
            .status());
    assertEquals(settings, Files.readAllLines(again.resolve(RunFolder.SETTINGS)));
  }

  @ParameterizedTest
  @CsvSource({
    "'learning-rat: 1', has the unknown key 'learning-rat', the nearest is 'learning-rate'",
    "'gama: 1', has the unknown key 'gama', the nearest is 'gamma'",
    "'gamma: {a: 1}', has a mapping for 'gamma' in line 1, expected a number",
    "'gamma: [', has a list for 'gamma' in line 1, expected one value",
    "'gamma: \"', is not YAML of the form, line 1",
    "'just text', is not YAML of the form, line 1",
    "'', holds nothing, expected lines",
    "'# a comment', holds nothing, expected lines",
    "'null', holds nothing, expected lines",
    "'~', holds nothing, expected lines",
    "'---', holds nothing, expected lines"
  })
  void namesWhatIsWrongInAFile(String text, String part, String other) throws IOException {
    Path file = folder.resolve("my.yaml");
    Files.writeString(file, text);
    assertRefused(1, agr("train", "--config", file.toString()), file + " " + part, other);
  }

  @Test
  void namesAMissingFileAndRecipe() {
    assertRefused(1, agr("train", "--config=/no/such.yaml"), "/no/such.yaml cannot be read");
    assertRefused(1, agr("train", "--recipe=mnist"), "--recipe is mnist, expected cifar100");
    assertRefused(1, agr("train", "--resume=/no"), "/no has no settings.yaml, expected the folder");
  }

  @Test
  void resumingAFinishedRunDoesNothing() {
    Path run = folder.resolve("run");
    assertEquals(0, tiny("train", "--out=" + run).status());
    Outcome again = agr("train", "--resume=" + run);
    assertEquals(0, again.status(), again.err());
    assertEquals("Nothing to do: the run in " + run + " is finished.\n", again.out());
  }

  /** Paired: the first batch of the first epoch has the same loss for every optimizer. */
  @Test
  void comparesFromTheSameStart() throws IOException {
    Path out = folder.resolve("out");
    Outcome outcome =
        tiny("compare", "--seeds=2", "--optimizers=adamw,adan-agr", "--statistics", "--out=" + out);
    assertEquals(0, outcome.status(), outcome.err());
    for (int seed = 1; seed <= 2; seed++) {
      assertEquals(firstLoss(out, "adamw", seed), firstLoss(out, "adan-agr", seed));
    }
    assertNotEquals(firstLoss(out, "adamw", 1), firstLoss(out, "adamw", 2));
    assertTrue(Files.exists(out.resolve("report.html")));
    assertTrue(Files.readString(out.resolve("report.html")).contains("stage1_block1_conv1/W"));

    Outcome again = agr("compare", "--resume=" + out);
    assertEquals(0, again.status(), again.err());
    assertEquals(4, again.out().lines().filter(l -> l.endsWith(": done before")).count());

    Outcome other = agr("compare", "--resume=" + out, "--learning-rate=0.5");
    assertEquals(1, other.status());
    assertTrue(other.err().contains("it has learning-rate: 0.003, expected learning-rate: 0.5"));
  }

  private static String firstLoss(Path out, String arm, int seed) throws IOException {
    String line = Files.readAllLines(out.resolve(arm + "/seed-" + seed + "/metrics.jsonl")).get(0);
    return line.replaceAll(".*\"train_loss\":([^,]+),.*", "$1");
  }

  @Test
  void ablationWithoutPsiIsThePlainOptimizer() throws IOException {
    Path out = folder.resolve("out");
    Outcome outcome = tiny("ablate", "--seeds=1", "--agr-until=0,1", "--out=" + out);
    assertEquals(0, outcome.status(), outcome.err());
    Path plain = folder.resolve("plain");
    assertEquals(0, tiny("train", "--optimizer=adamw", "--out=" + plain).status());
    assertEquals(
        ModelSerializer.restoreComputationGraph(plain.resolve("model.zip").toFile()).params(),
        ModelSerializer.restoreComputationGraph(
                out.resolve("adamw-agr-until-0/seed-1/model.zip").toFile())
            .params());
  }

  @ParameterizedTest
  @CsvSource({
    "compare, --optimizers=sgd, --optimizers has 'sgd'",
    "compare, '--optimizers=adamw,adamw', expected different ones",
    "compare, --seeds=0, --seeds is 0",
    "compare, '--seeds=3,3', expected different numbers",
    "ablate, --optimizer=adam, --optimizer is adam",
    "ablate, '--agr-until=2,2', expected different epochs",
    "train, --label-smoothing=1, --label-smoothing is 1.0",
    "train, --gradient-clipping=-1, --gradient-clipping is -1.0",
    "train, --weight-average=1, --weight-average is 1.0",
    "train, --warmup-start=1e-6, --warmup-start is 1.0E-6 with --warmup scaled",
    "train, --schedule=multi-step, --milestones is missing",
    "train, --agr-until=-1, --agr-until is -1",
    "train, --keep-checkpoints=1, --keep-checkpoints is 1",
    "train, --checkpoint-every=-1, --checkpoint-every is -1.0",
    "compare, --checkpoint-every=1e999, --checkpoint-every is Infinity"
  })
  void refusesWhatDoesNotFit(String command, String argument, String part) {
    Path run = folder.resolve("run");
    assertRefused(1, tiny(command, argument, "--out=" + run), part, "expected");
  }

  @Test
  void refusesAgrWhereThereIsNone() {
    assertRefused(
        1,
        tiny("train", "--optimizer=adam", "--agr-mode=all-moments"),
        "--agr-mode is given with adam, expected adamw-agr or adan-agr");
  }
}
