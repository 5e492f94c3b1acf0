package org.agr4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.agr4j.input.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CifarReaderTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(CifarFormat.class)
  void readsTheWholeArchive(CifarFormat format) throws IOException {
    Path archive = new CifarFixture(format).archiveIn(folder);
    ImageSplits splits = CifarReader.read(format, archive, 50_000, 10_000);
    assertEquals(50_000, splits.train().size());
    assertEquals(10_000, splits.test().size());
    int perFile = 50_000 / format.trainFiles().size();
    for (int image : new int[] {0, 1, 9_999, 10_000, 34_567, 49_999}) {
      int record = image % perFile;
      assertEquals(record % format.classes(), splits.train().label(image));
      for (int channel = 0; channel < 3; channel++) {
        int expected = CifarFixture.pixel(image / perFile, record, channel);
        assertEquals(expected, splits.train().pixel(image, channel, 0, 0));
        assertEquals(expected, splits.train().pixel(image, channel, 31, 31));
      }
    }
    assertEquals(CifarFixture.pixel(7, 9_999, 2), splits.test().pixel(9_999, 2, 5, 5));
  }

  @Test
  void cutKeepsTheFirstImagesAcrossFiles() throws IOException {
    Path archive = new CifarFixture(CifarFormat.CIFAR10).archiveIn(folder);
    ImageSet train = CifarReader.read(CifarFormat.CIFAR10, archive, 10_002, 3).train();
    assertEquals(10_002, train.size());
    assertEquals(CifarFixture.pixel(0, 9_999, 1), train.pixel(9_999, 1, 0, 0));
    assertEquals(CifarFixture.pixel(1, 1, 1), train.pixel(10_001, 1, 0, 0));
  }

  @Test
  void readsAnExtractedFolderAndTheFolderAboveIt() throws IOException {
    CifarFixture fixture = new CifarFixture(CifarFormat.CIFAR100);
    Path inner = fixture.extractedIn(folder.resolve("cifar-100-binary"));
    for (Path path : new Path[] {inner, folder}) {
      ImageSplits splits = CifarReader.read(CifarFormat.CIFAR100, path, 20, 10);
      assertEquals(CifarFixture.pixel(0, 19, 0), splits.train().pixel(19, 0, 3, 3));
      assertEquals(19, splits.train().label(19));
      assertEquals(CifarFixture.pixel(7, 9, 0), splits.test().pixel(9, 0, 3, 3));
    }
  }

  @Test
  void refusesWhatIsMissing() {
    assertRefused(
        folder.resolve("none.tar.gz"),
        "none.tar.gz: no such file or folder, expected cifar-100-binary.tar.gz (168,513,733 bytes)");
    assertRefused(
        folder, "is not the binary distribution of CIFAR-100: it has no train.bin, test.bin");
  }

  @Test
  void refusesATruncatedArchive() throws IOException {
    byte[] whole = new CifarFixture(CifarFormat.CIFAR100).archive();
    for (int cut : new int[] {1, 9, whole.length / 2, whole.length - 100}) {
      Path archive =
          Files.write(folder.resolve("cut.tar.gz"), Arrays.copyOf(whole, whole.length - cut));
      assertRefused(
          archive,
          "cut.tar.gz (%,d bytes) is truncated".formatted(whole.length - cut),
          "the official cifar-100-binary.tar.gz has 168,513,733 bytes");
    }
  }

  @Test
  void refusesADamagedArchive() throws IOException {
    byte[] bytes = new CifarFixture(CifarFormat.CIFAR100).archive();
    bytes[bytes.length - 6] ^= 1; // in the checksum
    Path archive = Files.write(folder.resolve("damaged.tar.gz"), bytes);
    assertRefused(archive, "is not a sound .tar.gz: Corrupt GZIP trailer");
  }

  @Test
  void refusesOtherFiles() throws IOException {
    assertRefused(
        Files.writeString(folder.resolve("page.tar.gz"), "<html>not found</html>"),
        "page.tar.gz (22 bytes) is not a sound .tar.gz: Not in GZIP format");
    assertRefused(
        new CifarFixture(CifarFormat.CIFAR10).archiveIn(folder),
        "is not the binary distribution of CIFAR-100",
        "it looks like CIFAR-10");
    assertRefused(
        new CifarFixture(CifarFormat.CIFAR100).without("train.bin").archiveIn(folder),
        "it has no train.bin");
  }

  @Test
  void refusesAFileOfAnotherSize() throws IOException {
    CifarFixture fixture =
        new CifarFixture(CifarFormat.CIFAR100).with("train.bin", new byte[153_699_999]);
    assertRefused(
        fixture.archiveIn(folder), "train.bin has 153,699,999 bytes, expected 153,700,000");
    assertRefused(
        fixture.extractedIn(folder.resolve("extracted")),
        "train.bin has 153,699,999 bytes, expected 153,700,000");
  }

  @Test
  void refusesLabelsOutOfRange() throws IOException {
    CifarFixture fine = new CifarFixture(CifarFormat.CIFAR100);
    fine.content("train.bin")[3 * 3074 + 1] = 100;
    assertRefused(fine.archiveIn(folder), "train.bin: record 3 has label 100, expected 0 to 99");
    CifarFixture coarse = new CifarFixture(CifarFormat.CIFAR100);
    coarse.content("test.bin")[5 * 3074] = (byte) 200;
    assertRefused(coarse.archiveIn(folder), "test.bin: record 5 has label 200, expected 0 to 19");
  }

  @Test
  void refusesEntriesThatLeaveTheFolder() throws IOException {
    for (String name : new String[] {"../evil.bin", "/etc/evil.bin", "a/../../evil.bin"}) {
      Path archive =
          new CifarFixture(CifarFormat.CIFAR100).with(name, new byte[1]).archiveIn(folder);
      assertRefused(archive, "the entry " + name + " leaves the archive's folder");
    }
  }

  @Test
  void refusesMoreImagesThanThereAre() {
    for (int[] limits : new int[][] {{50_001, 1}, {0, 1}, {1, 10_001}, {1, -1}}) {
      BadInputException e =
          assertThrows(
              BadInputException.class,
              () -> CifarReader.read(CifarFormat.CIFAR100, folder, limits[0], limits[1]));
      assertTrue(e.getMessage().contains("images asked for, expected 1 to "), e.getMessage());
    }
  }

  private static void assertRefused(Path path, String... parts) {
    BadInputException e =
        assertThrows(
            BadInputException.class, () -> CifarReader.read(CifarFormat.CIFAR100, path, 10, 10));
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), () -> e.getMessage() + "\nhas no: " + part);
    }
    assertTrue(e.getMessage().contains(path.toString()), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
  }
}
