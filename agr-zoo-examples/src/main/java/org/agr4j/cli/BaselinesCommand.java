package org.agr4j.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.agr4j.input.BadInputException;
import org.agr4j.settings.Settings;
import org.agr4j.task.language.LanguageTask;
import org.agr4j.task.language.OrderBaselines;
import org.agr4j.train.Task;
import picocli.CommandLine.Command;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code agr baselines}. */
@Command(
    name = "baselines",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    modelTransformer = BaselinesCommand.WithSettings.class,
    header = "Say how well the order of sentences is told without a network.",
    description = {
      "%nTakes the options of @|bold agr train --model albert|@ and answers its test sequences: always "
          + "the same; the longer stretch first; by a bag of words, fitted to the training "
          + "sequences of an epoch. A network's SOP accuracy means something above these.%n"
    },
    footer = {"%nExample:%n  agr baselines --recipe albert --data wikitext-2.tar.gz"})
final class BaselinesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private PresetOptions presets;

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
    SettingOptions options = new SettingOptions(spec);
    Settings settings = options.settings(Map.of());
    Task task = options.open(settings, null);
    if (!(task instanceof LanguageTask)) {
      throw new BadInputException(
          "--model is not that of a language, expected --model albert or --recipe albert");
    }
    OrderBaselines found = ((LanguageTask) task).orderBaselines();
    PrintWriter lines = spec.commandLine().getOut();
    lines.println("SOP accuracy without a network, " + task.scope() + ":");
    lines.println("always the same answer %.1f%%".formatted(100 * found.constant()));
    lines.println("the longer stretch first %.1f%%".formatted(100 * found.longerFirst()));
    lines.println("bag of words %.1f%%".formatted(100 * found.bagOfWords()));
    return 0;
  }
}
