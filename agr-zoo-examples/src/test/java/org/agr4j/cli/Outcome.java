package org.agr4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a command came to. */
record Outcome(int status, String out, String err) {
  /** Synthetic images, two epochs of one step. */
  private static final String[] TINY = {
    "--data=synthetic",
    "--dataset=cifar10",
    "--width=1",
    "--epochs=2",
    "--limit-train=8",
    "--limit-test=4",
    "--batch-size=8"
  };

  /** Of {@code agr} with these arguments. */
  static Outcome agr(String... args) {
    StringWriter out = new StringWriter();
    return agr(out, args);
  }

  /** Of {@code agr} that prints to a given writer. */
  static Outcome agr(Writer out, String... args) {
    StringWriter err = new StringWriter();
    int status = AgrCommand.execute(new PrintWriter(out), new PrintWriter(err), args);
    return new Outcome(status, out.toString(), err.toString());
  }

  /** Of a command that trains for a second. */
  static Outcome tiny(String command, String... more) {
    return agr(tinyArgs(command, more));
  }

  /** Its arguments; what is given replaces what is of the same name. */
  static String[] tinyArgs(String command, String... more) {
    List<String> args = new ArrayList<>(List.of(command));
    for (String option : TINY) {
      String name = option.substring(0, option.indexOf('=') + 1);
      if (Arrays.stream(more).noneMatch(given -> given.startsWith(name))) {
        args.add(option);
      }
    }
    args.addAll(List.of(more));
    return args.toArray(String[]::new);
  }

  /** It was done. */
  Outcome done() {
    assertEquals(0, status, err);
    return this;
  }

  /** It was refused: one line on standard error with all the parts, nothing on standard output. */
  void refused(int expectedStatus, String... parts) {
    assertEquals("", out);
    said(expectedStatus, parts);
  }

  /** It ended with one line on standard error with all the parts. */
  void said(int expectedStatus, String... parts) {
    assertEquals(expectedStatus, status, err);
    assertEquals(1, err.lines().count(), err);
    assertTrue(err.startsWith("agr: "), err);
    for (String part : parts) {
      assertTrue(err.contains(part), err + " has no: " + part);
    }
  }
}
