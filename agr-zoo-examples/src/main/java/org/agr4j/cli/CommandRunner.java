package org.agr4j.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.agr4j.launch.Arguments;
import org.agr4j.launch.Parent;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Runs a command: reads options from the files its arguments name, and makes one line of every
 * mistake of a user. Exit status: 0 done, 1 bad input, 2 wrong usage, 3 a defect.
 */
public final class CommandRunner {
  static final int WRONG_USAGE = 2;
  private static final int BAD_INPUT = 1;
  private static final int DEFECT = 3;

  /** How a message about an option begins. */
  private static final Pattern ABOUT = Pattern.compile("(--[a-z-]+) (?:is|has) ");

  private CommandRunner() {}

  /**
   * Runs a command in the process that was started for it.
   *
   * @param line the command
   * @param args what Java gives to {@code main}
   * @return exit status
   */
  public static int runInOwnProcess(CommandLine line, String... args) {
    PrintWriter err = new PrintWriter(System.err, true);
    Parent.endWithIt();
    try {
      return run(line, new PrintWriter(System.out, true), err, Arguments.asWritten(args));
    } catch (IllegalArgumentException e) {
      err.println("agr: " + e.getMessage());
      return BAD_INPUT;
    }
  }

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
    // One form of numbers in messages, files and figures, whatever the system's language.
    Locale.setDefault(Locale.ROOT);
    // Figures are written without a temporary file, for which there may be no folder.
    ImageIO.setUseCache(false);
    line.setOut(out)
        .setErr(err)
        .setExpandAtFiles(false) // a file may be called @this
        .setInterpolateVariables(false) // or ${this}; help alone has variables
        .setExecutionStrategy(
            parsed -> {
              line.setInterpolateVariables(true);
              return new RunLast().execute(parsed);
            })
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
    } catch (Exception | LinkageError | VirtualMachineError e) {
      return failed(e, line);
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
    String from =
        e.getArgSpec() instanceof OptionSpec option
            ? Presets.origin(command, option.longestName())
            : "";
    command.getErr().println("agr: " + FailureLine.inOneLine(e.getMessage()) + from + "; " + hint);
    return WRONG_USAGE;
  }

  private static int failed(Throwable e, CommandLine command) {
    Optional<String> line = FailureLine.of(e);
    if (line.isPresent()) {
      Matcher about = ABOUT.matcher(line.get());
      String from = about.lookingAt() ? Presets.origin(command, about.group(1)) : "";
      command.getErr().println("agr: " + line.get() + from);
      return BAD_INPUT;
    }
    command.getErr().println("agr: a defect in agr, please report it:");
    e.printStackTrace(command.getErr());
    return DEFECT;
  }
}
