package org.agr4j.launch;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Starts {@code java -jar agr.jar}: a second Java machine with the options and the environment that
 * a running one cannot give itself. Standard streams, arguments and exit status are the same in
 * both, and neither outlives the other.
 *
 * <p>AGR_JAVA_OPTS is read as the shell's launcher reads it. Options given to this machine ({@code
 * java -Xmx16g -jar agr.jar}) hold for the second one, except those of a debugger, whose port is
 * taken.
 */
public final class JarLauncher {
  private static final String COMMAND = "org.agr4j.cli.AgrCommand";
  private static final String JAVA_OPTIONS = "AGR_JAVA_OPTS";
  private static final int BAD_INPUT = 1;

  private JarLauncher() {}

  /** Runs the command in a machine of its own and ends with its exit status. */
  public static void main(String[] args) {
    if (args.length > 0 && args[0].equals("spark-train")) {
      refuse(
          "spark-train is in a jar of its own, agr-spark-cluster.jar, which 'mvn package' makes for"
              + " spark-submit; in a checkout ./agr spark-train runs it");
    }
    String jar = System.getProperty("java.class.path");
    try {
      Process process = start(command(jar, args));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> end(process), "end"));
      System.exit(process.waitFor());
    } catch (IOException e) {
      refuse("Java cannot be started: " + e.getMessage());
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts the main thread", e);
    }
  }

  /** A signal to this process alone reaches the other, which then has its last word. */
  private static void end(Process process) {
    process.destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static List<String> command(String jar, String... args) {
    List<String> given = new ArrayList<>();
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!option.startsWith("-agentlib:jdwp") && !option.startsWith("-Xrunjdwp")) {
        given.add(option);
      }
    }
    try {
      given.addAll(LaunchSettings.words(System.getenv(JAVA_OPTIONS)));
    } catch (IllegalArgumentException e) {
      refuse(
          JAVA_OPTIONS
              + " is "
              + System.getenv(JAVA_OPTIONS)
              + ", expected a closing quotation mark to each opening one");
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(LaunchSettings.javaOptions(Runtime.version().feature()));
    if (given.stream().anyMatch(option -> option.matches("-XX:\\+Use\\w+GC"))) {
      command.add("-XX:-UseParallelGC"); // two collectors are refused
    }
    if (Terminal.isStandardError()) {
      command.add("-D" + Terminal.PROPERTY + "=true");
    }
    command.add("-D" + ShellCommand.PROGRAM + "=java -jar " + ShellCommand.word(Path.of(jar)));
    command.add(Parent.option());
    if (!hasLetters()) {
      command.add("-D" + Arguments.LOST + "=true");
    }
    command.addAll(given);
    command.addAll(List.of("-cp", jar, COMMAND));
    command.addAll(Arrays.asList(args));
    return command;
  }

  private static Process start(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    Map<String, String> environment = builder.environment();
    LaunchSettings.environment()
        .forEach(
            (name, value) -> environment.merge(name, value, (old, v) -> old.isEmpty() ? v : old));
    if (!hasLetters()) {
      environment.put("LC_ALL", "C.UTF-8");
    }
    return builder.start();
  }

  /** Java reads arguments and names files in the locale's letters: without one, in ASCII alone. */
  private static boolean hasLetters() {
    return !Charset.forName(System.getProperty("sun.jnu.encoding"))
        .equals(StandardCharsets.US_ASCII);
  }

  private static void refuse(String message) {
    System.err.println("agr: " + message);
    System.exit(BAD_INPUT);
  }
}
