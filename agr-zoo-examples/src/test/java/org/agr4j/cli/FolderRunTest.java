package org.agr4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user's own images, from class folders to a named prediction. */
class FolderRunTest {
  @TempDir Path folder;
  private Path images;

  /** Dark and light noise, of two sizes. */
  @BeforeEach
  void twoClasses() throws IOException {
    images = folder.resolve("my images");
    Random random = new Random(1);
    for (String split : List.of("train", "val")) {
      for (String name : List.of("dark", "light")) {
        Path place = Files.createDirectories(images.resolve(split).resolve(name));
        for (int i = 0; i < (split.equals("train") ? 16 : 4); i++) {
          BufferedImage image = new BufferedImage(9 + i % 3, 8, BufferedImage.TYPE_INT_RGB);
          for (int p = 0; p < image.getWidth() * 8; p++) {
            int level = (name.equals("dark") ? 0 : 128) + random.nextInt(128);
            image.setRGB(p % image.getWidth(), p / image.getWidth(), level * 0x010101);
          }
          ImageIO.write(image, i % 2 == 0 ? "png" : "bmp", place.resolve(i + ".png").toFile());
        }
      }
    }
  }

  private static Outcome train(Object data, Path out, String... more) {
    return Outcome.agr(
        Stream.concat(
                Stream.of(
                    "train",
                    "--dataset=folder",
                    "--data=" + data,
                    "--width=2",
                    "--epochs=2",
                    "--batch-size=8",
                    "--augment=none",
                    "--out=" + out),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private Path zip() throws IOException {
    Path zip = folder.resolve("images.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip));
        Stream<Path> files = Files.walk(images)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new ZipEntry(folder.relativize(file).toString().replace('\\', '/')));
        Files.copy(file, (OutputStream) out);
      }
    }
    return zip;
  }

  private static List<String> losses(Path run) throws IOException {
    return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
        .map(line -> line.replaceAll(".*\"train_loss\":([^,]+),.*", "$1"))
        .toList();
  }

  @Test
  void trainsKeepsWhatItMeasuredAndPredicts() throws IOException {
    Path run = folder.resolve("run");
    Outcome outcome = train(images, run, "--side=8").done();
    assertTrue(
        outcome.out().contains("on 32 own images of 2 classes, testing on 8"), outcome.out());
    String settings = Files.readString(run.resolve("settings.yaml"));
    assertTrue(settings.contains("dataset: folder\n"), settings);
    assertTrue(settings.contains("side: 8\n"), settings);
    assertTrue(settings.contains("fit: crop\n"), settings);
    assertTrue(settings.matches("(?s).*mean:\n- 0\\.\\d{1,4}\n- 0\\.\\d{1,4}\n.*"), settings);
    assertTrue(!settings.contains("test-share"), settings);

    // The same again from the settings, and from a zip of the same images.
    Path again = folder.resolve("again");
    Outcome.agr("train", "--config=" + run.resolve("settings.yaml"), "--out=" + again).done();
    assertEquals(losses(run), losses(again));
    Path zipped = folder.resolve("zipped");
    train(zip(), zipped, "--side=8").done();
    assertEquals(losses(run), losses(zipped));
    Outcome resumed =
        Outcome.agr("train", "--resume=" + run, "--data=" + folder.resolve("images.zip")).done();
    assertTrue(resumed.out().contains("Nothing to do"), resumed.out());

    Outcome predicted =
        Outcome.agr(
                "predict",
                "--model-file=" + run.resolve("model.zip"),
                images.resolve("val/dark/0.png").toString())
            .done();
    assertTrue(
        predicted.out().matches("(?s).*0\\.png: (dark|light) \\d+\\.\\d%, (dark|light) \\d.*"),
        predicted.out());
  }

  @Test
  void aShareOfOneLevelOfFoldersIsTestedOn() throws IOException {
    Path run = folder.resolve("run");
    Outcome outcome =
        train(images.resolve("train"), run, "--test-share=0.25", "--fit=squeeze").done();
    assertTrue(
        outcome.out().contains("on 24 own images of 2 classes, testing on 8"), outcome.out());
    String settings = Files.readString(run.resolve("settings.yaml"));
    assertTrue(settings.contains("test-share: 0.25\nside: 32\nfit: squeeze\n"), settings);
  }

  private static void assertRefused(Outcome outcome, String message) {
    assertEquals(1, outcome.status(), outcome.err());
    assertTrue(outcome.err().contains(message), outcome.err() + " has no: " + message);
    assertEquals(1, outcome.err().lines().count(), outcome.err());
  }

  @Test
  void mistakesAreSaidInOneLine() throws IOException {
    Path out = folder.resolve("out");
    assertRefused(Outcome.agr("train", "--dataset=folder"), "--dataset folder needs --data");
    assertRefused(
        Outcome.agr("train", "--dataset=folder", "--download"), "--dataset folder needs --data");
    assertRefused(
        Outcome.tiny("train", "--side=8"), "--side means nothing to --dataset cifar10, expected");
    assertRefused(train(images, out, "--side=0"), "--side is 0, expected 1 to 4096 pixels");
    assertRefused(train(images, out, "--test-share=1"), "--test-share is 1.0, expected a number");
    assertRefused(train(images, out, "--test-share=0.5"), "has test images: leave one out");
    assertRefused(train(images, out, "--mean=0.5"), "--mean is [0.5], expected three numbers");
    assertRefused(train(images.resolve("train"), out), "has no test images: give --test-share");
    assertRefused(train(folder.resolve("none"), out), "none: no such file or folder, expected");
    Files.writeString(images.resolve("train/dark/7.png"), "text");
    assertRefused(train(images, out), "7.png (4 bytes) is no image, expected JPEG, PNG");
    assertTrue(Files.notExists(out), "nothing half-begun is left");
  }
}
