package org.agr4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.agr4j.data.image.ImageDecoder;
import org.agr4j.input.BadInputException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.Zip64Mode;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What tools, desktops and editors do to a data set on its way leaves its images the same. */
class PackingHabitsTest {
  private static final String ROOT = TinyImageNetFixture.ROOT;

  @TempDir Path folder;

  // Names and files

  private static Stream<Arguments> layouts() {
    return Stream.of(
        layout("as it is published", files -> renamed(files, name -> ROOT + name)),
        layout("./ in front", files -> renamed(files, name -> "./" + ROOT + name)),
        layout("./ in between", files -> renamed(files, name -> ROOT + "./" + name)),
        layout("backslashes", files -> renamed(files, name -> (ROOT + name).replace('/', '\\'))),
        layout("no folder around", files -> files),
        layout("another folder around", files -> renamed(files, name -> "my data/" + name)),
        layout("two folders around", files -> renamed(files, name -> "down/" + ROOT + name)),
        layout("entries for folders", PackingHabitsTest::withFolders),
        layout("entries for folders, the top too", PackingHabitsTest::withTop),
        layout("what desktops leave", PackingHabitsTest::withLitter),
        layout("capitals", files -> renamed(files, PackingHabitsTest::capitalEnds)),
        layout("small letters", files -> smallEnds(files)),
        layout("UTF-8 with a byte order mark", files -> texts(files, StandardCharsets.UTF_8, "\n")),
        layout("line ends of Windows", files -> texts(files, null, "\r\n")),
        layout("line ends of old Macs", files -> texts(files, null, "\r")),
        layout("PowerShell's UTF-16", files -> texts(files, StandardCharsets.UTF_16LE, "\r\n")),
        layout("UTF-16, the other way", files -> texts(files, StandardCharsets.UTF_16BE, "\n")));
  }

  private static Arguments layout(String name, UnaryOperator<Map<String, byte[]>> change) {
    return arguments(name, change);
  }

  private static Map<String, byte[]> renamed(
      Map<String, byte[]> files, UnaryOperator<String> name) {
    Map<String, byte[]> renamed = new LinkedHashMap<>();
    files.forEach((key, content) -> renamed.put(name.apply(key), content));
    return renamed;
  }

