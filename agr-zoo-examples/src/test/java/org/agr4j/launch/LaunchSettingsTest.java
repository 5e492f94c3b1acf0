package org.agr4j.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LaunchSettingsTest {
  @Test
  void partsWordsAsAShellDoes() {
    assertEquals(List.of(), LaunchSettings.words(null));
    assertEquals(List.of(), LaunchSettings.words("  \t\n"));
    assertEquals(List.of("-Xmx1g", "-Da=b"), LaunchSettings.words(" -Xmx1g\t -Da=b\n"));
    assertEquals(
        List.of("-Dx=a b", "-Dy=it's", "-Dz=\"", ""),
        LaunchSettings.words("-Dx=\"a b\" \"-Dy=it's\" -Dz='\"' ''"));
    assertEquals(List.of("-Dp=C:\\jdk*"), LaunchSettings.words("-Dp=C:\\jdk*"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-Dx=\"a", "'", "-Da='b\""})
  void refusesAnOpenQuotationMark(String text) {
    assertThrows(IllegalArgumentException.class, () -> LaunchSettings.words(text));
  }

  /** Nothing is said of an option that is not known, or that nobody needs any more. */
  @Test
  void thisJavaTakesTheOptionsWithoutAWord() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(LaunchSettings.javaOptions(Runtime.version().feature()));
    command.add("--version");
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.contains("JAVA_"));
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    assertFalse(said.contains("WARNING"), said);
  }

  @Test
  void onlyNewerJavasGetNewerOptions() {
    String unsafe = "--sun-misc-unsafe-memory-access=allow";
    assertFalse(LaunchSettings.javaOptions(17).contains(unsafe));
    assertFalse(LaunchSettings.javaOptions(22).contains(unsafe));
    assertTrue(LaunchSettings.javaOptions(23).contains(unsafe));
    assertTrue(LaunchSettings.javaOptions(17).contains("--enable-native-access=ALL-UNNAMED"));
    assertEquals("passive", LaunchSettings.environment().get("OMP_WAIT_POLICY"));
    assertEquals("268435456", LaunchSettings.environment().get("MALLOC_TOP_PAD_"));
  }
}
