package org.agr4j.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.agr4j.compare.Arm;
import org.agr4j.input.BadInputException;
import org.agr4j.optimizer.TensorChoice;
import org.agr4j.run.EpochRecord;
import org.agr4j.run.Records;
import org.agr4j.run.RunFolder;
import org.agr4j.task.classification.ClassificationTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

class ComparisonReportTest {
  @TempDir Path folder;

  /** Accuracy a seed starts from, rising by 0.01 an epoch. */
  static SortedMap<Long, List<EpochRecord>> runs(int epochs, double... start) {
    SortedMap<Long, List<EpochRecord>> runs = new TreeMap<>();
    for (int seed = 1; seed <= start.length; seed++) {
      List<EpochRecord> metrics = new ArrayList<>();
      for (int epoch = 1; epoch <= epochs; epoch++) {
        double top1 = start[seed - 1] + 0.01 * epoch;
        metrics.add(Records.of(epoch, 3.0 / epoch, 3.5 / epoch, top1, 2 * top1));
      }
      runs.put((long) seed, metrics);
    }
    return runs;
  }

  private static Comparison comparison(Map<Arm, SortedMap<Long, List<EpochRecord>>> runs) {
    return new Comparison(
        "a < b & c",
        List.of("fact"),
        "agr compare",
        TensorChoice.WEIGHTS,
        ClassificationTask.MEASURES,
        runs,
        Map.of(),
        Map.of());
  }

  static Map<Arm, SortedMap<Long, List<EpochRecord>>> twoArms() {
    Map<Arm, SortedMap<Long, List<EpochRecord>>> runs = new LinkedHashMap<>();
    runs.put(Arm.parse("adamw"), runs(3, .10, .20, .30));
    runs.put(Arm.parse("adamw-agr"), runs(3, .11, .22, .33));
    return runs;
  }

  /** 1, 2, 3: deviation 1, t with 2 degrees of freedom 4.30265. */
  @Test
  void intervalIsStudents() {
    Spread s = Spread.of(List.of(1.0, 2.0, 3.0));
    assertEquals(2, s.mean(), 1e-12);
    assertEquals(1, s.deviation(), 1e-12);
    assertEquals(4.30265 / Math.sqrt(3), s.halfInterval(), 1e-5);
    assertEquals(
        2.77645 * Spread.of(List.of(1.0, 2.0, 3.0, 4.0, 5.0)).deviation() / Math.sqrt(5),
        Spread.of(List.of(1.0, 2.0, 3.0, 4.0, 5.0)).halfInterval(),
        1e-4);
    assertTrue(Double.isNaN(Spread.of(List.of(5.0)).halfInterval()));
    assertEquals(0, Spread.of(List.of(5.0, 5.0)).halfInterval(), 0);
    assertThrows(IllegalArgumentException.class, () -> Spread.of(List.of(1.0, Double.NaN)));
    assertThrows(IllegalArgumentException.class, () -> Spread.of(List.of()));
  }

  @Test
  void pairsBySeed() {
    List<PairedDifference> differences = comparison(twoArms()).differences();
    assertEquals(1, differences.size());
    assertEquals(
        "AdamW(AGR) minus AdamW: +2.00 points, 95% interval -0.48 to +4.48 (3 seeds):"
            + " no difference shown.",
        differences.get(0).sentence());
  }

  @Test
  void saysBetterWorseAndNothing() {
    Arm agr = Arm.parse("adamw-agr");
    Arm plain = Arm.parse("adamw");
    assertTrue(
        new PairedDifference(agr, plain, ClassificationTask.TOP1, Map.of(1L, 1.0, 2L, 1.1))
            .sentence()
            .endsWith(": better."));
    assertTrue(
        new PairedDifference(agr, plain, ClassificationTask.TOP1, Map.of(1L, -1.0, 2L, -1.1))
            .sentence()
            .endsWith("worse."));
    assertTrue(
        new PairedDifference(agr, plain, ClassificationTask.TOP1, Map.of(1L, 5.0))
            .sentence()
            .endsWith("one seed: nothing can be said about chance."));
  }

  @Test
  void aLowerLossIsBetter() {
    String sentence =
        new PairedDifference(
                Arm.parse("adamw-agr"),
                Arm.parse("adamw"),
                ClassificationTask.TEST_LOSS,
                Map.of(1L, -1.0, 2L, -1.1))
            .sentence();
    assertTrue(sentence.contains("-1.050 cross entropy, nats, 95% interval"), sentence);
    assertTrue(sentence.endsWith("(2 seeds): better."), sentence);
  }

  /** Adan(AGR) is held against Adan, and Adan against nothing. */
  @Test
  void comparesLikeWithLike() {
    Map<Arm, SortedMap<Long, List<EpochRecord>>> runs = twoArms();
    runs.put(Arm.parse("adamw-agr:all-moments"), runs(3, .1));
    runs.put(Arm.parse("adan"), runs(3, .1, .2));
    runs.put(Arm.parse("adan-agr"), runs(3, .1, .2));
    List<String> pairs =
        comparison(runs).differences().stream()
            .map(d -> d.arm().name() + " " + d.baseline().name() + " " + d.points().size())
            .toList();
    assertEquals(
        List.of("adamw-agr adamw 3", "adamw-agr-all-moments adamw 1", "adan-agr adan 2"), pairs);
  }

