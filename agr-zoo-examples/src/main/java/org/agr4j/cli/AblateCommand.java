package org.agr4j.cli;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.agr4j.compare.Arm;
import org.agr4j.input.BadInputException;
import org.agr4j.optimizer.OptimizerChoice;
import org.agr4j.optimizer.OptimizerSettings;
import org.agr4j.settings.LoopSettings;
import org.agr4j.updater.AgrMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** {@code agr ablate}. */
@Command(
    name = "ablate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    modelTransformer = AblateCommand.WithSettings.class,
    header = "Switch AGR off after different epochs and show what differs: the paper's Table 7.",
    footer = {
      "%nExamples:%n  agr ablate --agr-until 0,1,2,3 --seeds 2%n"
          + "  agr ablate --recipe tinyvit --agr-until 0,100,150,200,250,300 --download   (Table 7)"
    })
final class AblateCommand extends PairedCommand {
  @Option(
      names = "--agr-until",
      paramLabel = "EPOCH",
      split = ",",
      defaultValue = "0,1,2,3",
      description = "Epochs after which AGR is off; 0 is never on (default ${DEFAULT-VALUE}).")
  private List<Integer> agrUntil;

  /** Settings are options of this command, but for those that its runs differ in. */
  static final class WithSettings implements IModelTransformer {
    @Override
    public CommandSpec transform(CommandSpec spec) {
      SettingOptions.addTo(spec, Set.of(OptimizerSettings.AGR_UNTIL, LoopSettings.SEED), List.of());
      return spec;
    }
  }

  @Override
  List<Arm> arms(SettingOptions options) {
    Map<String, Object> given = options.given();
    OptimizerChoice optimizer =
        (OptimizerChoice)
            given.getOrDefault(OptimizerSettings.OPTIMIZER.name(), OptimizerChoice.ADAMW_AGR);
    if (!optimizer.shrinks()) {
      throw new BadInputException(
          "--optimizer is " + optimizer + ", expected adamw-agr, adan-agr or their placebos");
    }
    AgrMode mode =
        (AgrMode) given.getOrDefault(OptimizerSettings.AGR_MODE.name(), AgrMode.FIRST_MOMENT);
    TreeSet<Integer> rising = new TreeSet<>(agrUntil); // as the figure's axis
    if (rising.size() < agrUntil.size()) {
      throw new BadInputException("--agr-until is " + agrUntil + ", expected different epochs");
    }
    return rising.stream().map(epoch -> new Arm(optimizer, mode, epoch)).toList();
  }
}
