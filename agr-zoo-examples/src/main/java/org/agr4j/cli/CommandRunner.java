package org.agr4j.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.agr4j.data.BadInputException;
import org.agr4j.updater.NonFiniteGradientException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Runs a command: reads options from the files its arguments name, and makes one line of every
 * mistake of a user. Exit status: 0 done, 1 bad input, 2 wrong usage, 3 a defect.
 */
public final class CommandRunner {
  static final int WRONG_USAGE = 2;
  private static final int BAD_INPUT = 1;
  private static final int DEFECT = 3;

  private CommandRunner() {}

  /**
   * Runs a command or the subcommand its first argument names.
   *
   * @param line the command
   * @param out receives results
   * @param err receives progress and messages
   * @param args the command line
   * @return exit status
   */
  public static int run(CommandLine line, PrintWriter out, PrintWriter err, String... args) {
    // One form of numbers in messages, whatever the system's language.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    line.setOut(out)
        .setErr(err)
        .setUsageHelpAutoWidth(true)
        .setParameterExceptionHandler(CommandRunner::wrongUsage)
        .setExecutionExceptionHandler((e, command, parsed) -> failed(e, command));
    try {
      Choices.register(line);
      line.getSubcommands().values().forEach(Choices::register);
      if (line.getSubcommands().isEmpty()) {
        Presets.apply(line, args);
      } else if (args.length > 0 && line.getSubcommands().containsKey(args[0])) {
        Presets.apply(line.getSubcommands().get(args[0]), Arrays.copyOfRange(args, 1, args.length));
      }
      return line.execute(args);
    } catch (BadInputException e) {
      err.println("agr: " + oneLine(e.getMessage()));
      return BAD_INPUT;
    } catch (OutOfMemoryError e) {
      err.println(
          "agr: out of memory (%s): lower --batch-size or --width, or set AGR_JAVA_OPTS=-Xmx…"
              .formatted(e.getMessage()));
      return BAD_INPUT;
    }
  }

  private static int wrongUsage(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String hint = "try '" + command.getCommandSpec().qualifiedName() + " --help'";
    if (e instanceof UnmatchedArgumentException unmatched) {
      List<String> suggestions = unmatched.getSuggestions();
      if (!suggestions.isEmpty()) {
        hint = "did you mean " + suggestions.get(0) + "? " + hint;
      }
    }
    command.getErr().println("agr: " + oneLine(e.getMessage()) + "; " + hint);
    return WRONG_USAGE;
  }

  private static int failed(Exception e, CommandLine command) {
    if (e instanceof NonFiniteGradientException) {
      command
          .getErr()
          .println("agr: training diverged: " + e.getMessage() + "; lower --learning-rate");
      return BAD_INPUT;
    }
    if (e instanceof BadInputException) {
      command.getErr().println("agr: " + oneLine(e.getMessage()));
      return BAD_INPUT;
    }
    command.getErr().println("agr: a defect in agr, please report it:");
    e.printStackTrace(command.getErr());
    return DEFECT;
  }

  private static String oneLine(String message) {
    return String.valueOf(message).strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
