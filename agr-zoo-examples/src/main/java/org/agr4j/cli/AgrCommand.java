package org.agr4j.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The {@code agr} command; {@link CommandRunner} has its exit status. */
@Command(
    name = "agr",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    header = "Adaptive Gradient Regularization for Deeplearning4j.",
    description =
        "Try it: @|bold agr compare|@ trains with and without AGR on built-in data and shows both.%n",
    footer = {
      "%n@|bold agr spark-train|@ trains on a Spark cluster. It is a module of its own and is built at "
          + "its first use; see @|bold agr spark-train --help|@."
    },
    subcommands = {
      TrainCommand.class,
      CompareCommand.class,
      AblateCommand.class,
      PredictCommand.class,
      BaselinesCommand.class,
      GenerateCommand.class,
      BenchCommand.class
    })
public final class AgrCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  /** Runs the command and ends the Java machine with its exit status. */
  public static void main(String[] args) {
    System.exit(CommandRunner.runInOwnProcess(new CommandLine(new AgrCommand()), args));
  }

  /**
   * Runs the command.
   *
   * @param out receives results
   * @param err receives progress and messages
   * @param args the command line
   * @return exit status
   */
  static int execute(PrintWriter out, PrintWriter err, String... args) {
    return CommandRunner.run(new CommandLine(new AgrCommand()), out, err, args);
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return CommandRunner.WRONG_USAGE;
  }
}
