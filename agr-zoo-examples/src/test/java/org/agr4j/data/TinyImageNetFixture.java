package org.agr4j.data;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;

/**
 * Writes Tiny-ImageNet in its official layout, with {@link #WNIDS three classes} that are not in
 * the order of their names, and images of one colour that says where they belong.
 */
public final class TinyImageNetFixture {
  static final List<String> WNIDS = List.of("n00000030", "n00000010", "n00000020");
  static final int TRAIN_PER_CLASS = 12;
  static final int TEST_PER_CLASS = 4;
  static final String ROOT = "tiny-imagenet-200/";

  private final Map<String, byte[]> files = new LinkedHashMap<>();

  /** All its files. */
  public TinyImageNetFixture() {
    with("wnids.txt", String.join("\n", WNIDS) + "\n");
    with("words.txt", "n00000010\tone\nn00000020\ttwo\nn00000030\tthree\n");
    StringBuilder annotations = new StringBuilder();
    for (int i = 0; i < WNIDS.size() * TEST_PER_CLASS; i++) {
      annotations.append("val_%d.JPEG\t%s\t0\t1\t62\t63\n".formatted(i, WNIDS.get(testLabel(i))));
      with("val/images/val_" + i + ".JPEG", jpeg(colour(testLabel(i), i, true)));
    }
    with("val/val_annotations.txt", annotations.toString());
    for (int label = 0; label < WNIDS.size(); label++) {
      String wnid = WNIDS.get(label);
      with("train/" + wnid + "/" + wnid + "_boxes.txt", wnid + "_0.JPEG\t0\t1\t62\t63\n");
      for (int i = 0; i < TRAIN_PER_CLASS; i++) {
        with("train/%s/images/%s_%d.JPEG".formatted(wnid, wnid, i), jpeg(colour(label, i, false)));
      }
    }
    with("test/images/test_0.JPEG", jpeg(new int[] {1, 2, 3}));
  }

  /**
   * Validation images of a class come in a row: 0 to 3 are of class 2, 4 to 7 of 1, 8 to 11 of 0.
   */
  static int testLabel(int number) {
    return WNIDS.size() - 1 - number / TEST_PER_CLASS;
  }

  /** Red, green and blue of an image. */
  static int[] colour(int label, int number, boolean test) {
    return new int[] {40 + 60 * label, 30 + 15 * number, test ? 200 : 60};
  }

  static byte[] jpeg(int[] rgb) {
    return jpeg(solid(64, 64, rgb));
  }

  static BufferedImage solid(int width, int height, int[] rgb) {
    int type = rgb.length == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR;
    BufferedImage image = new BufferedImage(width, height, type);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.getRaster().setPixel(x, y, rgb);
      }
    }
    return image;
  }

  /** At the best quality, where a colour comes back to within rounding. */
  static byte[] jpeg(BufferedImage image) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (var out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam best = writer.getDefaultWriteParam();
      best.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      best.setCompressionQuality(1);
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), best);
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory", e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  /** Names, relative to the data set's folder, and contents. */
  Map<String, byte[]> files() {
    return files;
  }

  byte[] content(String name) {
    return files.get(name);
  }

  /** Replaces or adds a file. */
  TinyImageNetFixture with(String name, byte[] content) {
    files.put(name, content);
    return this;
  }

  TinyImageNetFixture with(String name, String content) {
    return with(name, content.getBytes(StandardCharsets.UTF_8));
  }

  /** Another image in place of the first of a class. */
  public TinyImageNetFixture swapped() {
    String wnid = WNIDS.get(0);
    return with("train/%s/images/%s_0.JPEG".formatted(wnid, wnid), jpeg(new int[] {9, 8, 7}));
  }

  /** Leaves a file out, or a folder with all that is in it. */
  TinyImageNetFixture without(String name) {
    if (!files.keySet().removeIf(file -> file.equals(name) || file.startsWith(name + "/"))) {
      throw new IllegalArgumentException("no " + name);
    }
    return this;
  }

  /** Writes the archive into a folder. */
  public Path zipIn(Path folder) throws IOException {
    Path path = folder.resolve("tiny-imagenet-200.zip");
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(path)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        zip.putArchiveEntry(new ZipArchiveEntry(ROOT + file.getKey()));
        zip.write(file.getValue());
        zip.closeArchiveEntry();
      }
    }
    return path;
  }

  /** Writes the files into a folder. */
  public Path extractedIn(Path folder) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
    return folder;
  }
}
