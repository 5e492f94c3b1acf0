package org.agr4j.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options that name files with options; {@link Presets} reads them. */
public final class PresetOptions {
  @Option(
      names = "--recipe",
      paramLabel = "NAME",
      description = "The paper's settings: cifar100 or tiny-imagenet. Other options override it.")
  private String recipe;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "YAML with options as keys, for example 'learning-rate: 2e-3'; a run's settings.yaml is "
              + "one. It overrides --recipe, and options here override it.")
  private Path config;
}
