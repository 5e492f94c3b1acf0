package org.agr4j.report;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.agr4j.run.EpochRecord;
import org.agr4j.run.RunFolder;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;

/**
 * Writes a comparison's report: {@code report.html} with everything in one file, {@code report.md},
 * and each figure as PNG and SVG.
 */
public final class ComparisonReport {
  private final Comparison comparison;
  private final ComparisonTables tables;
  private final Map<String, XYChart> figures = new LinkedHashMap<>();
  private static final List<String> PLACEBO =
      List.of(
          "Two runs that differ by any tiny disturbance drift apart by chance, and AGR is one.",
          "The placebo disturbs gradients by as much as AGR does, with its factors at random elements.",
          "What it differs by from the plain optimizer is that chance.",
          "AGR has an effect of its own only where it differs from the placebo.");

  private final List<String> sentences = new ArrayList<>();
  private final List<PsiEffects> effects = new ArrayList<>();

  private ComparisonReport(Comparison comparison) {
    this.comparison = comparison;
    this.tables = ComparisonTables.of(comparison);
    List<PairedDifference> differences = comparison.differences();
    differences.forEach(
        difference -> {
          sentences.add(difference.sentence());
          sentences.addAll(difference.more());
        });
    comparison.compared().stream()
        .skip(1)
        .flatMap(measure -> comparison.differences(measure, comparison.epochs()).stream())
        .forEach(difference -> sentences.add(difference.sentence()));
    sentences.addAll(comparison.divergences());
    if (comparison.runs().keySet().stream().anyMatch(arm -> arm.optimizer().isPlacebo())) {
      sentences.addAll(PLACEBO);
    }
    if (comparison.epochs() > 1) {
      comparison.measures().stream()
          .filter(measure -> measure.key().equals(EpochRecord.TRAIN_LOSS))
          .forEach(loss -> figures.put("train-loss", Figures.curves(comparison, loss)));
      comparison
          .compared()
          .forEach(
              measure ->
                  figures.put(
                      measure.caption().toLowerCase(Locale.ROOT).replace(' ', '-'),
                      Figures.curves(comparison, measure)));
    }
    if (comparison.runs().size() > 1
        && comparison.runs().keySet().stream().allMatch(arm -> arm.agrUntil() != null)) {
      figures.put("agr-until", Figures.ablation(comparison));
    }
    if (!differences.isEmpty()) {
      figures.put("differences", Figures.differences(differences));
    }
    comparison
        .statistics()
        .forEach(
            (arm, stats) -> {
              if (arm.optimizer().isAgr()) {
                effects.add(PsiEffects.ofLastEpoch(arm, comparison.tensors(), stats));
              }
            });
    effects.forEach(effect -> sentences.add(effect.sentence()));
    effects.stream()
        .filter(PsiEffects::isAnything)
        .limit(1)
        .forEach(effect -> figures.put("psi-effect", Figures.psiEffect(effect)));
  }

  /**
   * Makes the report and writes its files.
   *
   * @param comparison what came out
   * @param folder where the files go
   * @return the report, for {@link #lines()}
   * @throws org.agr4j.input.BadInputException if a file cannot be written
   */
  public static ComparisonReport write(Comparison comparison, RunFolder folder) {
    System.setProperty("java.awt.headless", "true"); // no window is needed, nor a display
    ComparisonReport report = new ComparisonReport(comparison);
    Map<String, String> svg = new LinkedHashMap<>();
    report.figures.forEach(
        (name, chart) -> {
          svg.put(name, svg(chart));
          folder.write(name + ".svg", svg.get(name));
          folder.write(
              name + ".png", out -> BitmapEncoder.saveBitmap(chart, out, BitmapFormat.PNG));
        });
    DrawnSamples samples = DrawnSamples.of(comparison, folder.path());
    folder.write("report.md", report.markdown(samples));
    folder.write(
        "report.html",
        new HtmlPage(comparison, report.tables, report.sentences, svg, report.effects, samples)
            .text());
    return report;
  }

  private static String svg(XYChart chart) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      VectorGraphicsEncoder.saveVectorGraphic(chart, out, VectorGraphicsFormat.SVG);
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail like a disk", e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  /** The tables and what was shown, for a terminal. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (List<List<String>> table : tables.compared()) {
      lines.addAll(ComparisonTables.plain(table));
      lines.add("");
    }
    lines.addAll(ComparisonTables.plain(tables.last()));
    lines.add("");
    if (!tables.course().isEmpty()) {
      lines.addAll(ComparisonTables.plain(tables.course()));
      lines.add("");
    }
    lines.addAll(sentences);
    return lines;
  }

  private String markdown(DrawnSamples samples) {
    List<String> lines = new ArrayList<>(List.of("# " + comparison.title(), ""));
    for (int i = 0; i < tables.compared().size(); i++) {
      lines.addAll(ComparisonTables.markdown(tables.compared().get(i)));
      lines.add("");
      if (comparison.epochs() > 1 && tables.differences().get(i).size() > 1) {
        lines.addAll(ComparisonTables.markdown(tables.differences().get(i)));
        lines.add("");
      }
    }
    lines.addAll(ComparisonTables.markdown(tables.last()));
    lines.add("");
    if (!tables.course().isEmpty()) {
      lines.addAll(ComparisonTables.markdown(tables.course()));
      lines.add("");
    }
    sentences.forEach(sentence -> lines.add("- " + sentence));
    lines.add("");
    figures.keySet().forEach(name -> lines.add("![" + name + "](" + name + ".png)"));
    lines.add("");
    lines.addAll(samples.markdown());
    comparison.facts().forEach(fact -> lines.add("- " + fact));
    String fence = comparison.command().contains("`") ? "``" : "`";
    lines.add("- " + fence + comparison.command() + fence);
    return String.join("\n", lines) + "\n";
  }

  /** The page to look at. */
  public static Path page(RunFolder folder) {
    return folder.path().resolve("report.html");
  }
}
