package org.agr4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agr4j.cli.CommandRunner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SparkTrainTest {
  private final StringWriter err = new StringWriter();
  private final StringWriter out = new StringWriter();

  @TempDir private Path temp;

  private int run(String... args) {
    return CommandRunner.run(
        SparkTrain.commandLine(), new PrintWriter(out, true), new PrintWriter(err, true), args);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "--workers; 0; 1; agr: --workers is 0, expected a whole number from 1 to 10000",
        "--averaging-frequency; 0; 1; agr: --averaging-frequency is 0, expected a whole number from 1 to 100000",
        "--cores-per-worker; 0; 1; agr: --cores-per-worker is 0, expected a whole number from 1 to 1024",
        "--stall-timeout; 0; 1; agr: --stall-timeout is 0, expected a whole number from 1 to 31536000",
        "--weight-average; 0.99; 1; agr: --weight-average is 0.99, which needs the weights after every step,"
            + " and workers share theirs after several| expected 0 on a cluster",
        "--keep-checkpoints; 1; 1; agr: --keep-checkpoints is 1, expected a whole number >= 2",
        "--mode; both; 2; agr: Invalid value for option '--mode': found 'both', expected averaging, sharing| try 'agr spark-train --help'",
        "--master; spark://127.0.0.1; 1; agr: --master spark://127.0.0.1 cannot be reached (it has"
            + " no port), expected a running Spark master",
      })
  void mistakesAreOneLine(String option, String value, int status, String message) {
    assertEquals(status, run(option, value, "--out", temp.resolve("run").toString()));
    assertEquals(message.replace('|', ';'), err.toString().strip());
  }

  @Test
  void aFolderThatCannotBeWrittenIsOneLine() throws Exception {
    Path file = Files.writeString(temp.resolve("file"), "");
    assertEquals(1, run("--out", file.resolve("run").toString()));
    assertTrue(
        err.toString().matches("(?s)agr: .*/file/run cannot be written to: .*"), err::toString);
    assertEquals(1, err.toString().lines().count());
  }

  /** Spark itself would end the process. */
  @Test
  void aLocalFolderThatCannotBeWrittenIsOneLine() throws Exception {
    Path file = Files.writeString(temp.resolve("file"), "");
    String run = temp.resolve("run").toString();
    assertEquals(1, run("--conf", "spark.local.dir=" + file.resolve("x"), "--out", run));
    assertEquals(
        "agr: Spark cannot write to "
            + file.resolve("x")
            + "; name a folder with --conf spark.local.dir=DIR",
        err.toString().strip());
  }

  @Test
  void helpNamesTheOptionsOfTrainAndTheChoiceOfPsi() {
    assertEquals(0, run("--help"));
    String help = out.toString();
    for (String option :
        new String[] {
          "--master", "--mode", "--workers", "--batches", "--learning-rate", "--seed"
        }) {
      assertTrue(help.contains(option), option);
    }
    assertTrue(help.contains("Ψ is not linear"), help);
  }
}
