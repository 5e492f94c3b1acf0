package org.agr4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agr4j.data.ImageSplits;
import org.agr4j.train.OptimizerChoice;
import org.agr4j.train.TrainSettings;
import org.agr4j.updater.AgrMode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that determine the outcome of one run. */
public final class OneRunOptions {
  @Mixin private SettingsOptions options;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      defaultValue = "adamw-agr",
      description = "${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
  private OptimizerChoice optimizer;

  @Option(
      names = "--agr-mode",
      paramLabel = "NAME",
      description =
          "What sees the shrunk gradient: first-moment (the paper's text; the default) or "
              + "all-moments (its code).")
  private AgrMode agrMode;

  @Option(
      names = "--agr-until",
      paramLabel = "EPOCH",
      description = "Switch AGR off after this epoch. Default never.")
  private Integer agrUntil;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of the initial weights and the order of images (default ${DEFAULT-VALUE}).")
  private long seed;

  /**
   * The settings they come to.
   *
   * @throws org.agr4j.data.BadInputException if they do not fit together, or there is no such data
   */
  public TrainSettings settings() {
    return options.settings(optimizer, agrMode, agrUntil, seed);
  }

  /** The images of a run, with a bar where reading them takes long. */
  public static ImageSplits load(TrainSettings settings) {
    return SettingsOptions.load(settings);
  }

  /** Where a run's results go if nothing else is said: {@code runs/MODEL-DATA-OPTIMIZER-…-TIME}. */
  public static Path folder(TrainSettings settings, String... more) {
    List<String> parts = new ArrayList<>();
    parts.add(settings.optimizer().choice().label());
    parts.addAll(List.of(more));
    return Defaults.folder(settings, settings.model().label(), parts.toArray(String[]::new));
  }
}
