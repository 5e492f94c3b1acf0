package org.agr4j.launch;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Words of a command line as a POSIX shell must be given them, so that a copied line runs. */
public final class ShellCommand {
  /** Set by {@link JarLauncher} to what starts it. */
  static final String PROGRAM = "agr.command";

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  private ShellCommand() {}

  /** What a command begins with: {@code ./agr}, or {@code java -jar} and the jar. */
  public static String program() {
    return System.getProperty(PROGRAM, "./agr");
  }

  /**
   * A path as one word of a command.
   *
   * <p>A relative path that begins with a dash gets {@code ./} in front, or it would be an option.
   */
  public static String word(Path path) {
    String text = path.toString();
    return word(text.startsWith("-") ? "./" + text : text);
  }

  /**
   * A text as one word of a command: itself where no character means anything to a shell, otherwise
   * in single quotes. What would break the line it is printed in is written by {@code printf}.
   */
  public static String word(String text) {
    if (PLAIN.matcher(text).matches()) {
      return text;
    }
    if (text.chars().anyMatch(Character::isISOControl)) {
      return "\"$(printf '" + octal(text) + "')\"";
    }
    return "'" + text.replace("'", "'\\''") + "'";
  }

  /** All bytes that are not plain as octal escapes; the last is kept from being cut off. */
  private static String octal(String text) {
    StringBuilder escaped = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      String letter = String.valueOf((char) (b & 0xff));
      boolean plain = PLAIN.matcher(letter).matches() && !letter.equals("%");
      escaped.append(plain ? letter : "\\" + (b >> 6 & 3) + (b >> 3 & 7) + (b & 7));
    }
    return escaped.toString();
  }
}
