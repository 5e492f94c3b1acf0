package org.agr4j.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.agr4j.TensorRole;
import org.agr4j.benchmark.StepPlot;
import org.agr4j.benchmark.StepSides;
import org.agr4j.benchmark.StepTable;
import org.agr4j.compare.Arm;
import org.agr4j.optimizer.TensorChoice;
import org.agr4j.run.RunFolder;
import org.agr4j.stats.TensorStats;
import org.agr4j.task.classification.ClassificationTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each file of a report, figures included, is the same bytes in any language. */
class ReportLanguageTest {
  @TempDir Path folder;
  private final Locale before = Locale.getDefault();
  private Map<String, byte[]> expected;

  @BeforeEach
  void writeWithoutLanguage() throws IOException {
    Locale.setDefault(Locale.ROOT);
    expected = write("none");
    for (String name : List.of("report.html", "report.md", "psi-effect.png", "differences.svg")) {
      assertTrue(expected.containsKey(name), expected.keySet() + " has no " + name);
    }
  }

  @AfterEach
  void restore() {
    Locale.setDefault(before);
  }

  /** Commas, narrow spaces, Arabic and Devanagari digits, the dotless i. */
  @Test
  void isTheSameInEach() throws IOException {
    for (String language : List.of("de-DE", "fr-CH", "ar-EG", "hi-IN-u-nu-deva", "tr-TR")) {
      Locale.setDefault(Locale.forLanguageTag(language));
      Map<String, byte[]> found = write(language);
      expected.forEach(
          (name, bytes) -> assertArrayEquals(bytes, found.get(name), language + ": " + name));
    }
  }

  private Map<String, byte[]> write(String name) throws IOException {
    Arm agr = Arm.parse("adamw-agr");
    RunFolder out = RunFolder.create(folder.resolve(name));
    ComparisonReport.write(
        new Comparison(
            "title",
            List.of("fact"),
            "agr compare",
            TensorChoice.WEIGHTS,
            ClassificationTask.MEASURES,
            ComparisonReportTest.twoArms(),
            Map.of(Arm.parse("adamw"), new TreeMap<>(Map.of(4L, "the loss is NaN"))),
            Map.of(agr, statistics())),
        out);
    StepPlot.write(
        out.path().resolve("steps.png"), List.of(row(1_000, 1.5), row(1_000_000, 1234.5)));
    Map<String, byte[]> files = new LinkedHashMap<>();
    try (Stream<Path> all = Files.list(out.path())) {
      for (Path file : all.sorted().toList()) {
        files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return files;
  }

  private static List<TensorStats> statistics() {
    return List.of(
        new TensorStats(3, "conv/W", TensorRole.WEIGHT, 1_728, 1.25e-3, 3e-2, 1.5, 4),
        new TensorStats(3, "dense/W", TensorRole.WEIGHT, 1_234_567, 1.5e-6, 1e-3, 12.5, 4));
  }

  private static StepTable.Row row(long elements, double micros) {
    Map<String, Double> times = new LinkedHashMap<>();
    for (String side :
        List.of(
            StepSides.SUBI,
            StepSides.DL4J_ADAM,
            StepSides.OPS_AGR,
            StepSides.FUSED_AGR,
            StepSides.ADAN_AGR)) {
      times.put(side, micros * (times.size() + 1));
    }
    return new StepTable.Row("block", 1, elements, times, 1, 1, 1, 1);
  }
}
