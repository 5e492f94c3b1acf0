package org.agr4j.data.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.agr4j.input.BadInputException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextSplitsTest {
  @TempDir Path folder;

  private static Map<String, String> files(String train, String valid, String test) {
    Map<String, String> files = new TreeMap<>();
    files.put(train, " \n = A = \n \n Words é . \n");
    files.put(valid, "valid\n");
    files.put(test, "test\r\nmore\r\n");
    return files;
  }

  private static byte[] tarGz(Map<String, String> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
      for (Map.Entry<String, String> file : files.entrySet()) {
        byte[] content = file.getValue().getBytes(StandardCharsets.UTF_8);
        TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] zip(Map<String, String> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, String> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
    return bytes.toByteArray();
  }

  private Path write(Map<String, String> files) throws IOException {
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
    return folder;
  }

  private static void assertRead(Path path) {
    TextSplits texts = TextSplits.read(TextDataset.TEXT, path);
    assertEquals(List.of(" ", " = A = ", " ", " Words é . "), texts.train());
    assertEquals(List.of("valid"), texts.valid());
    assertEquals(List.of("test", "more"), texts.test());
  }

  @Test
  void readsFoldersAndArchivesWhereverTheFilesLie() throws IOException {
    Map<String, String> own = files("x/train.txt", "x/valid.txt", "x/test.txt");
    own.put("x/README.md", "hello");
    own.put("__MACOSX/x/._train.txt", "litter");
    Map<String, String> published =
        files("w/wiki.train.tokens", "w/wiki.valid.tokens", "w/wiki.test.tokens");
    assertRead(Files.write(folder.resolve("a.tar.gz"), tarGz(own)));
    assertRead(Files.write(folder.resolve("b.zip"), zip(published)));
    assertRead(Files.write(folder.resolve("c.zip"), zip(own)));
    assertRead(write(own));
    assertRead(folder.resolve("x"));
  }

  private void refused(Path path, String... parts) {
    String message =
        assertThrows(BadInputException.class, () -> TextSplits.read(TextDataset.TEXT, path))
            .getMessage();
    assertTrue(!message.contains("\n"), message);
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void refusesWhatIsMissingDoubleOrEmpty() throws IOException {
    refused(folder.resolve("none"), "none: no such file or folder, expected a folder, .zip or");
    Map<String, String> files = files("train.txt", "valid.txt", "test.txt");
    files.remove("valid.txt");
    write(files);
    refused(folder, folder + " has no valid.txt, expected train.txt, valid.txt and test.txt");
    write(Map.of("valid.txt", " \n\n"));
    refused(folder, "valid.txt has no words, expected a text");
    write(Map.of("valid.txt", "a", "sub/val.txt", "b"));
    refused(folder, "has sub/val.txt and valid.txt, expected one of them");
  }

  @Test
  void refusesWhatIsNoUtf8() throws IOException {
    write(files("train.txt", "valid.txt", "test.txt"));
    Files.write(folder.resolve("test.txt"), "eins\nzwölf".getBytes(StandardCharsets.ISO_8859_1));
    refused(folder, "test.txt is no UTF-8 text: byte 0xf6 in line 2, expected UTF-8");
    Files.write(folder.resolve("test.txt"), "zwölf".getBytes(StandardCharsets.UTF_16));
    refused(folder, "test.txt is no UTF-8 text: byte 0xfe in line 1");
    byte[] cut = "é".getBytes(StandardCharsets.UTF_8);
    Files.write(folder.resolve("test.txt"), Arrays.copyOf(cut, 1));
    refused(folder, "test.txt is no UTF-8 text: byte 0xc3 in line 1");
  }

  @Test
  void refusesDamagedArchives() throws IOException {
    byte[] whole = tarGz(files("train.txt", "valid.txt", "test.txt"));
    Path file = folder.resolve("cut.tar.gz");
    Files.write(file, Arrays.copyOf(whole, whole.length - 9));
    refused(file, "cut.tar.gz (", ") is truncated", "expected a folder, .zip or .tar.gz of texts");
    Files.writeString(file, "no archive");
    refused(file, "is not a sound .tar.gz");
    Files.write(file, new byte[0]);
    refused(file, "is truncated");
    Files.write(file, tarGz(Map.of("../train.txt", "a")));
    refused(file, "the entry ../train.txt leaves the archive's folder");
    byte[] zip = zip(files("train.txt", "valid.txt", "test.txt"));
    Files.write(file, Arrays.copyOf(zip, zip.length - 30));
    refused(file, "is truncated or damaged");
  }

  @Test
  void whatIsNotWikiText2IsNotTakenForIt() throws IOException {
    write(files("train.txt", "valid.txt", "test.txt"));
    String message =
        assertThrows(BadInputException.class, () -> TextSplits.read(TextDataset.WIKITEXT_2, folder))
            .getMessage();
    assertTrue(
        message.endsWith(
            "train.txt has 4 lines, expected the 36,718 of WikiText-2; your own text is --dataset text"),
        message);
  }

  /** The real one, where there is one: named by a property, else beside the checkout. */
  @Test
  void readsTheRealWikiText2() {
    Path path = Path.of(System.getProperty("agr.wikitext2", "../../shared/data/wikitext-2.tar.gz"));
    Assumptions.assumeTrue(
        Files.exists(path), "no WikiText-2 at " + path + ": name it with -Dagr.wikitext2=PATH");
    TextSplits texts = TextSplits.read(TextDataset.WIKITEXT_2, path);
    assertEquals(36_718, texts.train().size());
    long titles = texts.test().stream().filter(line -> line.matches(" = [^=].*[^=] = ")).count();
    assertTrue(titles >= 60 && titles < 70, "articles of the test text: " + titles);
  }
}
