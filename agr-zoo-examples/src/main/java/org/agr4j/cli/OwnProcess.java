package org.agr4j.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agr4j.input.BadInputException;
import org.agr4j.launch.Parent;

/**
 * Runs {@code agr} in a Java machine of its own with the options of this one. What it says to
 * people goes where this process's messages go.
 */
final class OwnProcess {
  private OwnProcess() {}

  /**
   * Runs it to its end.
   *
   * @param args the command line
   * @return what it printed
   * @throws BadInputException if it failed
   */
  static String output(List<String> args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!option.startsWith("-agentlib:jdwp") && !option.startsWith("-Xrunjdwp")) {
        command.add(option);
      }
    }
    command.add(Parent.option());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(AgrCommand.class.getName());
    command.addAll(args);
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      if (status != 0) {
        throw new BadInputException(
            "agr " + String.join(" ", args) + " ended with status " + status + ", expected 0");
      }
      return output;
    } catch (IOException e) {
      throw new BadInputException("Java cannot be started: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts the main thread", e);
    }
  }
}
