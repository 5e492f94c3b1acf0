package org.agr4j.jar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code java -jar agr.jar}, as somebody without the checkout starts it. */
class RunnableJarIT {
  private static final File JAR = new File("target/agr.jar").getAbsoluteFile();
  private static final String TINY =
      "train --data=synthetic --dataset=cifar10 --width=1 --limit-train=8 --limit-test=4"
          + " --batch-size=8";

  @TempDir Path folder;
  private Process process;

  @AfterEach
  void end() {
    if (process != null) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private ProcessBuilder builder(Map<String, String> set, String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Dagr.test=a b", "-jar", JAR.toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.matches("LC_.*|LANG.*|MALLOC.*|OMP_WAIT.*|.*JAVA_.*OPT.*"));
    builder.environment().putAll(set);
    return builder.redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile());
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  private String run(int status, Map<String, String> set, String... args) throws Exception {
    process = builder(set, args).start();
    assertTrue(process.waitFor(2, TimeUnit.MINUTES), "hangs: " + log());
    assertEquals(status, process.exitValue(), log());
    return log();
  }

  /** As in a container: no locale, no temporary folder. Both streams have the run's lines alone. */
  @Test
  void comparesWithAnyNameWithoutALocale() throws Exception {
    List<String> args = new ArrayList<>(List.of((TINY + " --epochs=2 --seeds=1 --out").split(" ")));
    args.set(0, "compare");
    args.add("@é Ψ *");
    String log =
        run(
            0,
            Map.of("AGR_JAVA_OPTS", "-Da=\"b c\" -XX:+UseG1GC -Djava.io.tmpdir=/proc/none"),
            args.toArray(String[]::new));
    assertTrue(log.contains("\nAdamW, seed 1 (run 1 of 2)\n"), log);
    assertTrue(log.contains(": java -jar " + JAR + " compare --resume '@é Ψ *'\n"), log);
    assertFalse(log.contains("WARN"), log);
    assertTrue(Files.exists(folder.resolve("@é Ψ *").resolve("train-loss.png")), log);
  }

  @Test
  void hasTheExitStatusAndTheOneLineOfTheCommand() throws Exception {
    String missing = run(1, Map.of(), "train", "--dataset=cifar100", "--data=-é.tar.gz");
    assertTrue(missing.startsWith("agr: ") && missing.contains("-é.tar.gz: no such"), missing);
    assertEquals(1, missing.lines().count(), missing);
    assertTrue(run(2, Map.of(), "train", "--epoch=3").contains("did you mean --epochs?"));
    assertTrue(run(1, Map.of(), "spark-train").contains("agr-spark-cluster.jar"));
    assertTrue(run(1, Map.of("AGR_JAVA_OPTS", "'")).startsWith("agr: AGR_JAVA_OPTS is '"));
    assertTrue(
        run(1, Map.of("AGR_JAVA_OPTS", "-Djava.io.tmpdir=/proc/none"), (TINY + " --ui").split(" "))
            .contains("agr: --ui needs a temporary folder: "));
  }

  /** A signal to the process that the user sees, also one that it cannot catch, ends both. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void oneDoesNotOutliveTheOther() throws Exception {
    for (boolean kill : new boolean[] {false, true}) {
      List<String> args = new ArrayList<>(List.of((TINY + " --epochs=100000 --out").split(" ")));
      args.add("killed " + kill);
      process = builder(Map.of(), args.toArray(String[]::new)).start();
      Path checkpoint = folder.resolve("killed " + kill).resolve("metrics.jsonl");
      for (int i = 0; i < 600 && Files.notExists(checkpoint); i++) {
        Thread.sleep(100);
      }
      assertTrue(Files.exists(checkpoint), log());
      ProcessHandle child = process.children().findFirst().orElseThrow();
      String environment =
          Files.readString(Path.of("/proc/" + child.pid() + "/environ"), StandardCharsets.UTF_8);
      for (String variable :
          List.of("OMP_WAIT_POLICY=passive", "MALLOC_ARENA_MAX=1", "LC_ALL=C.UTF-8")) {
        assertTrue(environment.contains(variable), environment);
      }
      assertTrue(
          Files.readString(Path.of("/proc/" + child.pid() + "/cmdline")).contains("-Dagr.test=a b"),
          "the first machine's options");
      if (kill) {
        process.destroyForcibly();
      } else {
        process.destroy();
      }
      assertTrue(process.waitFor(20, TimeUnit.SECONDS));
      child.onExit().get(20, TimeUnit.SECONDS);
      assertFalse(child.isAlive());
    }
  }

  @Test
  void keepsServicesLicencesAndTheHostsNativesAlone() throws Exception {
    assumeTrue(JAR.exists(), "made by mvn package");
    try (JarFile jar = new JarFile(JAR)) {
      assertEquals(
          "ALL-UNNAMED", jar.getManifest().getMainAttributes().getValue("Enable-Native-Access"));
      for (String service :
          List.of(
              "org.nd4j.linalg.factory.Nd4jBackend",
              "org.agr4j.internal.kernel.OptimizerStepProvider")) {
        assertNotNull(jar.getEntry("META-INF/services/" + service), service);
      }
      for (String text : List.of("LICENSE", "NOTICE", "META-INF/LICENSE", "META-INF/NOTICE")) {
        ZipEntry entry = jar.getEntry(text);
        assertTrue(entry != null && entry.getSize() > 100, text);
      }
      long systems =
          jar.stream()
              .map(entry -> entry.getName())
              .filter(name -> name.matches("org/bytedeco/openblas/[a-z]+-[a-z0-9_]+/"))
              .count();
      assertEquals(1, systems, "systems with natives");
    }
    assertTrue(JAR.length() < 300_000_000, JAR.length() + " bytes");
  }
}
