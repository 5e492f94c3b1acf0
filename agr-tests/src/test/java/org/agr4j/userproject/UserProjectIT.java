package org.agr4j.userproject;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The first hour of a user: a project outside of the checkout, with nothing of it but what {@code
 * mvn install} puts into a local repository. It has the README's dependencies and examples as they
 * are printed, builds with a Maven of its own, and trains.
 */
class UserProjectIT {
  private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();
  private static final Path README = CHECKOUT.resolve("README.md");
  private static final String VERSION = System.getProperty("agr.version");

  /** Properties of AGR4J's build that the project has, too. */
  private static final String HANDED_ON = "handed-on.";

  private static final long PATIENCE_SECONDS = 300;

  @TempDir private Path temp;

  @Test
  void buildsTheReadmesExamplesAndTrains() throws Exception {
    Path repository = repository();
    Path project = project();

    List<String> maven = new ArrayList<>();
    maven.add(Path.of(System.getProperty("maven.home"), "bin", mvn()).toString());
    maven.addAll(List.of("-B", "-q", "-s", project.resolve("settings.xml").toString()));
    maven.add("-Dmaven.repo.local=" + repository);
    maven.add("-Duser.repository=" + Path.of(System.getProperty("user.repository")).toUri());
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith(HANDED_ON)) {
        maven.add("-D" + name.substring(HANDED_ON.length()) + "=" + System.getProperty(name));
      }
    }
    maven.addAll(List.of("compile", "dependency:build-classpath", "-Dmdep.outputFile=class.path"));
    run(project, maven);

    // Ranges of versions are looked up in lists.
    try (Stream<Path> files = Files.walk(repository)) {
      assertEquals(
          List.of(),
          files.filter(file -> file.getFileName().toString().startsWith("maven-metadata")).toList(),
          "lists of versions");
    }

    String classPath =
        project.resolve("target/classes")
            + File.pathSeparator
            + Files.readString(project.resolve("class.path")).strip();
    String output =
        run(
            project,
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath,
                "com.example.Main"));
    String[] loss = line(output, "loss ").split(" ");
    assertTrue(Double.parseDouble(loss[2]) < 0.5 * Double.parseDouble(loss[1]), output);
    assertEquals("examples " + FencedBlocks.of(README, "java").size(), line(output, "examples "));
  }

  /** As {@code mvn install} leaves it, and nothing else. */
  private Path repository() throws IOException {
    Path repository = temp.resolve("repository");
    install(repository, "agr4j", CHECKOUT.resolve("pom.xml"));
    install(repository, "agr-bom", CHECKOUT.resolve("agr-bom/pom.xml"));
    for (String module : List.of("agr-updater", "agr-layers")) {
      install(repository, module, CHECKOUT.resolve(module).resolve("pom.xml"));
      for (String classifier : List.of("", "-sources", "-javadoc")) {
        String jar = module + "-" + VERSION + classifier + ".jar";
        Path built = CHECKOUT.resolve(module).resolve("target").resolve(jar);
        if (!classifier.equals("-javadoc") || !Boolean.getBoolean("maven.javadoc.skip")) {
          assertTrue(Files.size(built) > 1_000, built.toString());
        }
        if (classifier.isEmpty()) {
          Files.copy(built, folder(repository, module).resolve(jar));
        }
      }
    }
    return repository;
  }

  private static void install(Path repository, String module, Path pom) throws IOException {
    Path folder = Files.createDirectories(folder(repository, module));
    Files.copy(pom, folder.resolve(module + "-" + VERSION + ".pom"));
  }

  private static Path folder(Path repository, String module) {
    return repository.resolve("org/agr4j").resolve(module).resolve(VERSION);
  }

  /** The project in {@code src/test/user-project} with what the README prints. */
  private Path project() throws IOException {
    Path from = Path.of("src/test/user-project").toAbsolutePath();
    Path project = temp.resolve("a project");
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = project.resolve(from.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
    String pom = Files.readString(project.resolve("pom.xml"));
    List<String> printed = FencedBlocks.of(README, "xml");
    assertEquals(2, printed.size(), "the README's dependency and its versions");
    for (String block : printed) {
      String place =
          block.contains("<dependencyManagement>") ? "dependencyManagement" : "dependencies";
      pom = pom.replace("<!-- README: " + place + " -->", block);
    }
    Files.writeString(project.resolve("pom.xml"), pom);
    Files.writeString(
        project.resolve("src/main/java/com/example/Readme.java"),
        FencedBlocks.asClass(FencedBlocks.of(README, "java")));
    return project;
  }

  private static String mvn() {
    return File.separatorChar == '\\' ? "mvn.cmd" : "mvn";
  }

  private static String line(String output, String start) {
    return output
        .lines()
        .filter(line -> line.startsWith(start))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no line '" + start + "' in " + output));
  }

  private static String run(Path folder, List<String> command) throws Exception {
    Path log = Files.createTempFile(folder, "run", ".log");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(folder.toFile()).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().remove("MAVEN_ARGS");
    Process process = builder.start();
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(command.get(0) + " hangs:\n" + Files.readString(log));
    }
    assertEquals(0, process.exitValue(), Files.readString(log));
    return Files.readString(log);
  }
}
