package org.agr4j.cli;

import java.util.List;
import org.agr4j.compare.Arm;
import org.agr4j.data.BadInputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code agr compare}. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    sortOptions = false,
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
          "At least one; what sees AGR's gradient may follow, as in adamw-agr:all-moments "
              + "(default ${DEFAULT-VALUE}).")
  private List<String> optimizers;

  @Override
  List<Arm> arms() {
    List<Arm> arms = optimizers.stream().map(Arm::parse).toList();
    if (arms.stream().map(Arm::name).distinct().count() < arms.size()) {
      throw new BadInputException("--optimizers is " + optimizers + ", expected different ones");
    }
    return arms;
  }
}
