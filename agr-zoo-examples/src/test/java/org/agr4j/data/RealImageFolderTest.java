package org.agr4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.agr4j.data.image.ImageFit;
import org.junit.jupiter.api.Test;

/**
 * Class folders with images of CIFAR-10, where there are some: named by the system property {@code
 * agr.folder}, else in {@code shared/data} next to the checkout.
 */
class RealImageFolderTest {
  private static final List<String> CLASSES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  @Test
  void readsImagesOfCifar10() {
    String named = System.getProperty("agr.folder");
    Path path =
        named == null
            ? Path.of("..", "..", "shared", "data", "cifar-10-folders.zip")
            : Path.of(named);
    assumeTrue(
        Files.exists(path), "no class folders at " + path + ": name some, -Dagr.folder=PATH");
    ImageCounts counts = ImageFolderReader.count(path, 0);
    assertEquals(32, ImageFolderReader.defaultSide(path, 0));
    FolderForm form = new FolderForm(32, ImageFit.CROP, 0, List.of(), List.of());
    ImageSplits images = ImageFolderReader.read(path, form, counts.train(), counts.test(), n -> {});
    assertEquals(CLASSES, images.classNames());
    int[] ofClass = new int[10];
    for (int i = 0; i < counts.train(); i++) {
      ofClass[images.train().label(i)]++;
    }
    for (int count : ofClass) {
      assertEquals(counts.train() / 10, count);
    }
    Standardization published = CifarFormat.CIFAR10.standardization();
    for (int channel = 0; channel < 3; channel++) {
      Standardization measured = images.standardization();
      assertEquals(published.mean().get(channel), measured.mean().get(channel), 0.01);
      assertEquals(published.deviation().get(channel), measured.deviation().get(channel), 0.01);
    }
  }
}
