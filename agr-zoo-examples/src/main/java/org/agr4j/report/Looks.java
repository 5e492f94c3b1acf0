package org.agr4j.report;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.agr4j.run.RunFolder;

/**
 * The seeds with which a comparison was looked at, a line each in {@code looks.txt} of its folder.
 *
 * <p>Seeds that are added because of what was seen make chance more likely to be taken for a
 * difference; {@link Judgement} widens intervals for it.
 */
public final class Looks {
  private static final String FILE = "looks.txt";

  private final RunFolder folder;

  /** The looks at the comparison in a folder. */
  public Looks(RunFolder folder) {
    this.folder = folder;
  }

  /**
   * Notes a look, unless it was looked with these seeds before, and writes the file.
   *
   * @param seeds of finished runs
   * @return which look this is; 1 is the first
   */
  public int at(Collection<Long> seeds) {
    String look = seeds.stream().sorted().map(String::valueOf).collect(Collectors.joining(","));
    List<String> looks = new ArrayList<>();
    if (Files.exists(folder.path().resolve(FILE))) {
      folder.read(FILE).lines().filter(line -> !line.isBlank()).forEach(looks::add);
    }
    if (!looks.contains(look)) {
      looks.add(look);
      folder.write(FILE, String.join("\n", looks) + "\n");
    }
    return looks.indexOf(look) + 1;
  }
}
