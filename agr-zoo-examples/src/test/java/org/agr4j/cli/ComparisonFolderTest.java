package org.agr4j.cli;

import static org.agr4j.cli.Outcome.agr;
import static org.agr4j.cli.Outcome.tiny;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.agr4j.run.ProcessLock;
import org.agr4j.run.RunFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a comparison's folder says of it, also where a run diverged or another process is at one.
 */
class ComparisonFolderTest {
  @TempDir Path folder;

  private String report(Path out) throws IOException {
    return Files.readString(out.resolve("report.md"));
  }

  /** Decay that blows weights up in AdamW; in Adam it is L2, which Adam's step divides away. */
  @Test
  void aDivergedRunEndsNoOther() throws IOException {
    Path out = folder.resolve("out");
    Outcome outcome =
        tiny(
                "compare",
                "--weight-decay=1e12",
                "--batch-size=2",
                "--optimizers=adamw,adam",
                "--seeds=2",
                "--out=" + out)
            .done();
    assertTrue(outcome.out().contains("AdamW, seed 1 (run 1 of 4) diverged: "), outcome.out());
    assertTrue(Files.exists(out.resolve("adam/seed-2/model.zip")));
    String reason = Files.readString(out.resolve("adamw/seed-2/diverged.txt")).strip();
    assertEquals(1, reason.lines().count());
    for (String text : List.of(outcome.out(), report(out))) {
      assertTrue(text.contains("AdamW, seed 2 diverged and is in no number here: " + reason), text);
    }
    assertTrue(report(out).contains("| AdamW | 0 (2 diverged) | – |"), report(out));

    Outcome again = agr("compare", "--resume=" + out).done();
    assertEquals(
        2,
        again.out().lines().filter(l -> l.contains(": diverged before; without ")).count(),
        again.out());

    agr("compare", "--resume=" + out, "--optimizers=adamw")
        .said(1, "every run diverged, expected at least one to end");
  }

  /** What is printed to repeat a comparison has all of it, also seeds that were added later. */
  @Test
  void theSettingsAreThoseOfTheWholeComparison() throws IOException {
    Path out = folder.resolve("out");
    tiny("compare", "--seeds=1", "--optimizers=adam,nesterovs", "--warmup-epochs=1", "--out=" + out)
        .done();
    for (String fact :
        List.of(
            "learning rate 0.003 (Adam), 0.30000000000000004 (SGD, Nesterov), cosine, linear"
                + " warm-up over 1.0 epochs",
            "label smoothing none; gradient clipping none",
            "seeds 1\n",
            "Java " + System.getProperty("java.version"))) {
      assertTrue(report(out).contains(fact), report(out) + " has no: " + fact);
    }
    agr("compare", "--resume=" + out, "--seeds=2").done();
    assertTrue(report(out).contains("seeds 1, 2"));
    Path again = folder.resolve("again");
    Outcome repeated =
        agr("compare", "--config=" + out.resolve(RunFolder.SETTINGS), "--out=" + again).done();
    assertTrue(repeated.out().startsWith("4 runs on "), repeated.out());

    String before = Files.readString(out.resolve(RunFolder.SETTINGS));
    agr("compare", "--resume=" + out, "--learning-rate=0.5").refused(1, "is of another run");
    assertEquals(before, Files.readString(out.resolve(RunFolder.SETTINGS)));
  }

  /** The machine is that of the runs, whoever writes the report. */
  @Test
  void theReportNamesTheMachineOfTheRuns() throws IOException {
    Path out = folder.resolve("out");
    tiny("compare", "--seeds=1", "--optimizers=adamw", "--out=" + out).done();
    Path environment = out.resolve("adamw/seed-1").resolve(RunFolder.ENVIRONMENT);
    Files.writeString(
        environment,
        Files.readString(environment).replaceFirst("processor: .*", "processor: An Abacus"));
    agr("compare", "--resume=" + out).done();
    assertTrue(report(out).contains("- An Abacus, "), report(out));
  }

  @Test
  void oneProcessWorksOnARun() throws IOException {
    Path out = folder.resolve("out");
    tiny("compare", "--seeds=1", "--optimizers=adamw", "--out=" + out).done();
    Path run = out.resolve("adamw/seed-1");
    Files.delete(run.resolve(RunFolder.MODEL));
    ProcessLock other = RunFolder.tryLock(run).orElseThrow();
    try {
      agr("train", "--resume=" + run)
          .refused(1, "another process is at the run in " + run, "expected it to have ended");
      assertTrue(agr("compare", "--resume=" + out).out().contains(": another process is at it"));
    } finally {
      other.close();
    }
    agr("train", "--resume=" + run).done();
  }
}
