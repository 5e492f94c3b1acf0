package org.agr4j.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.agr4j.data.BadInputException;
import org.agr4j.data.ImageSplits;
import org.agr4j.data.ProcessLock;
import org.agr4j.train.EpochMetrics;
import org.agr4j.train.Numbers;
import org.agr4j.train.RunFolder;
import org.agr4j.train.RunOptions;
import org.agr4j.train.TrainResult;
import org.agr4j.train.TrainSettings;
import org.agr4j.train.Trainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code agr train}. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Train a network and save it with its metrics.",
    description = {
      "%nWithout @|bold --dataset|@, @|bold --data|@ and @|bold --download|@ it trains on built-in "
          + "synthetic images, small enough for a minute or two on two cores. Real data is used "
          + "only where it is asked for, and nothing is ever put in its place.%n"
    },
    footer = {
      "%nThe folder of a run holds settings.yaml, environment.yaml, metrics.jsonl (one line an "
          + "epoch), checkpoints while it runs, and model.zip (the network in DL4J's format).",
      "%nExample:%n  agr train --dataset cifar100 --download --width 16 --limit-train 5000 "
          + "--epochs 5"
    })
final class TrainCommand implements Callable<Integer> {
  private static final int LAST_PORT = 65_535;

  @Spec private CommandSpec spec;

  @Mixin private OneRunOptions options;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for the results, new or empty. Default runs/MODEL-DATA-OPTIMIZER-TIME.")
  private Path out;

  @Option(
      names = "--resume",
      paramLabel = "DIR",
      description = "Continue the run in that folder from its last checkpoint.")
  private Path resume;

  @Option(
      names = "--ui",
      paramLabel = "PORT",
      arity = "0..1",
      fallbackValue = "9000",
      description = "Show the training in a web page of DL4J's, on that port (${FALLBACK-VALUE}).")
  private Integer ui;

  @Mixin private UiAddressOption uiAddress;

  @Mixin private CarryingOutOptions how;

  @Override
  public Integer call() {
    PrintWriter lines = spec.commandLine().getOut();
    RunOptions carried = how.runOptions();
    if (resume != null && out != null) {
      throw new BadInputException("--resume and --out exclude each other");
    }
    if (uiAddress.isGiven() && ui == null) {
      throw new BadInputException("--ui-address is given without --ui, expected both");
    }
    if (ui != null) {
      Numbers.between("--ui", ui, 1, LAST_PORT);
    }
    uiAddress.address(); // refused before anything is loaded
    RunFolder begun = resume == null ? null : RunFolder.existing(resume);
    TrainSettings settings = options.settings();
    if (begun != null && begun.isFinished()) {
      OneRunOptions.requireSame(begun, settings);
      lines.println("Nothing to do: the run in " + resume + " is finished.");
      return 0;
    }
    OneRunOptions.requireData(settings, spec.name(), resume);
    ImageSplits images = OneRunOptions.load(settings);
    RunFolder run =
        begun == null
            ? RunFolder.create(out == null ? OneRunOptions.folder(settings) : out)
            : begun;
    TrainResult result;
    ProcessLock lock = run.lock();
    try {
      lines.println(settings.summary(images.train().classes()));
      result = watched(settings, images, run, carried, lines);
    } finally {
      lock.close();
    }
    EpochMetrics last = result.last();
    lines.println(
        "Done: top-1 %.1f%%, top-5 %.1f%% of %,d test images. Results are in %s."
            .formatted(100 * last.top1(), 100 * last.top5(), settings.limitTest(), run.path()));
    return 0;
  }

  private TrainResult watched(
      TrainSettings settings,
      ImageSplits images,
      RunFolder run,
      RunOptions carried,
      PrintWriter lines) {
    if (ui == null) {
      return train(settings, images, run, carried, lines);
    }
    try (TrainingUi page = new TrainingUi(uiAddress.address(), ui)) {
      page.announce(lines);
      TrainResult result = train(settings, images, run, carried.with(page.listener()), lines);
      page.waitForReader(lines);
      return result;
    }
  }

  private TrainResult train(
      TrainSettings settings,
      ImageSplits images,
      RunFolder run,
      RunOptions carried,
      PrintWriter lines) {
    Display display = Display.choose(lines);
    return resume == null
        ? Trainer.train(settings, images, run, carried, display)
        : Trainer.resume(settings, images, run, carried, display);
  }
}
