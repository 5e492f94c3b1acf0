package org.agr4j.launch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Options and variables of the processes that run AGR4J. They are written down once, in the files
 * beside this class, which the shell's launcher reads as well.
 */
public final class LaunchSettings {
  /** The first Java that knows the options of {@code java-options-23}. */
  private static final int WITH_UNSAFE_OPTION = 23;

  private LaunchSettings() {}

  /**
   * Options of Java.
   *
   * @param feature the Java that gets them, 17 for Java 17
   */
  public static List<String> javaOptions(int feature) {
    List<String> options = new ArrayList<>(lines("java-options"));
    if (feature >= WITH_UNSAFE_OPTION) {
      options.addAll(lines("java-options-23"));
    }
    return options;
  }

  /** Variables of the environment, to be set where the user has not set them. */
  public static Map<String, String> environment() {
    Map<String, String> environment = new LinkedHashMap<>();
    for (String line : lines("environment")) {
      int equals = line.indexOf('=');
      environment.put(line.substring(0, equals), line.substring(equals + 1));
    }
    return environment;
  }

  /**
   * The words of a variable such as AGR_JAVA_OPTS, as a shell has them: parted by white space,
   * except between quotation marks ({@code "} or {@code '}), which are left out.
   *
   * @param text the variable; null if it is not set
   * @throws IllegalArgumentException if a quotation mark is not closed
   */
  static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = null; // null between words
    char open = 0;
    for (char c : (text == null ? "" : text).toCharArray()) {
      if (open != 0 && c == open) {
        open = 0;
      } else if (open == 0 && Character.isWhitespace(c)) {
        if (word != null) {
          words.add(word.toString());
        }
        word = null;
      } else {
        word = word == null ? new StringBuilder() : word;
        if (open == 0 && (c == '"' || c == '\'')) {
          open = c;
        } else {
          word.append(c);
        }
      }
    }
    if (open != 0) {
      throw new IllegalArgumentException("found " + open + " once more than closed");
    }
    if (word != null) {
      words.add(word.toString());
    }
    return words;
  }

  private static List<String> lines(String file) {
    try (InputStream in = LaunchSettings.class.getResourceAsStream(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(file + " is part of this program", e);
    }
  }
}
