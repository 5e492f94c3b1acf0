package org.agr4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.agr4j.launch.JarLauncher;
import org.agr4j.launch.LaunchSettings;
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

  /** A checkout that is built, whose Java prints its arguments and then its environment. */
  private Path checkout(String name, String javaVersion) throws IOException {
    Path root = Files.createDirectories(folder.resolve(name));
    Files.copy(Path.of("..", "agr"), root.resolve("agr"));
    Path launch = Path.of("src/main/resources/org/agr4j/launch");
    Files.createDirectories(root.resolve("agr-zoo-examples").resolve(launch));
    try (Stream<Path> files = Files.list(launch)) {
      for (Path file : files.toList()) {
        Files.copy(file, root.resolve("agr-zoo-examples").resolve(file));
      }
    }
    Files.createFile(root.resolve("pom.xml"));
    for (String module : List.of("agr-bom", "agr-updater", "agr-layers", "agr-zoo-examples")) {
      Files.createDirectories(root.resolve(module).resolve("src/main"));
      Files.createFile(root.resolve(module).resolve("pom.xml"));
    }
    Path target = root.resolve("agr-zoo-examples/target");
    Files.createDirectories(target.resolve("classes"));
    Files.writeString(target.resolve("agr.classpath"), "/");
    Files.createFile(target.resolve("agr.built"));
    Path bin = Files.createDirectories(folder.resolve("jdk " + javaVersion + "/bin"));
    Path java =
        Files.writeString(
            bin.resolve("java"),
            """
            #!/bin/bash
            if [[ $1 == -version ]]; then
              [[ -z ${JAVA_TOOL_OPTIONS:-} ]] || echo "Picked up: $JAVA_TOOL_OPTIONS" >&2
              echo 'openjdk version "VERSION" 2021-09-14' >&2
            else
              printf '%s\\0' "$@"
              env -0
            fi
            """
                .replace("VERSION", javaVersion));
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    return root;
  }

  private List<String> started(Path root, String version, Map<String, String> set, String... args)
      throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", root.resolve("agr").toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().keySet().removeIf(name -> name.matches("LC_.*|LANG.*|MALLOC.*|OMP.*"));
    builder.environment().put("JAVA_HOME", folder.resolve("jdk " + version) + "/");
    builder.environment().putAll(set);
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), err);
    assertEquals("", err);
    return List.of(out.split("\0"));
  }

  @Test
  void keepsQuotedWordsTogether() throws Exception {
    Path root = checkout("a", "17.0.1");
    List<String> java =
        started(
            root,
            "17.0.1",
            Map.of(
                "AGR_JAVA_OPTS", " -Dx=\"a b\"\t'-Dy=$HOME *' -XX:+UseG1GC\n",
                "JAVA_TOOL_OPTIONS", "-Dz=\"c d\"",
                "OMP_WAIT_POLICY", "active"),
            "train",
            "--out",
            "*",
            "@a b");
    for (String expected :
        List.of("-Dx=a b", "-Dy=$HOME *", "-XX:-UseParallelGC", "OMP_WAIT_POLICY=active")) {
      assertTrue(java.contains(expected), java + " has no " + expected);
    }
    assertTrue(java.indexOf("-XX:-UseParallelGC") < java.indexOf("-XX:+UseG1GC"), "the order");
    int main = java.indexOf("org.agr4j.cli.AgrCommand");
    assertEquals(List.of("train", "--out", "*", "@a b"), java.subList(main + 1, main + 5));
  }

  @Test
  void refusesAnOpenQuotationMark() throws Exception {
    Path root = checkout("a", "17.0.1");
    ProcessBuilder builder = new ProcessBuilder("bash", root.resolve("agr").toString(), "train");
    builder.environment().put("JAVA_HOME", folder.resolve("jdk 17.0.1").toString());
    builder.environment().put("AGR_JAVA_OPTS", "-Dx=\"a");
    Process process = builder.start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(
        "agr: AGR_JAVA_OPTS is -Dx=\"a, expected a closing quotation mark to each opening one\n",
        message(process));
  }

  @Test
  void setsWhatTheJarSets() throws Exception {
    Path root = checkout("é [b] 'c' *", "25.0.3");
    List<String> java = started(root, "25.0.3", Map.of("LANG", "C"), "train");
    LaunchSettings.environment()
        .forEach((name, value) -> assertTrue(java.contains(name + "=" + value), name));
    assertTrue(java.contains("LC_ALL=C.UTF-8"), java.toString());
    Path launch = root.resolve("agr-zoo-examples/src/main/resources/org/agr4j/launch");
    assertEquals(
        List.of("@" + launch.resolve("java-options"), "@" + launch.resolve("java-options-23")),
        java.subList(0, 2));
    Path old = checkout("old", "17.0.1");
    List<String> oldJava = started(old, "17.0.1", Map.of("LC_ALL", "C.UTF-8"), "train");
    assertTrue(oldJava.stream().noneMatch(word -> word.endsWith("java-options-23")));
  }

  @Test
  void saysThatAColonPartsClassPaths() throws Exception {
    Path root = checkout("a:b", "17.0.1");
    Process process = new ProcessBuilder("bash", root.resolve("agr").toString()).start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertTrue(message(process).contains("cannot hold a colon"));
  }

  /** What cannot be run here: it names what is there, and leaves the rest to the jar. */
  @Test
  void windowsHasTheSame() throws Exception {
    String windows = Files.readString(Path.of("..", "agr.cmd"), StandardCharsets.US_ASCII);
    assertEquals(
        windows.lines().count(), windows.chars().filter(c -> c == '\r').count(), "CRLF throughout");
    String unix = Files.readString(Path.of("..", "agr"));
    for (String both :
        List.of(
            "AGR_JAVA_OPTS   options for the Java machine, for example -Xmx16g",
            "JAVA_HOME       the JDK to use; otherwise the java on PATH",
            "-Dmaven.test.skip=true",
            "-Dmaven.javadoc.skip=true",
            "building AGR4J (the first time also downloads Deeplearning4j, some minutes) ...",
            "no mvn found; install Maven 3.6.3 or newer to build AGR4J")) {
      assertTrue(unix.contains(both), "agr has no " + both);
      assertTrue(windows.contains(both), "agr.cmd has no " + both);
    }
    Matcher jump = Pattern.compile("goto (\\w+)").matcher(windows);
    while (jump.find()) {
      assertTrue(windows.contains("\r\n:" + jump.group(1) + "\r\n"), jump.group());
    }
    String module = Files.readString(Path.of("..", "agr-jar", "pom.xml"));
    assertTrue(windows.contains("agr-jar\\target\\agr.jar"));
    assertTrue(module.contains("<arg file=\"${project.build.directory}/agr.jar\"/>"));
    assertTrue(module.contains("<mainClass>" + JarLauncher.class.getName() + "</mainClass>"));
  }
}
