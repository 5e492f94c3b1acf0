package org.agr4j.cli;

import static org.agr4j.cli.Outcome.agr;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.agr4j.data.TinyImageNetFixture;
import org.agr4j.run.RunFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose data lie elsewhere when they go on: the same images are taken, others refused. */
class MovedDataTest {
  @TempDir Path folder;
  private Path archive;
  private Path run;

  /** A terminal that goes away at the end of the first epoch. */
  private static final class Interrupted extends StringWriter {
    @Override
    public void write(String text, int from, int count) {
      super.write(text, from, count);
      if (text.startsWith("epoch ") && text.contains("train loss")) {
        throw new IllegalStateException("interrupted");
      }
    }
  }

  @BeforeEach
  void begin() throws IOException {
    archive = new TinyImageNetFixture().zipIn(folder);
    run = folder.resolve("run");
  }

  private void interrupt(String command, String... more) {
    String[] args = {
      command,
      "--dataset=tiny-imagenet",
      "--data=" + archive,
      "--width=1",
      "--limit-train=12",
      "--limit-test=4",
      "--batch-size=12",
      "--augment=none",
      "--epochs=2",
      "--out=" + run
    };
    String[] all = Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    Outcome interrupted = agr(new Interrupted(), all);
    assertTrue(interrupted.err().contains("interrupted"), interrupted.err());
  }

  private Path moved() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("else where"));
    return Files.move(archive, elsewhere.resolve("b.zip"));
  }

  private String settings() throws IOException {
    return Files.readString(run.resolve(RunFolder.SETTINGS));
  }

  @Test
  void aRunGoesOnWithTheSameImages() throws IOException {
    interrupt("train");
    Path moved = moved();
    agr("train", "--resume=" + run)
        .refused(1, archive.toString(), "--resume " + run + " --data NEW-PLACE");

    String before = settings();
    Path others =
        Files.move(new TinyImageNetFixture().swapped().zipIn(folder), folder.resolve("others.zip"));
    agr("train", "--resume=" + run, "--data=" + others)
        .said(1, "others.zip are not those the run in " + run, "found", "expected");
    assertEquals(before, settings());

    Path extracted = Files.createDirectory(folder.resolve("extracted"));
    Path tree = new TinyImageNetFixture().extractedIn(extracted);
    Outcome resumed = agr("train", "--resume=" + run, "--data=" + tree).done();
    assertTrue(resumed.out().contains("Resuming in epoch 2"), resumed.out());
    assertTrue(settings().contains("data: " + tree), settings());

    // Finished: with the noted place, with a third one, and with one of other images.
    agr("train", "--resume=" + run).done();
    Outcome finished = agr("train", "--resume=" + run, "--data=" + moved).done();
    assertTrue(finished.out().contains("Nothing to do"), finished.out());
    agr("train", "--resume=" + run, "--data=" + others).refused(1, "are not those");
  }

  @Test
  void aRunNoticesThatItsImagesWereReplaced() throws IOException {
    interrupt("train");
    new TinyImageNetFixture().swapped().zipIn(folder);
    agr("train", "--resume=" + run).said(1, "are not those the run in " + run);
  }

  @Test
  void aRunOfABuildWithoutDigestsGoesOnWhereItsDataWere() throws IOException {
    interrupt("train");
    Files.delete(run.resolve(RunFolder.DATA));
    Path moved = moved();
    agr("train", "--resume=" + run, "--data=" + moved)
        .said(1, "kept no digest", "expected --data " + archive);
    assertFalse(Files.exists(run.resolve(RunFolder.DATA)));
    Files.move(moved, archive);
    agr("train", "--resume=" + run).done();
    assertTrue(Files.exists(run.resolve(RunFolder.DATA)));
  }

  @Test
  void aComparisonGoesOnWithTheSameImages() throws IOException {
    interrupt("compare", "--optimizers=adamw,adan", "--seeds=1");
    Path moved = moved();
    agr("compare", "--resume=" + run).refused(1, "./agr compare --resume " + run);
    Outcome resumed = agr("compare", "--resume=" + run, "--data=" + moved).done();
    assertTrue(resumed.out().contains("Resuming in epoch 2"), resumed.out());
    agr("compare", "--resume=" + run).done();
  }

  @Test
  void aFinishedRunIsNotOneOfOtherSettings() {
    Outcome.tiny("train", "--epochs=1", "--out=" + run).done();
    agr("train", "--resume=" + run, "--optimizer=adan", "--epochs=9").refused(1, "adan");
    agr("train", "--resume=" + run, "--optimizer=adan-agr", "--epochs=9")
        .refused(1, "settings.yaml is of another run: it has epochs: 1, expected epochs: 9");
    agr("train", "--resume=" + run, "--limit-test=3")
        .refused(1, "is of another run: it has limit-test: 4");
    agr("train", "--resume=" + run, "--workers=2", "--checkpoint-every=1").done();
  }
}
