package org.agr4j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.agr4j.benchmark.StepPlot;
import org.agr4j.benchmark.StepSides;
import org.agr4j.benchmark.StepTable;
import org.agr4j.benchmark.TrainingComparison;
import org.agr4j.run.Machine;
import org.agr4j.settings.Numbers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code agr bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    header = "Measure on this machine, in under two minutes each.",
    description = "%nQuote the ratios: all sides run in one process, in turns.%n")
final class BenchCommand implements Callable<Integer> {
  private static final int MOST_SECONDS = 3600;
  private static final int MOST_IMAGES = 65_536;
  private static final int MOST_CHANNELS = 8192;
  private static final int MOST_ROUNDS = 100_000;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return 2;
  }

  @Command(
      name = "step",
      mixinStandardHelpOptions = true,
      description = "Time one optimizer step: DL4J's Adam, AdamW and Adan with AGR, subi.")
  int step(
      @Option(names = "--json", description = "Print JSON.") boolean json,
      @Option(
              names = "--seconds",
              paramLabel = "N",
              defaultValue = "8",
              description = "Measured time for each block (default ${DEFAULT-VALUE}).")
          int seconds,
      @Option(
              names = "--plot",
              paramLabel = "FILE",
              description = "Measure over the number of parameters instead and draw it, as PNG.")
          Path plot)
      throws IOException {
    Numbers.between("--seconds", seconds, 1, MOST_SECONDS);
    if (plot != null) {
      StepPlot.write(plot, StepTable.sweep(1000L * seconds, progress("measuring ")));
      spec.commandLine().getOut().println("Drawn to " + plot);
      return 0;
    }
    List<StepTable.Row> rows = StepTable.measure(1000L * seconds, progress("measuring "));
    if (json) {
      return print(Map.of("machine", Machine.here(), "blocks", rows));
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(Machine.here());
    out.printf(
        Locale.ROOT,
        "%n%-26s %7s %11s %10s %10s %10s %10s %10s %10s%n",
        "median µs a step",
        "tensors",
        "elements",
        "DL4J Adam",
        "AdamW(AGR)",
        "AdamW",
        "Adan(AGR)",
        "ND4J ops",
        "subi");
    for (StepTable.Row row : rows) {
      out.printf(
          Locale.ROOT,
          "%-26s %7d %,11d %,10.0f %,10.0f %,10.0f %,10.0f %,10.0f %,10.0f%n",
          row.block(),
          row.tensors(),
          row.elements(),
          row.micros().get(StepSides.DL4J_ADAM),
          row.micros().get(StepSides.FUSED_AGR),
          row.micros().get(StepSides.FUSED_OFF),
          row.micros().get(StepSides.ADAN_AGR),
          row.micros().get(StepSides.OPS_AGR),
          row.micros().get(StepSides.SUBI));
    }
    out.printf(
        "%n%-26s %22s %22s %18s %14s%n",
        "ratios", "AdamW(AGR)/DL4J Adam", "Adan(AGR)/DL4J Adam", "AdamW(AGR)/subi", "AGR on/off");
    for (StepTable.Row row : rows) {
      out.printf(
          Locale.ROOT,
          "%-26s %22.3f %22.3f %18.2f %14.3f%n",
          row.block(),
          row.overDl4jAdam(),
          row.adanOverDl4jAdam(),
          row.overSubi(),
          row.agrOnOverOff());
    }
    return 0;
  }

  @Command(
      name = "training",
      mixinStandardHelpOptions = true,
      description = "Time training steps of ResNet-18 on 32×32 images, plain DL4J and with AGR4J.")
  int training(
      @Option(names = "--json", description = "Print JSON.") boolean json,
      @Option(
              names = "--batch-size",
              paramLabel = "N",
              defaultValue = "64",
              description = "Images in a step (default ${DEFAULT-VALUE}).")
          int batchSize,
      @Option(
              names = "--width",
              paramLabel = "N",
              defaultValue = "64",
              description = "Channels of the first stage (default ${DEFAULT-VALUE}).")
          int width,
      @Option(
              names = "--rounds",
              paramLabel = "N",
              defaultValue = "3",
              description = "Rounds of 4 steps and one of plain DL4J (default ${DEFAULT-VALUE}).")
          int rounds) {
    Numbers.between("--batch-size", batchSize, 1, MOST_IMAGES);
    Numbers.between("--width", width, 1, MOST_CHANNELS);
    Numbers.between("--rounds", rounds, 1, MOST_ROUNDS);
    TrainingComparison.Result r =
        TrainingComparison.measure(batchSize, width, rounds, progress("ResNet-18: "));
    if (json) {
      return print(Map.of("machine", Machine.here(), "training", r));
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(Machine.here());
    out.println(r.helpers());
    out.printf(
        Locale.ROOT,
        "%nResNet-18, width %d, batch %d          images/s%n"
            + "plain DL4J, AdamW(AGR)         %16.1f%n"
            + "with helpers, AdamW(AGR)       %16.1f   %.1f × plain%n"
            + "with helpers, AdamW            %16.1f   AGR costs %+.1f%%%n"
            + "%nA step takes %.0f ms: forward and backward %.0f ms, optimizer and decay %.1f ms"
            + " (%.1f%%), reading the loss %.2f ms.%n"
            + "Meanwhile another thread makes the next batch from bytes, %.1f ms.%n",
        r.width(),
        r.batchSize(),
        r.plainImagesPerSecond(),
        r.imagesPerSecond(),
        r.speedUp(),
        r.imagesPerSecondAgrOff(),
        100 * r.agrCost(),
        r.stepMillis(),
        r.stepMillis() - r.updateMillis(),
        r.updateMillis(),
        100 * r.updateShare(),
        r.scoreMillis(),
        r.dataMillis());
    return 0;
  }

  private Consumer<String> progress(String prefix) {
    PrintWriter err = spec.commandLine().getErr();
    return what -> err.println(prefix + what + " ...");
  }

  private int print(Object value) {
    try {
      spec.commandLine()
          .getOut()
          .println(
              JsonMapper.builder()
                  .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                  .build()
                  .writerWithDefaultPrettyPrinter()
                  .writeValueAsString(value));
      return 0;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of numbers and names is always JSON", e);
    }
  }
}
