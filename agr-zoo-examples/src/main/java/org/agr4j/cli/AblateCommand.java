package org.agr4j.cli;

import java.util.List;
import java.util.TreeSet;
import org.agr4j.compare.Arm;
import org.agr4j.data.BadInputException;
import org.agr4j.train.OptimizerChoice;
import org.agr4j.updater.AgrMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code agr ablate}. */
@Command(
    name = "ablate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Switch AGR off after different epochs and show what differs: the paper's Table 7.",
    footer = {"%nExample:%n  agr ablate --agr-until 0,1,2,3 --seeds 2"})
final class AblateCommand extends PairedCommand {
  @Option(
      names = "--agr-until",
      paramLabel = "EPOCH",
      split = ",",
      defaultValue = "0,1,2,3",
      description = "Epochs after which AGR is off; 0 is never on (default ${DEFAULT-VALUE}).")
  private List<Integer> agrUntil;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      defaultValue = "adamw-agr",
      description = "adamw-agr or adan-agr (default ${DEFAULT-VALUE}).")
  private OptimizerChoice optimizer;

  @Option(
      names = "--agr-mode",
      paramLabel = "NAME",
      defaultValue = "first-moment",
      description = "first-moment or all-moments (default ${DEFAULT-VALUE}).")
  private AgrMode agrMode;

  @Override
  List<Arm> arms() {
    if (!optimizer.isAgr()) {
      throw new BadInputException(
          "--optimizer is " + optimizer + ", expected adamw-agr or adan-agr");
    }
    TreeSet<Integer> rising = new TreeSet<>(agrUntil); // as the figure's axis
    if (rising.size() < agrUntil.size()) {
      throw new BadInputException("--agr-until is " + agrUntil + ", expected different epochs");
    }
    return rising.stream().map(epoch -> new Arm(optimizer, agrMode, epoch)).toList();
  }
}
