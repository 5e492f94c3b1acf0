package org.agr4j.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the documents name is there, and every package says what it is. */
class DocumentsTest {
  private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();
  private static final Set<String> NOT_OURS = Set.of("target", ".git", "runs", ".idea");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:\\s]+)(#[^)]*)?\\)");

  /** A class with its package from below org.agr4j on, such as {@code train.Trainer}. */
  private static final Pattern CLASS_WITH_PACKAGE =
      Pattern.compile("`((?:[a-z]+\\.)+[A-Z][A-Za-z0-9]+)`");

  private static final Pattern TEST = Pattern.compile("\\b([A-Z][A-Za-z0-9]+(?:Test|IT))\\b");

  private static final List<Path> files = new ArrayList<>();

  @BeforeAll
  static void list() throws IOException {
    Files.walkFileTree(
        CHECKOUT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return NOT_OURS.contains(folder.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            files.add(CHECKOUT.relativize(file));
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static List<Path> documents() {
    List<Path> found =
        files.stream()
            .filter(file -> file.toString().endsWith(".md"))
            .filter(file -> file.getNameCount() == 1 || file.startsWith("docs"))
            .toList();
    assertTrue(found.contains(Path.of("README.md")), found.toString());
    return found;
  }

  /** What documents mention, as that pattern finds it, and is not there. */
  private static Set<String> missing(Pattern mention, Predicate<String> isThere)
      throws IOException {
    Set<String> missing = new TreeSet<>();
    int mentions = 0;
    for (Path document : documents()) {
      for (String name :
          mention
              .matcher(Files.readString(CHECKOUT.resolve(document)))
              .results()
              .map(found -> found.group(1))
              .toList()) {
        mentions++;
        if (!isThere.test(name)) {
          missing.add(document + ": " + name);
        }
      }
    }
    assertTrue(mentions > 0, mention.pattern());
    return missing;
  }

  private static boolean isFile(String end) {
    return files.stream().anyMatch(file -> file.endsWith(Path.of(end)));
  }

  @Test
  void linksLeadToFiles() throws IOException {
    Set<String> broken = new TreeSet<>();
    for (Path document : documents()) {
      LINK.matcher(Files.readString(CHECKOUT.resolve(document)))
          .results()
          .map(link -> document.resolveSibling(link.group(1)))
          .filter(target -> !Files.exists(CHECKOUT.resolve(target)))
          .forEach(target -> broken.add(document + ": " + target));
    }
    assertEquals(Set.of(), broken);
  }

  @Test
  void classesAndTestsThatAreNamedExist() throws IOException {
    assertEquals(
        Set.of(),
        missing(
            CLASS_WITH_PACKAGE, name -> isFile("org/agr4j/" + name.replace('.', '/') + ".java")));
    assertEquals(Set.of(), missing(TEST, name -> isFile(name + ".java")));
  }

  @Test
  void theIndexHasEveryDocument() throws IOException {
    String index = Files.readString(CHECKOUT.resolve("docs/README.md"));
    for (Path document : documents()) {
      if (document.startsWith("docs") && !document.endsWith("README.md")) {
        assertTrue(index.contains("(" + document.getFileName() + ")"), document.toString());
      }
    }
  }

  @Test
  void everyPackageSaysWhatItIs() throws IOException {
    Set<String> silent = new TreeSet<>();
    for (Path file : files) {
      String path = file.toString().replace('\\', '/');
      if (path.contains("/src/main/java/")
          && path.endsWith(".java")
          && !path.contains("/user-project/")) {
        if (!files.contains(file.resolveSibling("package-info.java"))) {
          silent.add(file.getParent().toString());
        }
      }
    }
    assertEquals(Set.of(), silent);
  }

  /** What a newcomer looks for at the top. */
  @Test
  void theDoorsAreThere() {
    Stream.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "docs/architecture.md")
        .forEach(door -> assertTrue(files.contains(Path.of(door)), door));
  }
}
