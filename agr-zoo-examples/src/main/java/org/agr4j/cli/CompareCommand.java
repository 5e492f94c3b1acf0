package org.agr4j.cli;

import java.util.List;
import java.util.Set;
import org.agr4j.compare.Arm;
import org.agr4j.compare.Arms;
import org.agr4j.input.BadInputException;
import org.agr4j.optimizer.OptimizerSettings;
import org.agr4j.settings.LoopSettings;
import org.agr4j.train.DataProgress;
import picocli.CommandLine.Command;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** {@code agr compare}. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    modelTransformer = CompareCommand.WithSettings.class,
    header = "Train with several optimizers, paired by seed, and show what differs.",
    description = {
      "%nWithout options: AdamW and AdamW(AGR), four seeds, on built-in synthetic images, about two "
          + "minutes on two cores.%n"
    },
    footer = {
      "%nExample:%n  agr compare --dataset cifar100 --download --width 16 --limit-train 10000 "
          + "--epochs 12 --optimizers adamw,adamw-agr,adamw-agr:all-moments"
    })
final class CompareCommand extends PairedCommand {
  @Option(
      names = "--optimizers",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "adamw,adamw-agr",
      description =
          "At least one; what sees AGR's gradient may follow, and --tensors all for this one, as in "
              + "adamw-agr:all-moments:all-tensors (default ${DEFAULT-VALUE}).")
  private List<String> optimizers;

  @Option(
      names = "--arms",
      paramLabel = "NAME=VALUE",
      split = ",",
      description =
          "Vary settings, too, as in learning-rate=1e-3,3e-3,weight-decay=0,1e-2: each value with "
              + "each other and each optimizer. One value is held against what it is by default.")
  private List<String> varied = List.of();

  /** Settings are options of this command, but for those that --optimizers and --seeds give. */
  static final class WithSettings implements IModelTransformer {
    @Override
    public CommandSpec transform(CommandSpec spec) {
      SettingOptions.addTo(
          spec,
          Set.of(
              OptimizerSettings.OPTIMIZER,
              OptimizerSettings.AGR_MODE,
              OptimizerSettings.AGR_UNTIL,
              LoopSettings.SEED),
          List.of());
      return spec;
    }
  }

  @Override
  List<Arm> arms(SettingOptions options) {
    List<Arm> arms =
        Arms.cross(
            optimizers.stream().map(Arm::parse).toList(),
            varied,
            options.type().settings(DataProgress.SILENT),
            arm -> options.settings(arm.given()));
    if (arms.stream().map(Arm::name).distinct().count() < arms.size()) {
      throw new BadInputException("--optimizers is " + optimizers + ", expected different ones");
    }
    return arms;
  }
}
