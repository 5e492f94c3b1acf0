package org.agr4j.launch;

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
      return System.console() != null;
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
}
