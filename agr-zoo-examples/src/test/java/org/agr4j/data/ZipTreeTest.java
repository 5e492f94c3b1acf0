package org.agr4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import org.agr4j.input.BadInputException;
import org.apache.commons.compress.archivers.zip.UnixStat;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream.UnicodeExtraFieldPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZipTreeTest {
  private static final int LINK = UnixStat.LINK_FLAG | 0777;

  /** Where the list of entries has an entry's unpacked size. */
  private static final int SIZE_IN_LIST = 24;

  @TempDir Path folder;

  private Path zip() {
    return folder.resolve("x.zip");
  }

  private void write(String name, byte[] content, int mode) throws IOException {
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(zip())) {
      put(zip, "a/b/good.txt", "good".getBytes(StandardCharsets.UTF_8), 0);
      put(zip, name, content, mode);
    }
  }

  private static void put(ZipArchiveOutputStream zip, String name, byte[] content, int mode)
      throws IOException {
    ZipArchiveEntry entry = new ZipArchiveEntry(name);
    if (mode != 0) {
      entry.setUnixMode(mode);
    }
    zip.putArchiveEntry(entry);
    zip.write(content);
    zip.closeArchiveEntry();
  }

  private ZipTree open(int mostEntries, long mostBytes) {
    return ZipTree.open(
        zip(),
        OfficialArchive.TINY_IMAGENET,
        new UnpackGuard(zip(), "Tiny-ImageNet", mostEntries, mostBytes));
  }

  private ZipTree open() {
    return open(10, 1000);
  }

  @Test
  void listsAndReads() throws IOException {
    write("a/c.bin", new byte[900], 0);
    try (ZipTree tree = open()) {
      assertEquals(Set.of("a"), Set.copyOf(tree.children("")));
      assertEquals(Set.of("b", "c.bin"), Set.copyOf(tree.children("a")));
      assertEquals(Set.of(), Set.copyOf(tree.children("none")));
      assertTrue(tree.has("a/c.bin"));
      assertFalse(tree.has("a/b"));
      assertArrayEquals(new byte[900], tree.read("a/c.bin"));
      assertEquals("good", new String(tree.read("a/b/good.txt"), StandardCharsets.UTF_8));
      BadInputException e = assertThrows(BadInputException.class, () -> tree.read("a/b"));
      assertEquals(zip() + ": a/b is missing", e.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil",
        "/etc/evil",
        "a/../../evil",
        "..\\evil",
        "a\\..\\..\\evil",
        "C:\\evil",
        "C:/evil"
      })
  void refusesEntriesThatLeaveTheFolder(String name) throws IOException {
    write(name, new byte[1], 0);
    assertRefused(this::open, "leaves the archive's folder, expected paths inside it");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/../c", "./c", "a/..c/d..", "c..", "a//c"})
  void takesEntriesThatStayInTheFolder(String name) throws IOException {
    write(name, new byte[1], 0);
    open().close();
  }

  @Test
  void refusesLinks() throws IOException {
    write("a/link", "/etc/passwd".getBytes(StandardCharsets.UTF_8), LINK);
    assertRefused(this::open, "the entry a/link is a link, expected files and folders");
  }

  @Test
  void refusesAnEntryThatIsThereTwice() throws IOException {
    write("a/b/good.txt", new byte[1], 0);
    assertRefused(this::open, "the entry a/b/good.txt is there twice");
  }

  @Test
  void refusesAnEntryThatIsThereTwiceUnderTwoNames() throws IOException {
    write("./a//b\\good.txt", new byte[1], 0);
    assertRefused(this::open, "the entry a/b/good.txt is there twice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "a/b", "a/b/good.txt/c", "a/b/good.txt/"})
  void refusesANameThatIsBothAFileAndAFolder(String name) throws IOException {
    write(name, name.endsWith("/") ? new byte[0] : new byte[1], 0);
    assertRefused(this::open, " is both a file and a folder");
  }

  /** As UTF-8 with its flag, in an extra field, as UTF-8 without a word, and of old Windows. */
  @ParameterizedTest
  @CsvSource({
    "UTF-8,true,false,Übung/né/日本.png", "UTF-8,false,false,Übung/né/日本.png",
    "IBM437,false,true,Übung/né/日本.png", "IBM437,false,false,Übung/né/ß.png"
  })
  void readsNamesAsTheyWereMeant(String charset, boolean flag, boolean field, String name)
      throws IOException {
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(zip())) {
      zip.setEncoding(charset);
      zip.setUseLanguageEncodingFlag(flag);
      zip.setCreateUnicodeExtraFields(
          field ? UnicodeExtraFieldPolicy.ALWAYS : UnicodeExtraFieldPolicy.NEVER);
      put(zip, name, new byte[5], 0);
    }
    try (ZipTree tree = open()) {
      assertTrue(tree.has(name), tree.children("").toString());
      assertArrayEquals(new byte[5], tree.read(name));
    }
  }

  @Test
  void saysThatAnEntryIsEncryptedOrPackedInAnUnknownWay() throws IOException {
    write("c", new byte[200], 0);
    byte[] whole = Files.readAllBytes(zip());
    int entry = lastOf(whole, "c") - 46;
    whole[entry + 8] |= 1; // general purpose bit 0
    Files.write(zip(), whole);
    try (ZipTree tree = open()) {
      assertRefused(() -> tree.read("c"), "x.zip: c is encrypted, expected a plain zip archive");
    }
    for (int method : new int[] {95, 93, 14, 98, 77}) { // XZ, Zstandard, LZMA, PPMd, none
      whole[entry + 8] &= ~1;
      whole[entry + 10] = (byte) method;
      Files.write(zip(), whole);
      try (ZipTree tree = open()) {
        assertRefused(() -> tree.read("c"), "x.zip: c is ");
      }
    }
  }

  @Test
  void refusesTooManyEntries() throws IOException {
    write("c", new byte[1], 0);
    open(2, 1000).close();
    assertRefused(() -> open(1, 1000), "has more than 1 entries, expected those of Tiny-ImageNet");
  }

  @Test
  void refusesTooManyBytes() throws IOException {
    write("c", new byte[996], 0);
    open().close();
    write("c", new byte[997], 0);
    assertRefused(this::open, "unpacks to more than 1,000 bytes, expected those of Tiny-ImageNet");
  }

  /** An archive that says it is small, and is not. */
  @Test
  void refusesAnEntryThatUnpacksToMoreThanItSays() throws IOException {
    write("bomb", new byte[50_000_000], 0);
    byte[] bytes = Files.readAllBytes(zip());
    assertTrue(bytes.length < 100_000);
    int last = lastOf(bytes, "bomb") - 46; // the fixed part of an entry in the list
    ByteBuffer list = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(50_000_000, list.getInt(last + SIZE_IN_LIST));
    list.putInt(last + SIZE_IN_LIST, 10);
    Files.write(zip(), bytes);
    try (ZipTree tree = open()) {
      assertRefused(
          () -> tree.read("bomb"),
          "bomb is damaged: it unpacks to more than 10 bytes, expected 10");
    }
  }

  private static int lastOf(byte[] bytes, String name) {
    return new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf(name);
  }

  @Test
  void refusesADamagedEntry() throws IOException {
    byte[] content = new byte[900];
    new Random(1).nextBytes(content); // stored nearly as it is
    write("c", content, 0);
    byte[] bytes = Files.readAllBytes(zip());
    bytes[bytes.length / 2] ^= 1;
    Files.write(zip(), bytes);
    try (ZipTree tree = open()) {
      assertRefused(() -> tree.read("c"), "x.zip: c is damaged: its CRC-32 is ");
      assertEquals("good", new String(tree.read("a/b/good.txt"), StandardCharsets.UTF_8));
    }
  }

  @Test
  void refusesATruncatedArchive() throws IOException {
    write("c", new byte[900], 0);
    byte[] whole = Files.readAllBytes(zip());
    for (int bytes = whole.length - 1; bytes > 3; bytes -= 5) {
      Files.write(zip(), Arrays.copyOf(whole, bytes));
      assertRefused(
          this::open,
          "x.zip (%,d bytes) is truncated or damaged".formatted(bytes),
          "the official tiny-imagenet-200.zip has 248,100,043 bytes");
    }
  }

  @Test
  void refusesOtherFiles() throws IOException {
    Files.writeString(zip(), "<html>not found</html>");
    assertRefused(this::open, "x.zip (22 bytes) is no zip archive; the official tiny-imagenet");
    Files.write(zip(), new byte[0]);
    assertRefused(this::open, "x.zip (0 bytes) is no zip archive");
  }

  /** Whatever is damaged, reading gives the right content or one line. */
  @Test
  void survivesADamagedArchive() throws IOException {
    write("c", new byte[900], 0);
    byte[] whole = Files.readAllBytes(zip());
    Random random = new Random(3);
    int refused = 0;
    for (int i = 0; i < 500; i++) {
      byte[] damaged = whole.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      Files.write(zip(), damaged);
      try (ZipTree tree = open()) {
        if (tree.has("c")) {
          assertArrayEquals(new byte[900], tree.read("c"));
        }
      } catch (BadInputException e) {
        refused++;
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
      }
    }
    assertTrue(refused > 100, refused + " of 500");
  }

  private interface Act {
    Object act();
  }

  private static void assertRefused(Act act, String... parts) {
    BadInputException e = assertThrows(BadInputException.class, act::act);
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), () -> e.getMessage() + "\nhas no: " + part);
    }
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
  }
}
