package org.agr4j.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.agr4j.compare.Arm;
import org.agr4j.compare.PairedRuns;
import org.agr4j.data.BadInputException;
import org.agr4j.data.ImageSplits;
import org.agr4j.report.Comparison;
import org.agr4j.report.ComparisonReport;
import org.agr4j.train.EpochMetrics;
import org.agr4j.train.Numbers;
import org.agr4j.train.RunFolder;
import org.agr4j.train.RunOptions;
import org.agr4j.train.TrainSettings;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What {@code agr compare} and {@code agr ablate} have in common: arms, seeds, a folder. */
abstract class PairedCommand implements Callable<Integer> {
  private static final int MOST_SEEDS = 10_000;

  @Spec private CommandSpec spec;

  @Mixin private SettingsOptions options;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      split = ",",
      defaultValue = "4",
      description =
          "How many seeds, 1 to N, or which: 3,5,8. Each gives all sides the same initial weights "
              + "and the same batches (default ${DEFAULT-VALUE}).")
  private List<Long> seeds;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for runs and report, new or empty. Default runs/COMMAND-DATA-TIME.")
  private Path out;

  @Option(
      names = "--resume",
      paramLabel = "DIR",
      description =
          "Continue what was begun in that folder. In a second terminal, at the same time: share "
              + "the work.")
  private Path resume;

  @Mixin private CarryingOutOptions how;

  /** What to compare. */
  abstract List<Arm> arms();

  @Override
  public Integer call() {
    PrintWriter lines = spec.commandLine().getOut();
    RunOptions carried = how.runOptions();
    if (resume != null && out != null) {
      throw new BadInputException("--resume and --out exclude each other");
    }
    List<Arm> arms = arms();
    List<Long> all = seeds();
    // Every side's settings before the first is trained: a mistake is found at once.
    Map<Arm, TrainSettings> sides = new LinkedHashMap<>();
    arms.forEach(arm -> sides.put(arm, settings(arm, all.get(0))));
    TrainSettings first = sides.get(arms.get(0));
    SettingsOptions.requireData(first, spec.name(), resume);
    ImageSplits images = SettingsOptions.load(first);
    RunFolder folder =
        resume != null
            ? RunFolder.existing(resume)
            : RunFolder.create(out == null ? Defaults.folder(first, spec.name()) : out);
    PairedRuns runs = new PairedRuns(folder.path(), arms, all);
    runs.requireSame(this::settings);
    folder.write(RunFolder.SETTINGS, Presets.used(spec)); // a resumed one may have more seeds now
    lines.println(
        "%d runs on %,d %s images, testing on %,d; to go on after an interruption: ./agr %s --resume %s"
            .formatted(
                arms.size() * all.size(),
                first.limitTrain(),
                first.dataTitle(),
                first.limitTest(),
                spec.name(),
                ShellCommand.word(folder.path())));
    runs.train(this::settings, images, carried, Display.choose(lines));
    List<String> elsewhere = runs.missing();
    if (!elsewhere.isEmpty()) {
      lines.println(
          "Still with another process, which will write the report: "
              + String.join(", ", elsewhere));
      return 0;
    }
    ComparisonReport report = ComparisonReport.write(comparison(runs, sides, all, folder), folder);
    lines.println();
    report.lines().forEach(lines::println);
    lines.println("\nThe report is " + ComparisonReport.page(folder) + ".");
    return 0;
  }

  private Comparison comparison(
      PairedRuns runs, Map<Arm, TrainSettings> sides, List<Long> all, RunFolder folder) {
    TrainSettings first = sides.values().iterator().next();
    Map<Arm, SortedMap<Long, List<EpochMetrics>>> finished = runs.finished();
    finished.entrySet().removeIf(arm -> arm.getValue().isEmpty()); // all of its runs diverged
    return new Comparison(
        "%s, width %d, on %s images".formatted(first.model(), first.width(), first.dataTitle()),
        ComparisonFacts.of(sides, all, runs.machines()),
        "./agr %s --config %s"
            .formatted(spec.name(), ShellCommand.word(folder.path().resolve(RunFolder.SETTINGS))),
        first.optimizer().tensors(),
        finished,
        runs.diverged(),
        runs.statistics());
  }

  private TrainSettings settings(Arm arm, long seed) {
    return options.settings(arm.optimizer(), arm.mode(), arm.agrUntil(), seed);
  }

  private List<Long> seeds() {
    if (seeds.size() == 1) {
      Numbers.between("--seeds", seeds.get(0), 1, MOST_SEEDS);
      return LongStream.rangeClosed(1, seeds.get(0)).boxed().toList();
    }
    if (new TreeSet<>(seeds).size() < seeds.size()) {
      throw new BadInputException("--seeds is " + seeds + ", expected different numbers");
    }
    return seeds;
  }
}
