package org.agr4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.agr4j.diffusion.DiffusionModel;
import org.agr4j.diffusion.ImageSheet;
import org.agr4j.diffusion.Sampler;
import org.agr4j.diffusion.SamplingPath;
import org.agr4j.input.BadInputException;
import org.agr4j.layers.cpu.FastCpuLayers;
import org.agr4j.run.RunFolder;
import org.agr4j.settings.Numbers;
import org.agr4j.train.DataProgress;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code agr generate}. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Draw images with a trained diffusion network.",
    description = {
      "%nWrites 00000.png, 00001.png, … and sheet.png, the first of them side by side. An image "
          + "depends on the network, the sampler, the seed and its number alone.%n"
    },
    footer = {
      "%nExamples:%n  agr generate --model-file runs/mine/model.zip --count 64 --out images",
      "  agr generate --model-file runs/mine/model.zip --count 2000 --out images "
          + "--features runs/classifier/model.zip --data cifar-10-binary.tar.gz"
    })
final class GenerateCommand implements Callable<Integer> {
  private static final int MOST_IMAGES = 1_000_000;
  private static final int LARGEST_BATCH = 10_000;
  private static final int ON_SHEET = 100;

  /** How noise becomes an image. */
  enum SamplerChoice {
    /** Song et al.'s, with some of the times. */
    DDIM,
    /** Ho et al.'s own, with all of them. */
    DDPM;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec private CommandSpec spec;

  @Option(
      names = "--model-file",
      paramLabel = "FILE",
      required = true,
      description = "model.zip of a run of agr train --model ddpm-unet.")
  private Path modelFile;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Folder for the images, new or empty.")
  private Path out;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "16",
      description = "How many images (default ${DEFAULT-VALUE}).")
  private int count;

  @Option(
      names = "--sampler",
      paramLabel = "NAME",
      defaultValue = "ddim",
      description = "ddim, or ddpm, which takes a step for every time (default ${DEFAULT-VALUE}).")
  private SamplerChoice sampler;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "ddim: steps, fewer than the network's times. Default 100, or as many as fit.")
  private Integer steps;

  @Option(
      names = "--eta",
      paramLabel = "NUMBER",
      description = "ddim: noise on the way, from 0, none, to 1 (default 0).")
  private Double eta;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of the noise (default ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "64",
      description = "Images drawn at a time; changes nothing but speed (default ${DEFAULT-VALUE}).")
  private int batchSize;

  @Mixin private SampleQuality quality;

  @Override
  public Integer call() {
    Numbers.between("--count", count, 1, MOST_IMAGES);
    Numbers.between("--batch-size", batchSize, 1, LARGEST_BATCH);
    requireEmpty();
    DiffusionModel model = DiffusionModel.open(modelFile);
    SamplingPath path = path(model);
    quality.open(model.shape(), count);
    FastCpuLayers.install(model.network());
    RunFolder folder = RunFolder.create(out);
    Sampler drawing = new Sampler(model.network(), path, model.shape(), seed);
    List<INDArray> onSheet = new ArrayList<>();
    try (DataProgress.Bar bar =
        new DataBar()
            .begin(
                "Drawing %,d images in %,d steps each".formatted(count, path.steps()),
                "Drawing",
                (long) count * path.steps(),
                " steps",
                1)) {
      for (int first = 0; first < count; first += batchSize) {
        long before = (long) first * path.steps();
        INDArray images =
            drawing.images(
                first, Math.min(batchSize, count - first), done -> bar.accept(before + done));
        quality.add(images);
        for (int i = 0; i < images.size(0); i++) {
          INDArray image = images.slice(i);
          folder.write(name(first + i), stream -> ImageSheet.writeOne(image, stream));
          if (first + i < ON_SHEET) {
            onSheet.add(image.reshape(1, image.size(0), image.size(1), image.size(2)));
          }
        }
      }
    }
    INDArray sheet = Nd4j.concat(0, onSheet.toArray(INDArray[]::new));
    folder.write("sheet.png", stream -> ImageSheet.writeAll(sheet, stream));
    PrintWriter lines = spec.commandLine().getOut();
    lines.println(
        "%,d images of %d×%d, and sheet.png of the first %d, are in %s."
            .formatted(count, model.width(), model.height(), onSheet.size(), out));
    quality.lines().forEach(lines::println);
    return 0;
  }

  private static String name(int image) {
    return String.format(Locale.ROOT, "%05d.png", image);
  }

  private void requireEmpty() {
    if (!Files.exists(out)) {
      return;
    }
    try (Stream<Path> files = Files.list(out)) {
      if (files.findAny().isPresent()) {
        throw new BadInputException(
            "--out is " + out + ", which has files already, expected a new or empty folder");
      }
    } catch (IOException e) {
      throw new BadInputException("--out is " + out + ", expected a new or empty folder", e);
    }
  }

  private SamplingPath path(DiffusionModel model) {
    int times = model.schedule().steps();
    if (sampler == SamplerChoice.DDPM) {
      if (steps != null || eta != null) {
        throw new BadInputException(
            "%s is given with --sampler ddpm, which takes all %d times, expected --sampler ddim"
                .formatted(steps != null ? "--steps" : "--eta", times));
      }
      return SamplingPath.ddpm(model.schedule());
    }
    if (steps != null) {
      Numbers.between("--steps", steps, 1, times - 1);
    }
    if (eta != null && !(eta >= 0 && eta <= 1)) {
      throw new BadInputException("--eta is " + eta + ", expected a number from 0 to 1");
    }
    return SamplingPath.ddim(
        model.schedule(), steps == null ? Math.min(100, times - 1) : steps, eta == null ? 0 : eta);
  }
}
