package org.agr4j.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options that name files with options; {@link Presets} reads them. */
public final class PresetOptions {
  @Option(
      names = "--recipe",
      paramLabel = "NAME",
      completionCandidates = Recipes.class,
      description =
          "Settings of the paper's experiments: ${COMPLETION-CANDIDATES}. Tables 3 (convnext, "
              + "swin), 4 and 7 (tinyvit) are at 64 pixels here, in place of 224, with patch 4 and "
              + "windows of 4 and 2 positions. Other options override it.")
  private String recipe;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "YAML with options as keys, for example 'learning-rate: 2e-3'; a run's settings.yaml is "
              + "one. It overrides --recipe, and options here override it.")
  private Path config;
}