  private static Map<String, byte[]> withFolders(Map<String, byte[]> files) {
    Map<String, byte[]> all = new LinkedHashMap<>();
    for (String name : files.keySet()) {
      for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
        all.put(ROOT + name.substring(0, slash + 1), new byte[0]);
      }
    }
    all.putAll(renamed(files, name -> ROOT + name));
    return all;
  }

  private static Map<String, byte[]> withTop(Map<String, byte[]> files) {
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put("./", new byte[0]);
    all.put("./" + ROOT, new byte[0]);
    all.putAll(withFolders(files));
    return all;
  }

  private static Map<String, byte[]> withLitter(Map<String, byte[]> files) {
    byte[] nothing = "Mac OS X".getBytes(StandardCharsets.UTF_8);
    Map<String, byte[]> all = new LinkedHashMap<>();
    files.forEach(
        (name, content) -> {
          int slash = name.lastIndexOf('/') + 1;
          String own = "._" + name.substring(slash);
          all.put("__MACOSX/" + ROOT + name.substring(0, slash) + own, nothing);
          all.put(ROOT + name, content);
          all.put(ROOT + name.substring(0, slash) + own, nothing);
          for (String left : List.of(".DS_Store", "Thumbs.db", "desktop.ini")) {
            all.put(ROOT + name.substring(0, slash) + left, nothing);
          }
        });
    return all;
  }

  private static String capitalEnds(String name) {
    return name.replace(".JPEG", ".JPG").replaceFirst("^", ROOT);
  }

  /** The lists name the files, so they change, too. */
  private static Map<String, byte[]> smallEnds(Map<String, byte[]> files) {
    return renamed(edited(files, text -> text.replace(".JPEG", ".jpeg")), PackingHabitsTest::small);
  }

  private static String small(String name) {
    return ROOT + name.replace(".JPEG", ".jpeg");
  }

  private static Map<String, byte[]> edited(
      Map<String, byte[]> files, UnaryOperator<String> change) {
    Map<String, byte[]> edited = new LinkedHashMap<>(files);
    edited.replaceAll(
        (name, content) ->
            name.endsWith(".txt")
                ? change
                    .apply(new String(content, StandardCharsets.UTF_8))
                    .getBytes(StandardCharsets.UTF_8)
                : content);
    return edited;
  }

  /** Text with other line ends and some at its end, with a mark if there is a charset. */
  private static Map<String, byte[]> texts(
      Map<String, byte[]> files, Charset charset, String lineEnd) {
    Map<String, byte[]> all = renamed(files, name -> ROOT + name);
    all.replaceAll(
        (name, content) -> {
          if (!name.endsWith(".txt")) {
            return content;
          }
          String text = new String(content, StandardCharsets.UTF_8).replace("\n", lineEnd);
          text += lineEnd + lineEnd;
          return charset == null
              ? text.getBytes(StandardCharsets.UTF_8)
              : ("\ufeff" + text).getBytes(charset);
        });
    return all;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layouts")
  void layoutsAreRead(String name, UnaryOperator<Map<String, byte[]>> change) throws IOException {
    TinyImageNetFixture fixture = new TinyImageNetFixture();
    if (name.equals("capitals")) {
      fixture.files().putAll(edited(fixture.files(), text -> text.replace(".JPEG", ".JPG")));
    }
    Map<String, byte[]> files = change.apply(fixture.files());
    Path zip = folder.resolve("x.zip");
    try (ZipArchiveOutputStream out = new ZipArchiveOutputStream(zip)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        out.putArchiveEntry(new ZipArchiveEntry(file.getKey()));
        out.write(file.getValue());
        out.closeArchiveEntry();
      }
    }
    assertPublished(zip);
    if (name.equals("backslashes")) {
      return; // are letters of a name in a folder
    }
    Path extracted = folder.resolve("extracted");
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = extracted.resolve(file.getKey());
      if (file.getKey().endsWith("/")) {
        Files.createDirectories(path);
      } else {
        Files.createDirectories(path.getParent());
        Files.write(path, file.getValue());
      }
    }
    assertPublished(extracted);
  }

  private void assertPublished(Path path) throws IOException {
    Path published = new TinyImageNetFixture().zipIn(Files.createDirectories(folder.resolve("p")));
    ImageCounts counts = TinyImageNetReader.count(published);
    assertEquals(counts, TinyImageNetReader.count(path));
    assertSame(
        TinyImageNetReader.read(published, counts.train(), counts.test(), n -> {}),
        TinyImageNetReader.read(path, counts.train(), counts.test(), n -> {}));
  }

  private static void assertSame(ImageSplits expected, ImageSplits found) {
    assertArrayEquals(pixelsAndLabels(expected.train()), pixelsAndLabels(found.train()));
    assertArrayEquals(pixelsAndLabels(expected.test()), pixelsAndLabels(found.test()));
  }

  private static int[] pixelsAndLabels(ImageSet images) {
    int plane = images.height() * images.width();
    int[] all = new int[images.size() * (1 + 3 * plane)];
    int at = 0;
    for (int i = 0; i < images.size(); i++) {
      all[at++] = images.label(i);
      for (int p = 0; p < 3 * plane; p++) {
        all[at++] = images.pixel(i, p / plane, p % plane / images.width(), p % images.width());
      }
    }
    return all;
  }

  // Ways to pack

  private interface Packer {
    void pack(Map<String, byte[]> files, Path zip) throws IOException;
  }

  private static Stream<Arguments> packers() {
    return Stream.of(
        packer("sizes behind the content", PackingHabitsTest::streamed),
        packer("not compressed", (files, zip) -> packed(files, zip, ZipEntry.STORED, false, 0)),
        packer("zip64", (files, zip) -> packed(files, zip, ZipEntry.DEFLATED, true, 0)),
        packer("zip64, not compressed", (files, zip) -> packed(files, zip, 0, true, 0)),
        packer("a comment at the end", (files, zip) -> packed(files, zip, 8, false, 3000)),
        packer("an unpacking program in front", PackingHabitsTest::unpackingItself));
  }

  private static Arguments packer(String name, Packer packer) {
    return arguments(name, packer);
  }

  private static void streamed(Map<String, byte[]> files, Path zip) throws IOException {
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        out.putNextEntry(new ZipEntry(file.getKey()));
        out.write(file.getValue());
      }
    }
  }

  private static void packed(
      Map<String, byte[]> files, Path zip, int method, boolean zip64, int comment)
      throws IOException {
    try (ZipArchiveOutputStream out = new ZipArchiveOutputStream(zip)) {
      out.setUseZip64(zip64 ? Zip64Mode.Always : Zip64Mode.Never);
      out.setMethod(method);
      out.setComment("c".repeat(comment));
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        out.putArchiveEntry(new ZipArchiveEntry(file.getKey()));
        out.write(file.getValue());
        out.closeArchiveEntry();
      }
    }
  }

  private static void unpackingItself(Map<String, byte[]> files, Path zip) throws IOException {
    packed(files, zip, ZipEntry.DEFLATED, false, 0);
    byte[] archive = Files.readAllBytes(zip);
    try (OutputStream out = Files.newOutputStream(zip)) {
      out.write("#!/bin/sh\nunzip \"$0\"\nexit\n".getBytes(StandardCharsets.UTF_8));
      out.write(archive);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("packers")
  void zipsAreRead(String name, Packer packer) throws IOException {
    Path zip = folder.resolve("x.zip");
    packer.pack(renamed(new TinyImageNetFixture().files(), file -> ROOT + file), zip);
    assertPublished(zip);
  }

  @Test
  void contentDecidesNotTheName() throws IOException {
    TinyImageNetFixture fixture = new TinyImageNetFixture();
    for (Map.Entry<String, byte[]> file : fixture.files().entrySet()) {
      if (file.getKey().endsWith("_0.JPEG") || file.getKey().endsWith("_5.JPEG")) {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(ImageDecoder.decode(file.getValue(), "x", (w, h) -> {}), "png", png);
        file.setValue(png.toByteArray());
      }
    }
    assertPublished(fixture.zipIn(folder));
  }

  @Test
  void twoDataSetsInOneArchiveAreRefused() throws IOException {
    Map<String, byte[]> files = new TinyImageNetFixture().files();
    Map<String, byte[]> both = renamed(files, name -> "a/" + name);
    both.putAll(renamed(files, name -> "b/" + name));
    Path zip = folder.resolve("x.zip");
    streamed(both, zip);
    BadInputException e =
        assertThrows(BadInputException.class, () -> TinyImageNetReader.count(zip));
    assertEquals(
        zip + ": a/ and " + zip + ": b/ are both there, expected one Tiny-ImageNet",
        e.getMessage());
  }

  // CIFAR's .tar.gz

  private static final CifarFixture CIFAR = new CifarFixture(CifarFormat.CIFAR100);

  /** An archive of the two files, with names of its own. */
  private static byte[] tar(Function<String, String> name, int longNames, String... more)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      tar.setLongFileMode(longNames);
      for (String other : more) {
        TarArchiveEntry entry = new TarArchiveEntry(other);
        entry.setSize(other.endsWith("/") ? 0 : 3);
        tar.putArchiveEntry(entry);
        tar.write(new byte[other.endsWith("/") ? 0 : 3]);
        tar.closeArchiveEntry();
      }
      for (String file : new TreeSet<>(List.of("train.bin", "test.bin"))) {
        TarArchiveEntry entry = new TarArchiveEntry(name.apply(file));
        entry.setSize(CIFAR.content(file).length);
        if (longNames == TarArchiveOutputStream.LONGFILE_POSIX) {
          entry.addPaxHeader("mtime", "1700000000.123456789");
        }
        tar.putArchiveEntry(entry);
        tar.write(CIFAR.content(file));
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] gzip(byte[] content, int from, int to) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out =
        new GZIPOutputStream(bytes) {
          {
            def.setLevel(1);
          }
        }) {
      out.write(content, from, to - from);
    }
    return bytes.toByteArray();
  }

  private void assertCifar(byte[]... parts) throws IOException {
    Path path = folder.resolve("cifar-100-binary.tar.gz");
    try (OutputStream out = Files.newOutputStream(path)) {
      for (byte[] part : parts) {
        new ByteArrayInputStream(part).transferTo(out);
      }
    }
    ImageSplits found = CifarReader.read(CifarFormat.CIFAR100, path, 20, 10);
    for (int i = 0; i < 20; i++) {
      assertEquals(i % 100, found.train().label(i));
      assertEquals(CifarFixture.pixel(0, i, 1), found.train().pixel(i, 1, 5, 6));
    }
    assertEquals(CifarFixture.pixel(7, 3, 2), found.test().pixel(3, 2, 31, 0));
  }

  @Test
  void cifarIsReadFromTarsOfOtherTools() throws IOException {
    String around = "a folder with a long name, ".repeat(9) + "/";
    byte[] gnu =
        tar(
            name -> "./" + around + name,
            TarArchiveOutputStream.LONGFILE_GNU,
            "./",
            "./" + around,
            "./._train.bin",
            "./" + around + "._test.bin",
            "__MACOSX/train.bin",
            ".DS_Store");
    assertCifar(gzip(gnu, 0, gnu.length));
    assertCifar(gnu); // unpacked by the browser
  }

  @Test
  void cifarIsReadFromGzipInPartsAndPaxNames() throws IOException {
    String around = "é".repeat(120) + "/";
    byte[] pax =
        tar(
            name -> around + name.toUpperCase(Locale.ROOT),
            TarArchiveOutputStream.LONGFILE_POSIX,
            "tarball/.");
    int middle = pax.length / 3;
    assertCifar(gzip(pax, 0, middle), gzip(pax, middle, pax.length));
  }

  @Test
  void cifarIsRefusedWhereAFileIsThereTwiceOrALink() throws IOException {
    byte[] twice = tar(name -> name, TarArchiveOutputStream.LONGFILE_GNU, "old/test.bin");
    BadInputException e = assertThrows(BadInputException.class, () -> assertCifar(twice));
    assertTrue(
        e.getMessage().contains("test.bin has 3 bytes, expected 30,740,000"), e.getMessage());

    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      TarArchiveEntry link = new TarArchiveEntry("train.bin", TarConstants.LF_SYMLINK);
      link.setLinkName("/etc/passwd");
      tar.putArchiveEntry(link);
      tar.closeArchiveEntry();
    }
    e = assertThrows(BadInputException.class, () -> assertCifar(bytes.toByteArray()));
    assertTrue(e.getMessage().contains("the entry train.bin is a link"), e.getMessage());
  }
}
