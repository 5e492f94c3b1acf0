package org.agr4j.launch;

import java.io.Console;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;

/** Whether standard error is a terminal, which Java itself does not tell. */
public final class Terminal {
  /** Set to true by a launcher where standard error is a terminal. */
  public static final String PROPERTY = "agr.terminal";

  private Terminal() {}

  /** Asks the shell; on Windows, whether there is a console. */
  static boolean isStandardError() {
    if (System.getProperty("os.name").startsWith("Windows")) {
      return isInteractive();
    }
    String terminal = System.getenv("TERM");
    if (terminal == null || terminal.equals("dumb")) {
      return false;
    }
    try {
      return new ProcessBuilder("/bin/sh", "-c", "test -t 2")
              .redirectError(Redirect.INHERIT)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false; // no shell, no bar
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts the main thread", e);
    }
  }

  /** Whether a person can read what is printed and answer. */
  public static boolean isInteractive() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      // From Java 22 on there may be a console that is none.
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a public method of Java's own", e);
    }
  }
}
