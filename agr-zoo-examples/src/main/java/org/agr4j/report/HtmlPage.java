package org.agr4j.report;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A comparison as one HTML file that needs nothing else: no script, figures inside. */
record HtmlPage(
    Comparison comparison,
    ComparisonTables tables,
    List<String> sentences,
    Map<String, String> figures,
    List<PsiEffects> effects,
    DrawnSamples samples) {

  private static final String STYLE =
      """
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;
             padding: 0 1rem; color: #222; background: #fff; }
      h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
      .shown { border-left: 4px solid #0072b2; padding: .2rem 1rem; background: #f2f7fb; }
      .wide { overflow-x: auto; }
      table { border-collapse: collapse; white-space: nowrap; }
      th, td { padding: .3rem .8rem; border-bottom: 1px solid #ddd; text-align: right; }
      th:first-child, td:first-child { text-align: left; padding-left: 0; }
      figure { margin: 1rem 0; background: #fff; } svg { width: 100%; height: auto; }
      .samples { display: inline-block; margin-right: 1rem; } .samples img { max-width: 100%; }
      code { background: #f4f4f4; padding: .1rem .3rem; overflow-wrap: anywhere; }
      @media (prefers-color-scheme: dark) {
        body { color: #ddd; background: #181818; } .shown { background: #1f2a33; }
        th, td { border-color: #444; } code { background: #2a2a2a; }
      }
      """;

  String text() {
    StringBuilder page = new StringBuilder();
    page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n")
        .append("<title>" + escape(comparison.title()) + "</title>\n")
        .append("<style>\n" + STYLE + "</style>\n</head>\n<body>\n")
        .append("<h1>" + escape(comparison.title()) + "</h1>\n");
    if (!sentences.isEmpty()) {
      page.append("<div class=\"shown\">\n");
      sentences.forEach(line -> page.append("<p>" + escape(line) + "</p>\n"));
      page.append("</div>\n");
    }
    for (int i = 0; i < tables.compared().size(); i++) {
      page.append("<h2>" + escape(comparison.compared().get(i).caption()) + "</h2>\n")
          .append(table(tables.compared().get(i)));
      if (comparison.epochs() > 1 && tables.differences().get(i).size() > 1) {
        page.append(table(tables.differences().get(i)));
      }
    }
    page.append("<h2>After the last epoch</h2>\n").append(table(tables.last()));
    page.append("<p>Mean ± sample standard deviation over seeds. Intervals are Student's t over")
        .append(" paired seeds; they do not cover the choice of data or network.</p>\n");
    if (!tables.course().isEmpty()) {
      page.append("<h2>Deeper, faster, smoother</h2>\n").append(table(tables.course()));
      page.append("<p>Differences, ± half of Student's interval, less is better: the training loss")
          .append(
              " of the last epoch; the epochs until the training loss that the first side has on")
          .append(" average in the last epoch but one; how far " + comparison.measure().title())
          .append(" strays from a straight line through the last half of the epochs, if these are")
          .append(" four or more.</p>\n");
    }
    page.append("<h2>Figures</h2>\n");
    figures.forEach((name, svg) -> page.append("<figure>\n" + inline(name, svg) + "\n</figure>\n"));
    if (!samples.isEmpty()) {
      page.append("<h2>Samples after the last epoch</h2>\n");
      samples
          .files()
          .forEach(
              (of, file) ->
                  page.append("<figure class=\"samples\">\n<img alt=\"\" src=\"")
                      .append(DrawnSamples.inPage(file) + "\"/>\n<figcaption>")
                      .append(escape(of) + "</figcaption>\n</figure>\n"));
    }
    effects.forEach(
        effect ->
            page.append("<details>\n<summary>What Ψ " + effect.verb() + " in each tensor: ")
                .append(escape(effect.arm().title()) + "</summary>\n")
                .append("<p>Means over the sampled steps of the last epoch. Where the relative")
                .append(" change is below 0.001, AGR does next to nothing.</p>\n")
                .append(table(effect.table()) + "</details>\n"));
    page.append("<h2>What was run</h2>\n<ul>\n");
    comparison.facts().forEach(fact -> page.append("<li>" + escape(fact) + "</li>\n"));
    page.append("</ul>\n<p><code>" + escape(comparison.command()) + "</code></p>\n");
    return page.append("</body>\n</html>\n").toString();
  }

  private static String table(List<List<String>> rows) {
    StringBuilder table = new StringBuilder("<div class=\"wide\"><table>\n");
    for (int i = 0; i < rows.size(); i++) {
      String cell = i == 0 ? "th" : "td";
      table.append(
          rows.get(i).stream()
              .map(text -> "<" + cell + ">" + escape(text) + "</" + cell + ">")
              .collect(Collectors.joining("", "<tr>", "</tr>\n")));
    }
    return table.append("</table></div>\n").toString();
  }

  /** The svg element alone, scalable, with ids of its own: all figures share one page. */
  private static String inline(String name, String svg) {
    String element = svg.substring(svg.indexOf("<svg"));
    return element
        .replaceAll("\\bid=\"", "id=\"" + name + "-")
        .replaceAll("url\\(#", "url(#" + name + "-")
        .replaceAll("href=\"#", "href=\"#" + name + "-")
        .strip();
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
