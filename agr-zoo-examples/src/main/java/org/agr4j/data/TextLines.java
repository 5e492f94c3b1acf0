package org.agr4j.data;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Lines of a small text file: UTF-8, or UTF-16 where a byte order mark says so, as some editors and
 * shells of Windows write; with any line ends, and without empty lines at the end.
 */
final class TextLines {
  private static final char MARK = '\ufeff';

  private TextLines() {}

  /** Lines of a file's content, without byte order mark. */
  static List<String> of(byte[] content) {
    Charset charset = StandardCharsets.UTF_8;
    if (content.length >= 2) {
      int first = (content[0] & 0xff) << 8 | content[1] & 0xff;
      charset =
          first == 0xfffe
              ? StandardCharsets.UTF_16LE
              : first == 0xfeff ? StandardCharsets.UTF_16BE : StandardCharsets.UTF_8;
    }
    String text = new String(content, charset);
    if (!text.isEmpty() && text.charAt(0) == MARK) {
      text = text.substring(1);
    }
    return text.stripTrailing().lines().toList();
  }
}
