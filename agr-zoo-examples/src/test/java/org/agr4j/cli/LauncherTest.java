package org.agr4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The launcher where something is missing; that it works, the README's commands show. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
  @TempDir Path folder;

  private Process agr(Path javaHome) throws IOException, InterruptedException {
    // A copy in an empty folder: nothing is built there, and nothing can be.
    Path launcher = folder.resolve("agr");
    if (Files.notExists(launcher)) {
      Files.copy(Path.of("..", "agr"), launcher);
    }
    Path link = folder.resolve("link");
    if (Files.notExists(link)) {
      Files.createSymbolicLink(link, Path.of("agr"));
    }
    ProcessBuilder builder = new ProcessBuilder("bash", link.toString(), "--help");
    builder.environment().put("JAVA_HOME", javaHome.toString());
    Process process = builder.start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    return process;
  }

  private static String message(Process process) throws IOException {
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(1, process.exitValue(), err);
    return err;
  }

  private Path fakeJava(String version) throws IOException {
    Path bin = Files.createDirectories(folder.resolve("jdk" + version).resolve("bin"));
    Path java =
        Files.writeString(
            bin.resolve("java"), "#!/bin/sh\necho 'openjdk version \"" + version + "\"' >&2\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    return bin.getParent();
  }

  @Test
  void saysThatJavaIsMissing() throws Exception {
    assertEquals(
        "agr: JAVA_HOME is /nowhere, which has no bin/java; expected a JDK 17 or newer\n",
        message(agr(Path.of("/nowhere"))));
  }

  @Test
  void saysThatJavaIsTooOld() throws Exception {
    for (String version : new String[] {"1.8.0_292", "11.0.2"}) {
      String message = message(agr(fakeJava(version)));
      assertTrue(message.contains("\"" + version + "\"; expected Java 17 or newer"), message);
    }
  }

  @Test
  void saysThatTheCompilerIsMissing() throws Exception {
    String message = message(agr(fakeJava("17.0.1")));
    assertTrue(message.contains("which has no bin/javac") || message.contains("no mvn"), message);
  }
}
