package org.agr4j.benchmark;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A picture of step time against the number of parameters, both on logarithmic axes. */
public final class StepPlot {
  // AdamW(AGR) moves 28 bytes an element, subi 12.
  private static final double LIMIT_OVER_SUBI = 28.0 / 12;

  private StepPlot() {}

  /**
   * Draws and writes.
   *
   * @param file the PNG to write
   * @param rows rows of a sweep, in ascending order of elements
   * @throws IOException if the file cannot be written
   */
  public static void write(Path file, List<StepTable.Row> rows) throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(900)
            .height(600)
            .title("One optimizer step, FLOAT, median")
            .xAxisTitle("parameters")
            .yAxisTitle("milliseconds")
            .build();
    chart.getStyler().setLocale(Locale.ROOT); // otherwise decimal commas in German
    chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
    chart.getStyler().setLegendPosition(LegendPosition.InsideNW);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    line(chart, rows, "AdamW(AGR) as ND4J operations", row -> millis(row, StepSides.OPS_AGR));
    line(chart, rows, "DL4J Adam, no AGR", row -> millis(row, StepSides.DL4J_ADAM));
    line(chart, rows, "Adan(AGR)", row -> millis(row, StepSides.ADAN_AGR));
    line(chart, rows, "AdamW(AGR)", row -> millis(row, StepSides.FUSED_AGR));
    line(
        chart,
        rows,
        "memory limit of AdamW(AGR): 28/12 × subi",
        row -> LIMIT_OVER_SUBI * millis(row, StepSides.SUBI));
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapFormat.PNG);
  }

  private static double millis(StepTable.Row row, String side) {
    return row.micros().get(side) / 1000;
  }

  private static void line(
      XYChart chart, List<StepTable.Row> rows, String name, ToDoubleFunction<StepTable.Row> y) {
    chart
        .addSeries(
            name,
            rows.stream().mapToDouble(StepTable.Row::elements).toArray(),
            rows.stream().mapToDouble(y).toArray())
        .setMarker(SeriesMarkers.CIRCLE);
  }
}
