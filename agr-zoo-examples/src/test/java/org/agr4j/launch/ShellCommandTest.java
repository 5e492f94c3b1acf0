package org.agr4j.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A printed word, read by a shell, is the word that was meant. */
class ShellCommandTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "runs/a-b_1.yaml",
        "my runs/a b",
        "it's",
        "'",
        "\"$HOME\" `id` \\ !",
        "a;b&c|d>e<f(g)h{i}j*k?l[m]n~o#p",
        "Läufe/ärger",
        "two\nlines",
        "tab\tand 100% 'quoted'\n",
        "",
        "~"
      })
  void aShellReadsWhatWasMeant(String word) throws IOException {
    String line = ShellCommand.word(word);
    assertEquals(1, line.lines().count(), line);
    Process shell = new ProcessBuilder("sh", "-c", "printf %s. " + line).start();
    String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    // A shell takes line feeds off the end of what a command in it prints.
    assertEquals(word.replaceFirst("\n+$", "") + ".", said);
  }

  @Test
  void aFolderIsNoOption() {
    assertEquals("./-out", ShellCommand.word(Path.of("-out")));
    assertEquals("'my runs'", ShellCommand.word(Path.of("my runs")));
  }
}
