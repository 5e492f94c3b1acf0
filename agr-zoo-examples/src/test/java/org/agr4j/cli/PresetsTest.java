package org.agr4j.cli;

import static org.agr4j.cli.Outcome.agr;
import static org.agr4j.cli.Outcome.tiny;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agr4j.run.RunFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files and command line together; picocli flips a flag that a file has already turned on. */
class PresetsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "true, --statistics, true",
    "false, --statistics, true",
    "true, --workers=1, true",
    "true, --statistics=false, false",
    "false, --workers=1, false"
  })
  void aFlagIsWhatWasSaidLast(boolean inFile, String argument, boolean recorded)
      throws IOException {
    Path file = Files.writeString(folder.resolve("my.yaml"), "statistics: " + inFile + "\n");
    Path run = folder.resolve("run");
    tiny("train", "--config=" + file, argument, "--out=" + run).done();
    assertEquals(recorded, Files.exists(run.resolve(RunFolder.STATISTICS)));
  }

  @Test
  void aResumedComparisonGoesOnRecording() throws IOException {
    Path out = folder.resolve("out");
    tiny("compare", "--seeds=1", "--optimizers=adamw-agr", "--statistics", "--out=" + out).done();
    agr("compare", "--resume=" + out, "--seeds=2", "--statistics").done();
    assertTrue(Files.size(out.resolve("adamw-agr/seed-2").resolve(RunFolder.STATISTICS)) > 0);
  }

  @Test
  void downloadStaysOn() throws IOException {
    Path file = Files.writeString(folder.resolve("my.yaml"), "download: true\n");
    agr("train", "--config=" + file, "--download", "--data=synthetic")
        .refused(1, "--download and --data synthetic exclude each other");
    assertFalse(
        agr("train", "--config=" + file, "--download=false", "--data=/nowhere")
            .err()
            .contains("exclude"));
  }

  @Test
  void theReportsCommandRuns() throws IOException {
    Path out = folder.resolve("a b");
    agr(
            "compare",
            "--seeds=1",
            "--epochs=1",
            "--width=1",
            "--limit-train=8",
            "--limit-test=4",
            "--optimizers=adamw",
            "--out=" + out)
        .done();
    agr("compare", "--config=" + out.resolve(RunFolder.SETTINGS), "--out=" + folder.resolve("c"))
        .done();
  }
}
