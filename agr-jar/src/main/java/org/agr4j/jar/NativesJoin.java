package org.agr4j.jar;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * Joins jars as they are compressed: unpacking and compressing 450 MB of native libraries again, as
 * maven-shade-plugin does, takes three times as long as all the rest.
 */
public final class NativesJoin {
  private NativesJoin() {}

  /**
   * Writes a jar whose native configuration files are joined.
   *
   * @param args the jar to write; the jar of everything else, which goes first and prevails; a
   *     class path; the ends of names of the jars on it that are joined
   * @throws IOException if a jar cannot be read or written
   */
  public static void main(String... args) throws IOException {
    Path jar = Path.of(args[0]);
    List<String> ends = Arrays.asList(args).subList(3, args.length);
    List<Path> natives =
        Stream.of(args[2].split(File.pathSeparator))
            .filter(path -> ends.stream().anyMatch(path::endsWith))
            .map(Path::of)
            .toList();
    Path part = jar.resolveSibling(jar.getFileName() + ".part");
    Set<String> names = new HashSet<>();
    try (ZipArchiveOutputStream out = new ZipArchiveOutputStream(part)) {
      append(out, Path.of(args[1]), names);
      for (Path path : natives) {
        append(out, path, names);
      }
    }
    Files.move(part, jar, StandardCopyOption.REPLACE_EXISTING);
    System.out.println(jar + " with " + natives);
  }

  private static void append(ZipArchiveOutputStream out, Path path, Set<String> names)
      throws IOException {
    try (ZipFile jar = ZipFile.builder().setPath(path).get()) {
      Enumeration<ZipArchiveEntry> entries = jar.getEntriesInPhysicalOrder();
      while (entries.hasMoreElements()) {
        ZipArchiveEntry entry = entries.nextElement();
        if (names.add(entry.getName()) && !entry.getName().endsWith("module-info.class")) {
          try (InputStream raw = jar.getRawInputStream(entry)) {
            out.addRawArchiveEntry(entry, raw);
          }
        }
      }
    }
  }
}
