package org.agr4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agr4j.data.ImageSplits;
import org.agr4j.train.DataDigest;
import org.agr4j.train.OptimizerChoice;
import org.agr4j.train.RunFolder;
import org.agr4j.train.TrainSettings;
import org.agr4j.train.Trainer;
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

  /**
   * Makes sure that a finished run is the one that was asked for; its images are read only where
   * they are said to be elsewhere now.
   *
   * @throws org.agr4j.data.BadInputException if it was begun with other settings or images
   */
  public static void requireSame(RunFolder finished, TrainSettings settings) {
    Trainer.requireSameSettings(finished, settings);
    requireSameData(finished, settings);
  }

  /** The part of {@link #requireSame} about images. */
  public static void requireSameData(RunFolder finished, TrainSettings settings) {
    if (DataDigest.isElsewhere(finished, settings)) {
      DataDigest.require(finished, settings, load(settings));
    }
  }

  /**
   * Makes sure that the data of a run lie where it says.
   *
   * @param settings of the run
   * @param command the command's name
   * @param resume the run's folder; null for one that begins
   * @throws org.agr4j.data.BadInputException if an old run's data are gone, with what to do
   */
  public static void requireData(TrainSettings settings, String command, Path resume) {
    SettingsOptions.requireData(settings, command, resume);
  }

  /** Where a run's results go if nothing else is said: {@code runs/MODEL-DATA-OPTIMIZER-…-TIME}. */
  public static Path folder(TrainSettings settings, String... more) {
    List<String> parts = new ArrayList<>();
    parts.add(settings.optimizer().choice().label());
    parts.addAll(List.of(more));
    return Defaults.folder(settings, settings.model().label(), parts.toArray(String[]::new));
  }
}
