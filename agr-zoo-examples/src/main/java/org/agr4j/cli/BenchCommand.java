package org.agr4j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.agr4j.benchmark.DiffusionSpeed;
import org.agr4j.benchmark.LanguageSpeed;
import org.agr4j.benchmark.NetworkSpeed;
import org.agr4j.benchmark.StepPlot;
import org.agr4j.benchmark.StepSides;
import org.agr4j.benchmark.StepTable;
import org.agr4j.benchmark.TrainingComparison;
import org.agr4j.input.BadInputException;
import org.agr4j.run.Machine;
import org.agr4j.settings.Numbers;
import org.agr4j.zoo.NamedNetwork;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
  private static final String ALBERT = "albert";
  private static final int ALBERT_LENGTH = 512;
  private static final int MOST_POSITIONS = 8192;
  private static final int MOST_PIXELS = 4096;
  private static final int RESNET_WIDTH = 64;
  private static final String UNET = "ddpm-unet";
  private static final int UNET_WIDTH = 128;
  private static final int UNET_SIDE = 32;

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
      description = {
        "Time training steps.",
        "Without --model: ResNet-18 on 32×32 images, plain DL4J and with AGR4J, in turns.",
        "With --model: any networks, with operations a second beside the machine's fastest matrix"
            + " product (multiply-adds of convolutions, dense layers and attention, times 2, times"
            + " 3 for a step; nothing else is counted). Several networks run one after the other,"
            + " each in a process of its own, so that its peak memory is its own."
      })
  int training(
      @Option(names = "--json", description = "Print JSON; an array with --model.") boolean json,
      @Option(
              names = "--model",
              paramLabel = "NAME",
              split = ",",
              description =
                  "resnet18, resnet50, resnet101, vgg11, convnext-t, swin-t, swin-s, tinyvit-5m,"
                      + " tinyvit-11m or tinyvit-21m; several with commas. Or albert or ddpm-unet, alone;"
                      + " ddpm-unet also times sampling.")
          List<String> models,
      @Option(
              names = "--side",
              paramLabel = "N",
              description =
                  "Height and width of the images, with --model (default 32 for ResNet, VGG and"
                      + " ddpm-unet, 64 for others).")
          Integer side,
      @Option(
              names = "--length",
              paramLabel = "N",
              description = "Positions of a sequence, with --model albert (default 512).")
          Integer length,
      @Option(
              names = "--groups",
              paramLabel = "N",
              description =
                  "Groups of channels in each norm, with --model ddpm-unet (default width/4, 32 at"
                      + " most).")
          Integer groups,
      @Option(
              names = "--plain",
              description = "Also time plain DL4J, with --model, where all layers are DL4J's own.")
          boolean plain,
      @Option(
              names = "--batch-size",
              paramLabel = "N",
              defaultValue = "64",
              description = "Images in a step (default ${DEFAULT-VALUE}).")
          int batchSize,
      @Option(
              names = "--width",
              paramLabel = "N",
              description =
                  "Channels of the first stage (default each network's own; ResNet: 64,"
                      + " ddpm-unet: 128).")
          Integer width,
      @Option(
              names = "--rounds",
              paramLabel = "N",
              defaultValue = "3",
              description = "Rounds of 4 steps and one of plain DL4J (default ${DEFAULT-VALUE}).")
          int rounds,
      @Mixin NetworkOptionTexts texts) {
    Numbers.between("--batch-size", batchSize, 1, MOST_IMAGES);
    if (width != null) {
      Numbers.between("--width", width, 1, MOST_CHANNELS);
    }
    if (side != null) {
      Numbers.between("--side", side, 1, MOST_PIXELS);
    }
    Numbers.between("--rounds", rounds, 1, MOST_ROUNDS);
    if (List.of(ALBERT).equals(models)) {
      if (side != null || width != null || groups != null || plain || texts.isGiven()) {
        throw new BadInputException(
            "--model albert is timed at its released size, expected no option beside it but"
                + " --length, --batch-size, --rounds and --json");
      }
      return albert(json, length == null ? ALBERT_LENGTH : length, batchSize, rounds);
    }
    if (length != null) {
      throw new BadInputException("--length is given without --model albert");
    }
    if (List.of(UNET).equals(models)) {
      if (plain || texts.isGiven()) {
        throw new BadInputException(
            "%s is given with --model ddpm-unet, expected no option beside it but --side, --width,"
                    .formatted(plain ? "--plain" : texts.args().get(0))
                + " --groups, --batch-size, --rounds and --json");
      }
      DiffusionSpeed speed =
          new DiffusionSpeed(
              side == null ? UNET_SIDE : side, width == null ? UNET_WIDTH : width, groups);
      return unet(json, speed.measure(batchSize, rounds, progress("ddpm-unet: ")));
    }
    if (groups != null) {
      throw new BadInputException("--groups is given without --model ddpm-unet");
    }
    if (models == null) {
      if (side != null || plain || texts.isGiven()) {
        throw new BadInputException(
            "%s is given alone, expected --model NAME beside it"
                .formatted(plain ? "--plain" : side != null ? "--side" : texts.args().get(0)));
      }
      return resNet18(json, batchSize, width == null ? RESNET_WIDTH : width, rounds);
    }
    List<NamedNetwork> networks = networks(models, plain);
    // Refuses at once.
    networks.forEach(network -> new NetworkSpeed(network, side, width, texts.options(network)));
    List<NetworkSpeed.Result> results = new ArrayList<>();
    for (NamedNetwork network : networks) {
      results.add(
          networks.size() == 1
              ? new NetworkSpeed(network, side, width, texts.options(network))
                  .measure(batchSize, rounds, plain, progress(network + ": "))
              : inOwnProcess(network, side, width, plain, batchSize, rounds, texts));
    }
    if (json) {
      return print(JsonMapper.builder(), results);
    }
    printSpeeds(results);
    return 0;
  }

  private int albert(boolean json, int length, int batchSize, int rounds) {
    Numbers.between("--length", length, 1, MOST_POSITIONS);
    LanguageSpeed.Result r =
        new LanguageSpeed(length).measure(batchSize, rounds, progress("albert: "));
    if (json) {
      return print(JsonMapper.builder(), r);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(Machine.here());
    out.printf(
        Locale.ROOT,
        "%nALBERT, length %d, %d predictions, batch %d: %.1f sequences/s (best step %.1f),"
            + " %.0f GFLOP/s, %.0f%% of the fastest matrix product.%nA step takes %.0f ms: forward"
            + " %.0f, backward and losses %.0f, optimizer %.1f.%n",
        r.length(),
        r.predictions(),
        r.batchSize(),
        r.sequencesPerSecond(),
        r.bestSequencesPerSecond(),
        r.gflops(),
        100 * r.shareOfMatmulPeak(),
        r.stepMillis(),
        r.forwardMillis(),
        r.backwardMillis(),
        r.optimizerMillis());
    return 0;
  }

  private int unet(boolean json, DiffusionSpeed.Result r) {
    if (json) {
      return print(JsonMapper.builder(), r);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(Machine.here());
    out.printf(
        Locale.ROOT,
        "%nU-Net of width %d, %d groups, %d×%d images, batch %d: %.1f images/s (best step %.1f),"
            + " %.0f GFLOP/s, %.0f%% of the fastest matrix product, peak memory %s.%nA step takes"
            + " %.0f ms: forward %.0f, backward and loss %.0f, optimizer %.1f. A step of DDIM takes"
            + " %.0f ms a batch, a forward pass %.0f.%n",
        r.width(),
        r.groups(),
        r.side(),
        r.side(),
        r.batchSize(),
        r.imagesPerSecond(),
        r.bestImagesPerSecond(),
        r.gflops(),
        100 * r.shareOfMatmulPeak(),
        r.peakMemoryBytes() == null
            ? "unknown"
            : String.format(Locale.ROOT, "%.2f GB", r.peakMemoryBytes() / 1e9),
        r.stepMillis(),
        r.forwardMillis(),
        r.backwardMillis(),
        r.optimizerMillis(),
        r.samplingMillis(),
        r.inferenceMillis());
    return 0;
  }

  private static List<NamedNetwork> networks(List<String> models, boolean plain) {
    List<NamedNetwork> networks = new ArrayList<>();
    for (String model : models) {
      NamedNetwork network =
          NamedNetwork.of(model)
              .orElseThrow(
                  () ->
                      new BadInputException(
                          "--model is '"
                              + model
                              + "', expected some of "
                              + String.join(", ", NamedNetwork.labels(any -> true))));
      if (plain && !network.isOfDl4jLayers()) {
        throw new BadInputException(
            "--plain is given for "
                + model
                + ", whose layers DL4J does not have; expected it with resnet18, resnet50,"
                + " resnet101 or vgg11");
      }
      networks.add(network);
    }
    return networks;
  }

  private static NetworkSpeed.Result inOwnProcess(
      NamedNetwork network,
      Integer side,
      Integer width,
      boolean plain,
      int batchSize,
      int rounds,
      NetworkOptionTexts texts) {
    List<String> args = new ArrayList<>(List.of("bench", "training", "--json"));
    args.addAll(texts.args());
    args.addAll(List.of("--model", network.label()));
    args.addAll(List.of("--batch-size", "" + batchSize, "--rounds", "" + rounds));
    if (side != null) {
      args.addAll(List.of("--side", "" + side));
    }
    if (width != null) {
      args.addAll(List.of("--width", "" + width));
    }
    if (plain) {
      args.add("--plain");
    }
    try {
      return new JsonMapper().readValue(OwnProcess.output(args), NetworkSpeed.Result[].class)[0];
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("what agr bench prints is JSON", e);
    }
  }

  private void printSpeeds(List<NetworkSpeed.Result> results) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(Machine.here());
    out.printf(
        "%n%-12s %4s %5s %9s %8s %7s %8s %8s %9s %9s %7s %8s%s%n",
        "",
        "side",
        "batch",
        "images/s",
        "GFLOP/s",
        "of peak",
        "step ms",
        "forward",
        "backward",
        "optimizer",
        "data",
        "peak GB",
        results.get(0).plainImagesPerSecond() == null ? "" : "  plain DL4J");
    for (NetworkSpeed.Result r : results) {
      out.printf(
          Locale.ROOT,
          "%-12s %4d %5d %9.1f %8.1f %6.0f%% %8.0f %8.0f %9.0f %9.1f %7.1f %8s%s%n",
          r.model(),
          r.side(),
          r.batchSize(),
          r.imagesPerSecond(),
          r.gflops(),
          100 * r.shareOfMatmulPeak(),
          r.stepMillis(),
          r.forwardMillis(),
          r.backwardMillis(),
          r.optimizerMillis(),
          r.dataMillis(),
          r.peakMemoryBytes() == null
              ? "?"
              : String.format(Locale.ROOT, "%.2f", r.peakMemoryBytes() / 1e9),
          r.plainImagesPerSecond() == null
              ? ""
              : String.format(
                  Locale.ROOT,
                  "  %.1f images/s, %.1f × as long",
                  r.plainImagesPerSecond(),
                  r.imagesPerSecond() / r.plainImagesPerSecond()));
    }
    out.printf(
        Locale.ROOT,
        "%nAdamW(AGR). Of peak: of the fastest product of large matrices in the same run, %s"
            + " GFLOP/s.%nA batch is made by another thread in training: data is not in the step.%n",
        results.stream()
            .map(r -> String.format(Locale.ROOT, "%.0f", r.matmulPeakGflops()))
            .collect(Collectors.joining(", ")));
  }

  private int resNet18(boolean json, int batchSize, int width, int rounds) {
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
    return print(
        JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE), value);
  }

  private int print(JsonMapper.Builder mapper, Object value) {
    try {
      spec.commandLine()
          .getOut()
          .println(mapper.build().writerWithDefaultPrettyPrinter().writeValueAsString(value));
      return 0;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of numbers and names is always JSON", e);
    }
  }
}
