package org.agr4j.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.agr4j.compare.Arm;
import org.agr4j.stats.TensorStats;
import org.agr4j.train.Measure;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Figures of a comparison, in the manner of the paper's Figures 2 and 3. */
final class Figures {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 520;
  private static final int MOST_TICKS = 20;
  private static final int BAND_ALPHA = 45;
  private static final double GAUSSIAN = Math.sqrt(1.5 * Math.PI);

  /** Okabe and Ito's colours, which the colour-blind can tell apart. */
  private static final Color[] COLORS = {
    new Color(0, 114, 178),
    new Color(213, 94, 0),
    new Color(0, 158, 115),
    new Color(204, 121, 167),
    new Color(86, 180, 233),
    new Color(230, 159, 0),
    new Color(0, 0, 0)
  };

  private Figures() {}

  /** A measure after each epoch. */
  static XYChart curves(Comparison comparison, Measure measure) {
    List<Integer> shown = comparison.epochs(measure);
    boolean spread = comparison.runs().values().stream().anyMatch(bySeed -> bySeed.size() > 1);
    XYChart chart =
        chart(
            measure.caption() + (spread ? ": mean ± standard deviation over seeds" : ""),
            "epoch",
            measure.axis());
    double[] epochs = shown.stream().mapToDouble(epoch -> epoch).toArray();
    List<Arm> arms = List.copyOf(comparison.runs().keySet());
    List<List<Spread>> spreads = new ArrayList<>();
    for (Arm arm : arms) {
      spreads.add(
          shown.stream()
              .map(
                  epoch ->
                      Spread.of(comparison.after(arm, epoch).stream().map(measure::of).toList()))
              .toList());
    }
    for (int i = 0; i < arms.size(); i++) {
      if (spreads.get(i).get(0).n() > 1) {
        band(chart, arms.get(i), color(i), epochs, spreads.get(i));
      }
    }
    for (int i = 0; i < arms.size(); i++) {
      XYSeries line =
          chart.addSeries(
              arms.get(i).title(),
              epochs,
              spreads.get(i).stream().mapToDouble(Spread::mean).toArray());
      line.setLineColor(color(i));
      line.setMarkerColor(color(i));
      line.setMarker(SeriesMarkers.CIRCLE);
      line.setLineStyle(new BasicStroke(2f));
    }
    int last = comparison.epochs();
    int step = (int) Math.ceil(last / (double) MOST_TICKS);
    chart.getStyler().setXAxisMin(1.0).setXAxisMax((double) Math.max(2, last));
    chart.getStyler().setXAxisTickMarkSpacingHint(WIDTH / Math.max(2, last / step));
    chart.getStyler().setxAxisTickLabelsFormattingFunction(Figures::whole);
    return chart;
  }

  /** Ticks between epochs stay without a label. */
  private static String whole(double epoch) {
    return epoch == Math.rint(epoch) ? Integer.toString((int) epoch) : " ";
  }

  private static void band(
      XYChart chart, Arm arm, Color color, double[] epochs, List<Spread> spreads) {
    int n = epochs.length;
    double[] x = new double[2 * n];
    double[] y = new double[2 * n];
    for (int i = 0; i < n; i++) {
      x[i] = epochs[i];
      y[i] = spreads.get(i).mean() + spreads.get(i).deviation();
      x[2 * n - 1 - i] = epochs[i];
      y[2 * n - 1 - i] = spreads.get(i).mean() - spreads.get(i).deviation();
    }
    XYSeries band = chart.addSeries(arm.name() + " band", x, y);
    band.setXYSeriesRenderStyle(XYSeriesRenderStyle.PolygonArea);
    band.setFillColor(new Color(color.getRed(), color.getGreen(), color.getBlue(), BAND_ALPHA));
    band.setLineColor(new Color(0, 0, 0, 0));
    band.setMarker(SeriesMarkers.NONE);
    band.setShowInLegend(false);
  }

  /** Differences at the end: a point for each seed, the mean with its 95% interval. */
  static XYChart differences(List<PairedDifference> differences) {
    Measure measure = differences.get(0).measure();
    XYChart chart =
        chart(
            "Difference of final %s: seeds, mean, %s interval"
                .formatted(measure.title(), differences.get(0).level()),
            measure.points() + (measure.isFraction() ? " of " + measure.title() : ""),
            "");
    int rows = differences.size();
    chart.addSeries("no difference", new double[] {0, 0}, new double[] {0.4, rows + 0.6});
    XYSeries zero = chart.getSeriesMap().get("no difference");
    zero.setLineColor(Color.GRAY);
    zero.setMarker(SeriesMarkers.NONE);
    zero.setShowInLegend(false);
    zero.setLineStyle(new BasicStroke(1f));
    for (int i = 0; i < rows; i++) {
      PairedDifference difference = differences.get(i);
      Spread spread = difference.spread();
      double row = rows - i;
      String name = difference.arm().title() + " − " + difference.baseline().title();
      double[] x = difference.points().values().stream().mapToDouble(d -> d).toArray();
      double[] y = new double[x.length];
      Arrays.fill(y, row);
      XYSeries seeds = chart.addSeries(name, x, y);
      seeds.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
      seeds.setMarker(SeriesMarkers.CIRCLE);
      seeds.setMarkerColor(color(i + 1));
      if (spread.n() > 1) {
        double[] ends = {
          spread.mean() - difference.halfInterval(), spread.mean() + difference.halfInterval()
        };
        XYSeries interval =
            chart.addSeries(name + " interval", ends, new double[] {row - .2, row - .2});
        interval.setLineColor(color(i + 1));
        interval.setMarkerColor(color(i + 1));
        interval.setMarker(SeriesMarkers.SQUARE);
        interval.setLineStyle(new BasicStroke(3f));
        interval.setShowInLegend(false);
        XYSeries mean =
            chart.addSeries(name + " mean", new double[] {spread.mean()}, new double[] {row - .2});
        mean.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
        mean.setMarker(SeriesMarkers.DIAMOND);
        mean.setMarkerColor(color(i + 1));
        mean.setShowInLegend(false);
      }
    }
    chart.getStyler().setYAxisMin(0.4).setYAxisMax(rows + 0.6).setYAxisTicksVisible(false);
    chart.getStyler().setPlotGridHorizontalLinesVisible(false); // height means nothing
    return chart;
  }

