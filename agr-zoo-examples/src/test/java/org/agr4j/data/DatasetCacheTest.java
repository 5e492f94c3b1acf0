package org.agr4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.agr4j.input.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetCacheTest {
  @TempDir Path root;

  @Test
  void saysWhereToGetWhatIsNotThere() {
    DatasetCache cache = new DatasetCache(OfficialArchive.CIFAR100, root);
    assertEquals(Optional.empty(), cache.find());
    String message = assertThrows(BadInputException.class, cache::require).getMessage();
    for (String part :
        new String[] {
          "no CIFAR-100 in " + root.resolve("data").resolve("cifar-100-binary"),
          "--download",
          "168,513,733 bytes, MD5 03b5dce01913d631647c71ecec9e9cb8",
          "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
          "--data synthetic"
        }) {
      assertTrue(message.contains(part), message);
    }
    assertEquals(1, message.lines().count());
    assertTrue(Files.notExists(root.resolve("data")), "looking makes no folder");
  }

  @Test
  void findsAnExtractedFolderAndPrefersTheArchive() throws IOException {
    DatasetCache cache = new DatasetCache(OfficialArchive.CIFAR10, root);
    Path folder = cache.archive().getParent();
    Path inner = Files.createDirectories(folder.resolve("cifar-10-batches-bin"));
    Files.createFile(inner.resolve("test_batch.bin"));
    assertEquals(folder, cache.require());
    Files.createFile(cache.archive());
    assertEquals(cache.archive(), cache.require());
  }
}
