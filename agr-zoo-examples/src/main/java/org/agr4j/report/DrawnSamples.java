package org.agr4j.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.agr4j.compare.Arm;
import org.agr4j.compare.PairedRuns;
import org.agr4j.input.BadInputException;
import org.agr4j.run.RunFolder;

/**
 * The last pictures that networks drew in the runs of a comparison: of each arm's first seed.
 *
 * @param files by what they are of, in the order of the arms; none where networks draw nothing
 * @param folder of the comparison
 */
record DrawnSamples(Map<String, Path> files, Path folder) {
  /** Those that lie in the folders of the runs. */
  static DrawnSamples of(Comparison comparison, Path folder) {
    Map<String, Path> files = new LinkedHashMap<>();
    for (Arm arm : comparison.runs().keySet()) {
      long seed = comparison.runs().get(arm).firstKey();
      last(PairedRuns.path(folder, arm, seed))
          .ifPresent(file -> files.put("%s, seed %d".formatted(arm.title(), seed), file));
    }
    return new DrawnSamples(files, folder);
  }

  private static Optional<Path> last(Path run) {
    if (!Files.isDirectory(run)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(run)) {
      return files
          .filter(file -> file.getFileName().toString().matches(RunFolder.SAMPLES + "\\d+\\.png"))
          .max(
              Comparator.comparingInt((Path file) -> file.toString().length())
                  .thenComparing(Path::toString));
    } catch (IOException e) {
      throw new BadInputException(run + " cannot be read: " + e.getMessage(), e);
    }
  }

  boolean isEmpty() {
    return files.isEmpty();
  }

  /** Where a picture lies, seen from the comparison's folder. */
  String link(Path file) {
    return folder.relativize(file).toString().replace('\\', '/');
  }

  /** A picture inside a page. */
  static String inPage(Path file) {
    try {
      return "data:image/png;base64,"
          + Base64.getEncoder().encodeToString(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new BadInputException(file + " cannot be read: " + e.getMessage(), e);
    }
  }
}