  @Test
  void writesEverythingAReaderNeeds() throws Exception {
    RunFolder out = RunFolder.create(folder.resolve("out"));
    ComparisonReport report = ComparisonReport.write(comparison(twoArms()), out);
    for (String figure : new String[] {"train-loss", "test-accuracy", "differences"}) {
      assertNotNull(ImageIO.read(out.path().resolve(figure + ".png").toFile()), figure);
      String svg = Files.readString(out.path().resolve(figure + ".svg"));
      assertTrue(parse(svg.substring(svg.indexOf("<svg"))).contains("svg"), figure);
    }
    String html = Files.readString(ComparisonReport.page(out));
    assertEquals("html", parse(html.substring(html.indexOf("<html"))));
    assertFalse(html.matches("(?s).*(src|href)=\"(?!#).*"), "nothing from elsewhere");
    assertFalse(html.contains("<script"));
    assertTrue(html.contains("a &lt; b &amp; c"));
    assertTrue(html.contains("+2.00 points"));
    assertTrue(
        Files.readString(out.path().resolve("report.md")).contains("| AdamW | 21.00 ± 10.00 |"));
    assertTrue(report.lines().stream().allMatch(line -> line.length() <= 100));
    assertTrue(report.lines().get(1).startsWith("AdamW "), report.lines().get(1));
  }

  private static String parse(String xml) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)))
        .getDocumentElement()
        .getNodeName();
  }

  @Test
  void ablationHasItsOwnFigure() {
    Map<Arm, SortedMap<Long, List<EpochRecord>>> runs = new LinkedHashMap<>();
    for (int until : new int[] {0, 2, 3}) {
      runs.put(new Arm(Arm.parse("adamw-agr").optimizer(), null, until), runs(3, .1, .2));
    }
    RunFolder out = RunFolder.create(folder.resolve("out"));
    ComparisonReport.write(comparison(runs), out);
    assertTrue(Files.exists(out.path().resolve("agr-until.png")));
  }

  @Test
  void namesRunsThatDiverged() throws Exception {
    Map<Arm, SortedMap<Long, String>> diverged = new LinkedHashMap<>();
    diverged.put(Arm.parse("adamw"), new TreeMap<>(Map.of(4L, "the loss is NaN")));
    diverged.put(Arm.parse("adan"), new TreeMap<>(Map.of(1L, "no", 2L, "neither")));
    RunFolder out = RunFolder.create(folder.resolve("out"));
    ComparisonReport report =
        ComparisonReport.write(
            new Comparison(
                "t",
                List.of(),
                "agr",
                TensorChoice.WEIGHTS,
                ClassificationTask.MEASURES,
                twoArms(),
                diverged,
                Map.of()),
            out);
    assertTrue(
        report
            .lines()
            .contains("AdamW, seed 4 diverged and is in no number here: the loss is NaN"));
    String markdown = Files.readString(out.path().resolve("report.md"));
    assertTrue(markdown.contains("| AdamW | 3 (1 diverged) | 23.00"), markdown);
    assertTrue(markdown.contains("| Adan | 0 (2 diverged) | – | – | – | – |"), markdown);
    assertTrue(markdown.contains("| Adan | – | – | – |"), markdown);
    String html = Files.readString(ComparisonReport.page(out));
    assertTrue(html.contains("Adan, seed 2 diverged and is in no number here: neither"), html);
  }

  @Test
  void namesAnArmWithoutRuns() {
    Map<Arm, SortedMap<Long, List<EpochRecord>>> runs = twoArms();
    runs.put(Arm.parse("adan"), new TreeMap<>());
    assertEquals(
        "adan has no finished run yet, expected at least one for a report",
        assertThrows(BadInputException.class, () -> comparison(runs)).getMessage());
  }

  @Test
  void refusesUnknownArms() {
    for (String text :
        new String[] {
          "sgd",
          "adamw:all-moments",
          "adamw-agr:off",
          "",
          "adamw-agr:",
          "adam:all-tensors",
          "adamw-agr:all-tensors:all-moments",
          "adamw:all-tensors:all-tensors"
        }) {
      assertTrue(
          assertThrows(BadInputException.class, () -> Arm.parse(text))
              .getMessage()
              .startsWith("--optimizers has '" + text + "', expected "));
    }
    assertEquals("adamw-agr-all-moments", Arm.parse("adamw-agr:all-moments").name());
    Arm released = Arm.parse("adamw-agr:all-moments:all-tensors");
    assertEquals("adamw-agr-all-moments-tensors-all", released.name());
    assertEquals("AdamW(AGR), all moments, tensors all", released.title());
    assertEquals(Arm.parse("adamw:all-tensors"), released.withoutAgr());
  }
}
