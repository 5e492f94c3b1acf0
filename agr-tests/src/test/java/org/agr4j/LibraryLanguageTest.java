package org.agr4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.agr4j.regularization.AgrRegularization;
import org.agr4j.updater.NonFiniteGradientException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The libraries write numbers and compare names the same way in any language, and leave the user's
 * language as it is.
 */
class LibraryLanguageTest {
  private static final Pattern BY_LANGUAGE =
      Pattern.compile(
          "\\.formatted\\(|\\.toLowerCase\\(\\)|\\.toUpperCase\\(\\)|Locale\\.setDefault"
              + "|(?:String\\.format|\\bprintf)\\((?!\\s*Locale\\.ROOT,)");

  private final Locale before = Locale.getDefault();

  @AfterEach
  void restore() {
    Locale.setDefault(before);
  }

  @Test
  void messagesHaveNoArabicDigits() {
    Locale.setDefault(Locale.forLanguageTag("ar-EG"));
    assertEquals("\u0661", String.format("%d", 1), "this language has digits of its own");
    String message =
        assertThrows(
                NonFiniteGradientException.class,
                () ->
                    new AgrRegularization()
                        .apply(Nd4j.ones(2), Nd4j.createFromArray(1f, Float.NaN), 1e-3, 12, 3))
            .getMessage();
    assertEquals("gradient of a tensor of length 2 holds a NaN at iteration 12, epoch 3", message);
    assertEquals(Locale.forLanguageTag("ar-EG"), Locale.getDefault());
  }

  @Test
  void noSourceAsksTheLanguage() throws IOException {
    TreeSet<String> found = new TreeSet<>();
    int files = 0;
    for (String module : List.of("agr-updater", "agr-layers")) {
      try (Stream<Path> all = Files.walk(Path.of("..", module, "src", "main", "java"))) {
        for (Path file : all.filter(f -> f.toString().endsWith(".java")).toList()) {
          files++;
          Matcher match = BY_LANGUAGE.matcher(Files.readString(file));
          while (match.find()) {
            found.add(file + ": " + match.group());
          }
        }
      }
    }
    assertTrue(files > 50, "the sources were found");
    assertEquals(new TreeSet<>(), found, "expected Locale.ROOT as the first argument");
  }
}
