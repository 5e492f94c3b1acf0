package org.agr4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agr4j.data.TinyImageNetFixture;
import org.agr4j.run.RunFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of files and folders with any character, in every option and in YAML. */
@DisabledOnOs(OS.WINDOWS)
class FileNamesTest {
  @TempDir Path folder;

  private static String[] train(String... more) {
    String[] args = {
      "--dataset=tiny-imagenet",
      "--augment=none",
      "--width=1",
      "--epochs=1",
      "--limit-train=8",
      "--limit-test=4",
      "--batch-size=8"
    };
    String[] all = new String[1 + args.length + more.length];
    all[0] = "train";
    System.arraycopy(args, 0, all, 1, args.length);
    System.arraycopy(more, 0, all, 1 + args.length, more.length);
    return all;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " é Ψ 😀 %n %s %d ${x} $${y} $$${z} ${sys:user.home} $HOME `id` 'q' \"d\" ",
        "a:b;c,d=e?f*g[h]i{j}k|l&m<n>o#p!q~r^s\\t(u)@v",
        "new\nline\rand\ttab\u0001\u007f\u0085\u2028"
      })
  void anyCharacterIsKept(String name) throws IOException {
    Path place = Files.createDirectory(folder.resolve(name));
    Path data = new TinyImageNetFixture().zipIn(place);
    Path run = place.resolve(name);
    Outcome.agr(train("--data", data.toString(), "--out", run.toString())).done();
    String settings = Files.readString(run.resolve(RunFolder.SETTINGS));

    Path config = Files.copy(run.resolve(RunFolder.SETTINGS), place.resolve(name + ".yaml"));
    Path again = place.resolve("again " + name);
    Outcome.agr("train", "--config=" + config, "--out=" + again).done();
    assertEquals(settings, Files.readString(again.resolve(RunFolder.SETTINGS)));

    Outcome resumed = Outcome.agr("train", "--resume", run.toString()).done();
    assertTrue(resumed.out().startsWith("Nothing to do: "), resumed.out());
  }

  @Test
  void compareKeepsThemToo() throws IOException {
    String name = " é %n ${x} *'\"\\[a] ";
    Path data = Files.createDirectory(folder.resolve(name));
    new TinyImageNetFixture().extractedIn(data);
    Path out = folder.resolve("out" + name);
    String[] args = train("--data=" + data, "--seeds=1", "--out=" + out);
    args[0] = "compare";
    Outcome.agr(args).done();
    assertTrue(Files.exists(out.resolve("report.html")));
    Outcome again = Outcome.agr("compare", "--resume=" + out).done();
    assertEquals(2, again.out().lines().filter(l -> l.endsWith(": done before")).count());
  }

  @Test
  void emptyAndImpossibleNamesAreRefused() throws IOException {
    Outcome.agr("train", "--out=").refused(2, "--out", "found ''");
    Outcome.agr("train", "--data=").refused(2, "--data", "expected");
    Outcome.agr("train", "--data=a\0b").refused(2, "is no name of a file");
    Outcome.agr("train", "--out=a\0b").refused(2, "is no name of a file");
    Path yaml = Files.writeString(folder.resolve("a.yaml"), "data: \"a\\0b\"\n");
    Outcome.agr("train", "--config=" + yaml).refused(2, "is no name of a file", "a.yaml, line 1");
    Outcome.agr("train", "--config=a\0b").refused(2, "is no name of a file");
    String long300 = "x".repeat(300);
    Outcome.tiny("train", "--out=" + folder.resolve(long300)).said(1, "File name too long");
  }
}
