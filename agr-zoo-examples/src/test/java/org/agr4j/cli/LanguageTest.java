package org.agr4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a command prints and writes on a machine of another language. */
class LanguageTest {
  private static final Pattern OTHER_DIGIT = Pattern.compile("[\\p{Nd}&&[^0-9]]");

  @TempDir Path folder;
  private final Locale before = Locale.getDefault();

  @AfterEach
  void restore() {
    Locale.setDefault(before);
  }

  private static void assertPlain(String name, String text) {
    assertFalse(OTHER_DIGIT.matcher(text).find(), () -> name + ": " + text);
  }

  @Test
  void hasNoArabicDigitAnywhere() throws IOException {
    Locale.setDefault(Locale.forLanguageTag("ar-EG"));
    assertEquals("\u0661", "%d".formatted(1), "this language has digits of its own");
    Path out = folder.resolve("out");
    Outcome outcome = Outcome.tiny("compare", "--seeds=2", "--statistics", "--out=" + out).done();
    assertPlain("standard output", outcome.out());
    assertPlain("standard error", outcome.err());
    int files = 0;
    try (Stream<Path> all = Files.walk(out)) {
      for (Path file :
          all.filter(f -> f.toString().matches(".*(yaml|jsonl|md|html|svg)")).toList()) {
        assertPlain(file.toString(), Files.readString(file));
        files++;
      }
    }
    assertTrue(files >= 1 + 2 + 4 * 4 + 4, files + " files: settings, report, four runs, figures");
  }

  /** In Turkish a small I has no dot, and a capital i has one. */
  @Test
  void readsNamesInTurkish() {
    Locale.setDefault(Locale.forLanguageTag("tr-TR"));
    List<String> lines =
        Outcome.tiny(
                "train",
                "--optimizer=ADAMW-AGR",
                "--schedule=MULTI-STEP",
                "--milestones=1",
                "--agr-mode=FIRST-MOMENT",
                "--dataset=CIFAR10",
                "--out=" + folder.resolve("out"))
            .done()
            .out()
            .lines()
            .toList();
    assertFalse(lines.isEmpty());
  }
}
