package org.agr4j.cli;

import static org.agr4j.cli.Outcome.agr;
import static org.agr4j.cli.Outcome.tiny;
import static org.agr4j.cli.Outcome.tinyArgs;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.agr4j.run.RunFolder;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InterruptedComparisonTest {
  @TempDir Path folder;

  /** A terminal that goes away at the end of the third epoch: half-way through the second run. */
  private static final class Interrupted extends StringWriter {
    private int epochs;

    @Override
    public void write(String text, int from, int count) {
      super.write(text, from, count);
      if (text.startsWith("epoch ") && text.contains("train loss") && ++epochs == 3) {
        throw new IllegalStateException("interrupted");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "compare, '--optimizers=adamw,adan-agr', adamw, adan-agr",
    "ablate, '--agr-until=1,0', adamw-agr-until-0, adamw-agr-until-1"
  })
  void comesToTheSameBits(String command, String arms, String first, String second)
      throws IOException {
    String[] options = {arms, "--seeds=2", "--statistics", "--batch-size=4"};
    Path whole = folder.resolve("whole");
    tiny(command, with(options, whole)).done();

    Path broken = folder.resolve("broken");
    Outcome interrupted = agr(new Interrupted(), tinyArgs(command, with(options, broken)));
    assertTrue(interrupted.err().contains("interrupted"), interrupted.err());
    assertTrue(Files.exists(broken.resolve(first + "/seed-1/model.zip")));
    assertTrue(Files.exists(broken.resolve(second + "/seed-1/settings.yaml")));
    assertFalse(Files.exists(broken.resolve(second + "/seed-1/model.zip")));
    assertFalse(Files.exists(broken.resolve("report.md")));

    Outcome resumed = agr(command, "--resume=" + broken).done();
    assertTrue(resumed.out().contains(": done before"), resumed.out());
    assertTrue(resumed.out().contains("Resuming in epoch 2 after 0 images."), resumed.out());
    for (String run : List.of(first + "/seed-1", first + "/seed-2", second + "/seed-1")) {
      assertSame(whole.resolve(run), broken.resolve(run));
    }
    assertSame(whole.resolve(second + "/seed-2"), broken.resolve(second + "/seed-2"));
    assertEquals(
        Files.readString(whole.resolve("report.md")),
        Files.readString(broken.resolve("report.md")).replace(broken + "/", whole + "/"));
  }

  private static String[] with(String[] options, Path out) {
    String[] all = Arrays.copyOf(options, options.length + 1);
    all[options.length] = "--out=" + out;
    return all;
  }

  private static void assertSame(Path expected, Path found) throws IOException {
    ComputationGraph whole = model(expected);
    ComputationGraph resumed = model(found);
    assertEquals(whole.params(), resumed.params());
    assertEquals(
        whole.getUpdater().getUpdaterStateViewArray(),
        resumed.getUpdater().getUpdaterStateViewArray());
    assertEquals(
        Files.readString(expected.resolve(RunFolder.STATISTICS)),
        Files.readString(found.resolve(RunFolder.STATISTICS)));
    assertEquals(
        Files.readString(expected.resolve(RunFolder.SETTINGS)),
        Files.readString(found.resolve(RunFolder.SETTINGS)));
  }

  private static ComputationGraph model(Path run) throws IOException {
    return ModelSerializer.restoreComputationGraph(run.resolve(RunFolder.MODEL).toFile(), true);
  }
}
