package org.agr4j.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.agr4j.input.BadInputException;
import org.agr4j.run.ProcessLock;
import org.agr4j.run.RunFolder;
import org.agr4j.settings.Numbers;
import org.agr4j.settings.Settings;
import org.agr4j.train.Companion;
import org.agr4j.train.RunOptions;
import org.agr4j.train.Task;
import org.agr4j.train.TrainResult;
import org.agr4j.train.Trainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code agr train}. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    modelTransformer = TrainCommand.WithSettings.class,
    header = "Train a network and save it with its metrics.",
    description = {
      "%nWithout @|bold --dataset|@, @|bold --data|@ and @|bold --download|@ it trains on built-in "
          + "synthetic images, small enough for a minute or two on two cores. Real data is used "
          + "only where it is asked for, and nothing is ever put in its place.%n"
    },
    footer = {
      "%nThe folder of a run holds settings.yaml, environment.yaml, metrics.jsonl (one line an "
          + "epoch), checkpoints while it runs, and model.zip (the network in DL4J's format; with "
          + "@|bold --weight-average|@ the averaged one, whose figures the metrics have, and beside "
          + "it model-unaveraged.zip, with which training can go on).",
      "%nExample:%n  agr train --dataset cifar100 --download --width 16 --limit-train 5000 "
          + "--epochs 5"
    })
final class TrainCommand implements Callable<Integer> {
  private static final int LAST_PORT = 65_535;

  @Spec private CommandSpec spec;

  @Mixin private PresetOptions presets;

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

  /** Settings are options of this command. */
  static final class WithSettings implements IModelTransformer {
    @Override
    public CommandSpec transform(CommandSpec spec) {
      SettingOptions.addTo(spec, Set.of(), List.of());
      return spec;
    }
  }

  @Override
  public Integer call() {
    PrintWriter lines = spec.commandLine().getOut();
    RunOptions carried = how.runOptions();
    RunFolder begun = RunFolders.begun(resume, out);
    if (uiAddress.isGiven() && ui == null) {
      throw new BadInputException("--ui-address is given without --ui, expected both");
    }
    uiAddress.address(); // refused before anything is loaded
    if (ui != null) {
      Numbers.between("--ui", ui, 1, LAST_PORT);
    }
    SettingOptions options = new SettingOptions(spec);
    Settings settings = options.settings(Map.of());
    if (begun != null && begun.isFinished()) {
      options.requireSame(begun, settings);
      lines.println("Nothing to do: the run in " + resume + " is finished.");
      return 0;
    }
    options.requireData(settings, resume);
    Task task = options.open(settings, null);
    RunFolder run = begun == null ? RunFolders.create(out, settings, task) : begun;
    TrainResult result;
    ProcessLock lock = run.lock();
    try {
      lines.println(task.summary());
      result = watched(settings, task, run, carried, lines);
    } finally {
      lock.close();
    }
    lines.println("Done: %s. Results are in %s.".formatted(task.result(result.last()), run.path()));
    return 0;
  }

  private TrainResult watched(
      Settings settings, Task task, RunFolder run, RunOptions carried, PrintWriter lines) {
    if (ui == null) {
      return train(settings, task, run, carried, lines);
    }
    try (TrainingUi page = new TrainingUi(uiAddress.address(), ui)) {
      page.announce(lines);
      RunOptions shown = carried.with(Companion.listening(page.listener()));
      TrainResult result = train(settings, task, run, shown, lines);
      page.waitForReader(lines);
      return result;
    }
  }

  private TrainResult train(
      Settings settings, Task task, RunFolder run, RunOptions carried, PrintWriter lines) {
    Display display = Display.choose(lines);
    return resume == null
        ? Trainer.train(settings, task, run, carried, display)
        : Trainer.resume(settings, task, run, carried, display);
  }
}
