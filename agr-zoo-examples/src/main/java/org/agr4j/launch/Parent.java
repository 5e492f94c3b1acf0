package org.agr4j.launch;

/** The process that started this one for the same command, {@link JarLauncher}'s. */
public final class Parent {
  /** The number of that process; not set where there is none. */
  static final String PROPERTY = "agr.launcher";

  private static final int KILLED = 137;

  private Parent() {}

  /** The option of Java that makes this process the parent of the one it starts. */
  public static String option() {
    return "-D" + PROPERTY + "=" + ProcessHandle.current().pid();
  }

  /**
   * Ends this process when the one that started it ends, however that comes: {@code kill -9} to the
   * process that the user sees ends the run.
   */
  public static void endWithIt() {
    String number = System.getProperty(PROPERTY);
    if (number == null) {
      return;
    }
    ProcessHandle.of(Long.parseLong(number))
        .ifPresentOrElse(
            parent -> parent.onExit().thenRun(() -> Runtime.getRuntime().halt(KILLED)),
            () -> Runtime.getRuntime().halt(KILLED));
  }
}
