package org.agr4j.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.IntStream;
import org.agr4j.compare.Arm;
import org.agr4j.run.EpochRecord;
import org.agr4j.train.Measure;

/**
 * A comparison's tables as rows of text: the first row is the heading, the first column names.
 *
 * @param compared each measure that is compared, after some epochs, mean ± standard deviation over
 *     seeds
 * @param differences its differences after these epochs ± half their interval; no row but the
 *     heading where nothing is held against one another
 * @param last the last epoch's figures
 * @param course how runs got there, differences ± half their interval; no row where there is none
 */
record ComparisonTables(
    List<List<List<String>>> compared,
    List<List<List<String>>> differences,
    List<List<String>> last,
    List<List<String>> course) {
  private static final int COLUMNS = 6;
  private static final int MOST_DECIMALS = 6;

  static ComparisonTables of(Comparison comparison) {
    return new ComparisonTables(
        comparison.compared().stream().map(measure -> compared(comparison, measure)).toList(),
        comparison.compared().stream().map(measure -> differences(comparison, measure)).toList(),
        last(comparison),
        course(comparison));
  }

  /** Some of the epochs that have a measure, the last among them. */
  private static List<Integer> shown(Comparison comparison, Measure measure) {
    List<Integer> all = comparison.epochs(measure);
    int columns = Math.min(COLUMNS, all.size());
    return IntStream.rangeClosed(1, columns)
        .mapToObj(i -> all.get((int) Math.round((double) i * all.size() / columns) - 1))
        .toList();
  }

  private static List<String> heading(String what, List<Integer> epochs) {
    List<String> heading = new ArrayList<>(List.of(what + ", after epoch"));
    epochs.forEach(epoch -> heading.add(Integer.toString(epoch)));
    return heading;
  }

  private static List<List<String>> compared(Comparison comparison, Measure measure) {
    List<Integer> shown = shown(comparison, measure);
    List<List<String>> table = new ArrayList<>(List.of(heading(measure.heading(), shown)));
    for (Arm arm : comparison.runs().keySet()) {
      List<String> row = new ArrayList<>(List.of(arm.title()));
      shown.forEach(epoch -> row.add(cell(comparison.after(arm, epoch), measure)));
      table.add(row);
    }
    for (Arm arm : withoutResult(comparison)) {
      table.add(row(arm.title(), "", shown.size() + 1));
    }
    return table;
  }

  private static List<List<String>> differences(Comparison comparison, Measure measure) {
    List<Integer> shown = shown(comparison, measure);
    List<List<String>> rows = new ArrayList<>();
    for (int epoch : shown) {
      List<PairedDifference> differences = comparison.differences(measure, epoch);
      for (int i = 0; i < differences.size(); i++) {
        if (rows.size() <= i) {
          rows.add(new ArrayList<>(List.of(name(differences.get(i)))));
        }
        rows.get(i).add(difference(differences.get(i), differences.get(i).spread().n()));
      }
    }
    List<List<String>> table =
        new ArrayList<>(List.of(heading("difference of " + measure.heading(), shown)));
    table.addAll(rows);
    return table;
  }

  private static List<Arm> withoutResult(Comparison comparison) {
    return comparison.diverged().keySet().stream()
        .filter(arm -> !comparison.runs().containsKey(arm))
        .toList();
  }

  private static List<List<String>> last(Comparison comparison) {
    List<List<String>> last = new ArrayList<>();
    List<String> names = new ArrayList<>(List.of("after the last epoch", "seeds"));
    comparison.measures().forEach(measure -> names.add(measure.heading()));
    last.add(names);
    for (Arm arm : comparison.runs().keySet()) {
      List<EpochRecord> end = comparison.after(arm, comparison.epochs());
      List<String> values =
          new ArrayList<>(List.of(arm.title(), seeds(end.size(), comparison.diverged().get(arm))));
      comparison.measures().forEach(measure -> values.add(cell(end, measure)));
      last.add(values);
    }
    for (Arm arm : withoutResult(comparison)) {
      last.add(row(arm.title(), seeds(0, comparison.diverged().get(arm)), names.size()));
    }
    return last;
  }

  private static List<List<String>> course(Comparison comparison) {
    Map<String, List<PairedDifference>> columns = new LinkedHashMap<>();
    columns.put("train loss", comparison.trainLosses());
    if (comparison.epochs() > 1) {
      String loss = String.format(Locale.ROOT, "%.3f", comparison.targetLoss());
      columns.put("epochs to loss " + loss, comparison.speeds());
    }
    columns.put(comparison.measure().title() + " about a line", comparison.unsteadiness());
    columns.values().removeIf(List::isEmpty);
    List<List<String>> rows = new ArrayList<>();
    for (PairedDifference pair : comparison.differences()) {
      List<String> row = new ArrayList<>(List.of(name(pair)));
      columns
          .values()
          .forEach(
              column ->
                  row.add(
                      column.stream()
                          .filter(d -> d.arm().equals(pair.arm()))
                          .filter(d -> d.baseline().equals(pair.baseline()))
                          .map(d -> difference(d, pair.spread().n()))
                          .findFirst()
                          .orElse("–")));
      rows.add(row);
    }
    if (!rows.isEmpty() && !columns.isEmpty()) {
      List<String> heading = new ArrayList<>(List.of("difference"));
      heading.addAll(columns.keySet());
      rows.add(0, heading);
      return rows;
    }
    return List.of();
  }

  private static String name(PairedDifference pair) {
    return pair.arm().title() + " − " + pair.baseline().title();
  }

  private static String difference(PairedDifference difference, int seeds) {
    Spread s = difference.spread();
    String number = "%." + decimals(difference) + "f";
    return String.format(Locale.ROOT, number.replace("%", "%+"), s.mean())
        + (s.n() == 1 ? "" : String.format(Locale.ROOT, " ± " + number, difference.halfInterval()))
        + (s.n() == seeds ? "" : " (" + s.n() + " of " + seeds + " seeds)");
  }

  /** At least the measure's, and as many as show where a narrow interval ends. */
  private static int decimals(PairedDifference difference) {
    int usual = difference.measure().decimals();
    double half = difference.halfInterval();
    return half > 0
        ? Math.max(usual, Math.min(MOST_DECIMALS, 1 - (int) Math.floor(Math.log10(half))))
        : usual;
  }

  private static String seeds(int finished, SortedMap<Long, String> diverged) {
    return diverged == null ? "" + finished : finished + " (" + diverged.size() + " diverged)";
  }

  /** Of an arm without a result. */
  private static List<String> row(String title, String seeds, int columns) {
    List<String> row = new ArrayList<>(Collections.nCopies(columns, "–"));
    row.set(0, title);
    if (!seeds.isEmpty()) {
      row.set(1, seeds);
    }
    return row;
  }

  private static String cell(List<EpochRecord> seeds, Measure measure) {
    Spread s = Spread.of(seeds.stream().map(measure::of).toList());
    String number = "%." + measure.decimals() + "f";
    String mean = String.format(Locale.ROOT, number, s.mean());
    return s.n() == 1 ? mean : mean + String.format(Locale.ROOT, " ± " + number, s.deviation());
  }

  /** For a terminal: columns aligned, numbers to the right. */
  static List<String> plain(List<List<String>> table) {
    int columns = table.get(0).size();
    int[] width = new int[columns];
    for (List<String> row : table) {
      for (int i = 0; i < columns; i++) {
        width[i] = Math.max(width[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : table) {
      StringBuilder line = new StringBuilder(row.get(0));
      line.append(" ".repeat(width[0] - row.get(0).length()));
      for (int i = 1; i < columns; i++) {
        line.append("  ").append(" ".repeat(width[i] - row.get(i).length())).append(row.get(i));
      }
      lines.add(line.toString());
    }
    return lines;
  }

  /** As a table of Markdown. */
  static List<String> markdown(List<List<String>> table) {
    List<String> lines = new ArrayList<>();
    for (List<String> row : table) {
      lines.add("| " + String.join(" | ", row) + " |");
      if (lines.size() == 1) {
        lines.add("|---|" + "---:|".repeat(row.size() - 1));
      }
    }
    return lines;
  }
}
