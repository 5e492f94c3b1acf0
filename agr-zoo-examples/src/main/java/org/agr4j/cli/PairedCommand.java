package org.agr4j.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.agr4j.compare.Arm;
import org.agr4j.compare.PairedRuns;
import org.agr4j.input.BadInputException;
import org.agr4j.launch.ShellCommand;
import org.agr4j.optimizer.OptimizerSettings;
import org.agr4j.report.Comparison;
import org.agr4j.report.ComparisonReport;
import org.agr4j.report.Judgement;
import org.agr4j.report.Looks;
import org.agr4j.run.EpochRecord;
import org.agr4j.run.RunFolder;
import org.agr4j.settings.Facts;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Numbers;
import org.agr4j.settings.Settings;
import org.agr4j.train.Measure;
import org.agr4j.train.RunOptions;
import org.agr4j.train.Task;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What {@code agr compare} and {@code agr ablate} have in common: arms, seeds, a folder. */
abstract class PairedCommand implements Callable<Integer> {
  private static final int MOST_SEEDS = 10_000;
  private static final double DEFAULT_MARGIN = 0.5;

  @Spec private CommandSpec spec;

  @Mixin private PresetOptions presets;

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

  @Option(
      names = "--plan",
      paramLabel = "POINTS",
      description =
          "Say how many seeds a difference of this size would need, from the seeds so far.")
  private Double plan;

  @Option(
      names = "--margin",
      paramLabel = "POINTS",
      description =
          "A difference that would not matter: said to be shown where the seeds show it. Default 0.5 "
              + "where points of a percentage are compared.")
  private Double margin;

  @Mixin private CarryingOutOptions how;

  private Task opened; // the last, whose data the next may use again

  /**
   * The arms that the given settings ask for.
   *
   * @param options the settings that were given
   */
  abstract List<Arm> arms(SettingOptions options);

  @Override
  public Integer call() {
    PrintWriter lines = spec.commandLine().getOut();
    RunOptions carried = how.runOptions();
    requirePositive("--plan", plan);
    requirePositive("--margin", margin);
    RunFolder begun = RunFolders.begun(resume, out);
    SettingOptions options = new SettingOptions(spec);
    List<Arm> arms = arms(options);
    List<Long> all = seeds();
    // Every side's settings before the first is trained: a mistake is found at once.
    Map<Arm, Settings> sides = new LinkedHashMap<>();
    arms.forEach(arm -> sides.put(arm, options.settings(arm.given())));
    Settings first = sides.get(arms.get(0));
    Function<Settings, Task> tasks = settings -> opened = options.open(settings, opened);
    options.requireData(first, resume);
    Task task = tasks.apply(first);
    RunFolder folder = begun != null ? begun : RunFolders.create(out, spec.name(), task);
    PairedRuns runs = new PairedRuns(folder.path(), arms, all);
    BiFunction<Arm, Long, Settings> settings =
        (arm, seed) -> sides.get(arm).with(LoopSettings.SEED, seed);
    runs.requireSame(settings);
    folder.write(RunFolder.SETTINGS, Presets.used(spec)); // a resumed one may have more seeds now
    lines.println(
        "%d runs on %s; to go on after an interruption: %s %s --resume %s"
            .formatted(
                arms.size() * all.size(),
                task.scope(),
                ShellCommand.program(),
                spec.name(),
                ShellCommand.word(folder.path())));
    runs.train(settings, tasks, carried, Display.choose(lines));
    List<String> elsewhere = runs.missing();
    if (!elsewhere.isEmpty()) {
      lines.println(
          "Still with another process, which will write the report: "
              + String.join(", ", elsewhere));
      return 0;
    }
    ComparisonReport report =
        ComparisonReport.write(comparison(runs, sides, task, all, folder), folder);
    lines.println();
    report.lines().forEach(lines::println);
    lines.println("\nThe report is " + ComparisonReport.page(folder) + ".");
    return 0;
  }

  private Comparison comparison(
      PairedRuns runs, Map<Arm, Settings> sides, Task task, List<Long> all, RunFolder folder) {
    Map<Arm, SortedMap<Long, List<EpochRecord>>> finished = runs.finished();
    finished.entrySet().removeIf(arm -> arm.getValue().isEmpty()); // all of its runs diverged
    Map<String, Settings> titled = new LinkedHashMap<>();
    sides.forEach((arm, settings) -> titled.put(arm.title(), settings));
    List<String> facts = new ArrayList<>(Facts.of(titled));
    facts.add("seeds " + all.stream().map(String::valueOf).collect(Collectors.joining(", ")));
    facts.addAll(runs.machines());
    return new Comparison(
        task.title(),
        facts,
        "%s %s --config %s"
            .formatted(
                ShellCommand.program(),
                spec.name(),
                ShellCommand.word(folder.path().resolve(RunFolder.SETTINGS))),
        sides.values().iterator().next().get(OptimizerSettings.TENSORS),
        task.measures(),
        finished,
        runs.diverged(),
        runs.statistics(),
        judgement(task.measures().get(0), folder, finished));
  }

  private Judgement judgement(
      Measure measure, RunFolder folder, Map<Arm, SortedMap<Long, List<EpochRecord>>> finished) {
    Set<Long> seen = new TreeSet<>();
    finished.values().forEach(bySeed -> seen.addAll(bySeed.keySet()));
    double within = margin != null ? margin : measure.isFraction() ? DEFAULT_MARGIN : 0;
    return new Judgement(new Looks(folder).at(seen), within, plan == null ? 0 : plan);
  }

  private static void requirePositive(String option, Double points) {
    if (points != null && !(points > 0 && points < Double.POSITIVE_INFINITY)) {
      throw new BadInputException(option + " is " + points + ", expected a number > 0");
    }
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
