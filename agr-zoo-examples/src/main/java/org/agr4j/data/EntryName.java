package org.agr4j.data;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Set;

/** Names of files in archives and folders as packing tools and desktops leave them, made plain. */
final class EntryName {
  private static final Set<String> LITTER =
      Set.of("__macosx", ".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir");

  private EntryName() {}

  /**
   * Makes a name relative, with single slashes between its parts: {@code .\a\b//c} is {@code
   * a/b/c}.
   *
   * @param name that does not lead out of the archive
   * @return empty for the top itself
   */
  static String plain(String name) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : name.replace('\\', '/').split("/")) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return String.join("/", parts);
  }

  /**
   * Whether a desktop left it there: {@code __MACOSX/…}, {@code ._x.png}, {@code .DS_Store}, {@code
   * Thumbs.db}, {@code desktop.ini} and their kin.
   *
   * @param plain a plain name
   */
  static boolean isLitter(String plain) {
    for (String part : plain.split("/")) {
      if (part.startsWith("._") || LITTER.contains(part.toLowerCase(Locale.ROOT))) {
        return true;
      }
    }
    return false;
  }
}
