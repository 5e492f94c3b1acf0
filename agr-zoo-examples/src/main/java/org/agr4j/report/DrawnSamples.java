package org.agr4j.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.agr4j.compare.Arm;
import org.agr4j.compare.PairedRuns;
import org.agr4j.input.BadInputException;
import org.agr4j.run.RunFolder;

/**
 * The last pictures that networks drew in the runs of a comparison: of the first seed that all arms
 * have, or, if there is none, of each arm's first one. Nobody chooses them by eye.
 *
 * @param files by what they are of, in the order of the arms; none where networks draw nothing
 * @param folder of the comparison
 */
record DrawnSamples(Map<String, Path> files, Path folder) {
  /** Those that lie in the folders of the runs. */
  static DrawnSamples of(Comparison comparison, Path folder) {
    Map<String, Path> files = new LinkedHashMap<>();
    SortedSet<Long> common = new TreeSet<>();
    comparison.runs().values().forEach(bySeed -> common.addAll(bySeed.keySet()));
    comparison.runs().values().forEach(bySeed -> common.retainAll(bySeed.keySet()));
    for (Arm arm : comparison.runs().keySet()) {
      long seed = common.isEmpty() ? comparison.runs().get(arm).firstKey() : common.first();
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

  /** Side by side, as a table of Markdown; empty where there are none. */
  List<String> markdown() {
    if (isEmpty()) {
      return List.of();
    }
    List<String> pictures = new ArrayList<>();
    files.values().forEach(file -> pictures.add("![](%s)".formatted(link(file))));
    List<List<String>> rows = List.of(List.copyOf(files.keySet()), pictures);
    List<String> lines = new ArrayList<>(List.of("Samples after the last epoch:", ""));
    lines.addAll(ComparisonTables.markdown(rows));
    lines.add("");
    return lines;
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
