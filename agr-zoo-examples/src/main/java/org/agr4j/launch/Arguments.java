package org.agr4j.launch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The arguments of the command line as the user wrote them.
 *
 * <p>Java decodes them in the locale's letters and puts U+FFFD where that fails; {@link
 * JarLauncher} hands them on, which in a locale without letters loses them once more. Linux still
 * has the bytes.
 */
public final class Arguments {
  /** Set to true by {@link JarLauncher} in a locale without letters. */
  static final String LOST = "agr.arguments.lost";

  private static final char REPLACEMENT = '\uFFFD';

  private Arguments() {}

  /**
   * The arguments, decoded as UTF-8 where Java lost a letter.
   *
   * @param args what Java gives to {@code main}
   * @throws IllegalArgumentException if one of them is not UTF-8 text; the message says what to do
   */
  public static String[] asWritten(String... args) {
    boolean whole = !Boolean.getBoolean(LOST) && String.join("", args).indexOf(REPLACEMENT) < 0;
    return whole ? args : read(Path.of("/proc", System.getProperty(Parent.PROPERTY, "self")), args);
  }

  private static String[] read(Path process, String... args) {
    byte[] line;
    try {
      line = Files.readAllBytes(process.resolve("cmdline"));
    } catch (IOException e) {
      return args; // not Linux
    }
    return last(line, args);
  }

  /** The last arguments of a command line on which each ends with a zero byte. */
  static String[] last(byte[] line, String... args) {
    List<byte[]> all = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < line.length; i++) {
      if (line[i] == 0) {
        all.add(Arrays.copyOfRange(line, from, i));
        from = i + 1;
      }
    }
    if (all.size() < args.length) {
      return args;
    }
    return all.subList(all.size() - args.length, all.size()).stream()
        .map(Arguments::decoded)
        .toArray(String[]::new);
  }

  private static String decoded(byte[] argument) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(argument)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "the argument '"
              + new String(argument, StandardCharsets.UTF_8)
              + "' is not UTF-8 text, which Java cannot pass on; rename the file, or give a link to"
              + " it (ln -s) with a name in UTF-8",
          e);
    }
  }
}