  /** What is compared against the epoch after which Ψ is off, with standard deviations. */
  static XYChart ablation(Comparison comparison) {
    Measure measure = comparison.measure();
    XYChart chart =
        chart(
            "Final " + lowerCase(measure.caption()) + ": mean ± standard deviation",
            "AGR until epoch",
            measure.axis());
    List<Arm> arms = List.copyOf(comparison.runs().keySet());
    double[] x = arms.stream().mapToDouble(Arm::agrUntil).toArray();
    List<Spread> spreads =
        arms.stream()
            .map(
                arm ->
                    Spread.of(
                        comparison.after(arm, comparison.epochs()).stream()
                            .map(measure::of)
                            .toList()))
            .toList();
    double[] deviations =
        spreads.stream().mapToDouble(s -> s.n() == 1 ? 0 : s.deviation()).toArray();
    XYSeries line =
        chart.addSeries(
            arms.get(0).optimizer().title(),
            x,
            spreads.stream().mapToDouble(Spread::mean).toArray(),
            deviations);
    line.setLineColor(color(0));
    line.setMarkerColor(color(0));
    line.setMarker(SeriesMarkers.CIRCLE);
    chart.getStyler().setxAxisTickLabelsFormattingFunction(Figures::whole);
    return chart;
  }

  /**
   * Relative change by Ψ against a tensor's size. A Gaussian gradient of n elements gives
   * ‖g∘g‖₂/(‖g‖₁‖g‖₂) → √(3π/2)/n. There is something to draw, {@link PsiEffects#isAnything}.
   */
  static XYChart psiEffect(PsiEffects effects) {
    XYChart chart =
        chart(
            "What Ψ " + effects.verb() + ", last epoch of " + effects.arm().title(),
            "elements of a tensor",
            "‖Ψ(g) − g‖ / ‖g‖");
    chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
    List<TensorStats> shown =
        effects.tensors().stream().filter(t -> t.relativeChange() > 0).toList();
    scatter(chart, "weights", shown.stream().filter(PsiEffects::isWeight).toList(), 0);
    scatter(chart, "other", shown.stream().filter(t -> !PsiEffects.isWeight(t)).toList(), 1);
    double[] n = {
      shown.stream().mapToLong(TensorStats::elements).min().orElseThrow(),
      shown.stream().mapToLong(TensorStats::elements).max().orElseThrow()
    };
    double[] expected = {GAUSSIAN / n[0], GAUSSIAN / n[1]};
    XYSeries line = chart.addSeries("a Gaussian gradient", n, expected);
    line.setLineColor(Color.GRAY);
    line.setMarker(SeriesMarkers.NONE);
    return chart;
  }

  private static String lowerCase(String caption) {
    return caption.substring(0, 1).toLowerCase(Locale.ROOT) + caption.substring(1);
  }

  private static void scatter(XYChart chart, String name, List<TensorStats> tensors, int color) {
    if (!tensors.isEmpty()) {
      XYSeries points =
          chart.addSeries(
              name,
              tensors.stream().mapToDouble(TensorStats::elements).toArray(),
              tensors.stream().mapToDouble(TensorStats::relativeChange).toArray());
      points.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
      points.setMarker(SeriesMarkers.CIRCLE);
      points.setMarkerColor(color(color));
    }
  }

  private static XYChart chart(String title, String xAxis, String yAxis) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(xAxis)
            .yAxisTitle(yAxis)
            .build();
    chart.getStyler().setLocale(Locale.ROOT); // otherwise decimal commas in German
    chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
    chart.getStyler().setLegendLayout(LegendLayout.Horizontal);
    chart.getStyler().setChartBackgroundColor(Color.WHITE).setPlotBorderVisible(false);
    chart.getStyler().setLegendBorderColor(Color.WHITE);
    chart.getStyler().setErrorBarsColorSeriesColor(true);
    return chart;
  }

  private static Color color(int i) {
    return COLORS[i % COLORS.length];
  }
}
