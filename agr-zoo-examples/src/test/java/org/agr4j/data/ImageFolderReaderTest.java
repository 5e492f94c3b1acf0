package org.agr4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.agr4j.data.image.ImageFit;
import org.agr4j.input.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.dataset.DataSet;

class ImageFolderReaderTest {
  private static final FolderForm FORM = form(8, 0);

  @TempDir Path folder;

  private static FolderForm form(int side, double testShare) {
    return new FolderForm(side, ImageFit.CROP, testShare, List.of(), List.of());
  }

  private static byte[] image(int width, int height, int rgb, String format) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(i % width, i / width, rgb);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, format, bytes);
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  /** Two classes: red and blue images, whose green is their number. */
  private static Map<String, byte[]> files() {
    Map<String, byte[]> files = new TreeMap<>();
    for (int i = 0; i < 6; i++) {
      files.put("train/red/r_" + i + ".png", image(10, 9, 0xc80000 + (i << 8), "png"));
      files.put("train/Blue/b_" + (8 + i) + ".PNG", image(7, 20, 0x0000c8 + (i << 8), "png"));
    }
    for (int i = 0; i < 3; i++) {
      files.put("val/red/x" + i + ".bmp", image(8, 8, 0xc80000 + (40 + i << 8), "bmp"));
      files.put("val/Blue/deeper/y" + i + ".gif", image(8, 8, 0x0000c8 + (40 + i << 8), "gif"));
    }
    return files;
  }

  private Path write(Map<String, byte[]> files) throws IOException {
    Path root = Files.createDirectories(folder.resolve("images"));
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = root.resolve(file.getKey());
      Files.createDirectories(file.getKey().endsWith("/") ? path : path.getParent());
      if (!file.getKey().endsWith("/")) {
        Files.write(path, file.getValue());
      }
    }
    return root;
  }

  private Path zip(Map<String, byte[]> files) throws IOException {
    Path zip = folder.resolve("images.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        out.putNextEntry(new ZipEntry(file.getKey()));
        out.write(file.getValue());
      }
    }
    return zip;
  }

  private static ImageSplits read(Path path, FolderForm form) {
    ImageCounts there = ImageFolderReader.count(path, form.testShare());
    return ImageFolderReader.read(path, form, there.train(), there.test(), n -> {});
  }

  /** Red, green and blue of each image's middle, and its label. */
  private static List<List<Integer>> summary(ImageSet images) {
    List<List<Integer>> all = new ArrayList<>();
    int middle = images.height() / 2;
    for (int i = 0; i < images.size(); i++) {
      List<Integer> one = new ArrayList<>();
      for (int channel = 0; channel < 3; channel++) {
        one.add(images.pixel(i, channel, middle, middle));
      }
      one.add(images.label(i));
      all.add(one);
    }
    return all;
  }

  @Test
  void classesAreFoldersInTheOrderOfTheirNamesAndTakeTurns() throws IOException {
    ImageSplits images = read(write(files()), FORM);
    assertEquals(List.of("Blue", "red"), images.classNames());
    List<List<Integer>> train = summary(images.train());
    assertEquals(12, train.size());
    assertEquals(List.of(0, 0, 200, 0), train.get(0));
    assertEquals(List.of(200, 0, 0, 1), train.get(1));
    assertEquals(List.of(0, 1, 200, 0), train.get(2)); // b_9 before b_10
    assertEquals(List.of(0, 2, 200, 0), train.get(4));
    assertEquals(List.of(200, 5, 0, 1), train.get(11));
    assertEquals(List.of(0, 40, 200, 0), summary(images.test()).get(0));
    assertEquals(6, images.test().size());
    assertEquals(2, images.train().classes());
    assertEquals(8, images.train().height());
  }

  private static Stream<Arguments> layouts() {
    return Stream.of(
        layout("as it is", name -> name),
        layout("capitals", name -> name.replace("train", "Train").replace("val", "VAL")),
        layout("test", name -> name.replace("val/", "test/")),
        layout(
            "longer names", name -> name.replace("train", "training").replace("val", "validation")),
        layout("a folder around", name -> "my images/" + name),
        layout("two folders around", name -> "a/b/" + name),
        layout("folders in classes", name -> name.replace("red/", "red/images/")));
  }

  private static Arguments layout(String name, Function<String, String> rename) {
    return arguments(name, rename);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layouts")
  void layoutsAreRead(String name, Function<String, String> rename) throws IOException {
    ImageSplits expected = read(write(files()), FORM);
    folder = Files.createDirectories(folder.resolve("other"));
    Map<String, byte[]> files = new LinkedHashMap<>();
    files().forEach((key, content) -> files.put(rename.apply(key), content));
    String root = rename.apply("train/").replaceAll("[Tt]rain.*", "");
    for (String other :
        List.of(
            ".git/x.png", "README.txt", ".DS_Store", "train/notes.csv", "train/red/list.json")) {
      String own = other.startsWith("train/") ? rename.apply(other) : root + other;
      files.put(own, "no image".getBytes(StandardCharsets.UTF_8));
    }
    for (Path path : List.of(write(files), zip(files))) {
      ImageSplits found = read(path, FORM);
      assertEquals(expected.classNames(), found.classNames());
      assertEquals(summary(expected.train()), summary(found.train()));
      assertEquals(summary(expected.test()), summary(found.test()));
      assertEquals(expected.standardization().mean(), found.standardization().mean());
    }
  }

  @Test
  void valComesBeforeTest() throws IOException {
    Map<String, byte[]> files = files();
    files.put("test/red/t.png", image(8, 8, 0, "png"));
    files.put("test/Blue/t.png", image(8, 8, 0, "png"));
    assertEquals(6, read(write(files), FORM).test().size());
  }

  @ParameterizedTest
  @CsvSource({"0.5,3,3", "0.1,5,1", "0.3,4,2", "0.99,1,5", "0.001,5,1"})
  void aShareOfEachClassIsKeptForTesting(double share, int train, int test) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    files()
        .forEach(
            (name, content) -> {
              if (name.startsWith("train/")) {
                files.put(name.substring(6), content);
              }
            });
    ImageSplits images = read(write(files), form(8, share));
    assertEquals(2 * train, images.train().size());
    assertEquals(2 * test, images.test().size());
    Set<List<Integer>> all = new TreeSet<>((a, b) -> a.toString().compareTo(b.toString()));
    all.addAll(summary(images.train()));
    all.addAll(summary(images.test()));
    assertEquals(12, all.size(), "each image is in one of the two");
    assertEquals(summary(images.test()), summary(read(zip(files), form(8, share)).test()));
    // One more image moves none of the others, where the number for testing stays.
    if (test == 1) {
      files.put("red/new.png", image(8, 8, 0x00ff00, "png"));
      files.put("Blue/new.png", image(8, 8, 0x00ff00, "png"));
      List<List<Integer>> after = summary(read(write(files), form(8, share)).test());
      for (List<Integer> image : after) {
        boolean stayed = summary(images.test()).contains(image) || image.get(1) == 255;
        assertTrue(stayed, image + " of " + after);
      }
    }
  }

  @Test
  void meanAndDeviationAreMeasuredOnTheTrainingImages() throws IOException {
    ImageSplits images = read(write(files()), FORM);
    double half = 200 / 255.0 / 2;
    assertEquals(half, images.standardization().mean().get(0), 1e-4);
    assertEquals(2.5 / 255, images.standardization().mean().get(1), 1e-4);
    assertEquals(half, images.standardization().deviation().get(2), 1e-4);
    for (double value : images.standardization().mean()) {
      assertEquals(value, Math.round(value * 1e4) / 1e4, "four digits, as settings keep them");
    }
    FolderForm given =
        new FolderForm(8, ImageFit.CROP, 0, List.of(.1, .2, .3), List.of(.4, .5, .6));
    Standardization kept = read(folder.resolve("images"), given).standardization();
    assertEquals(List.of(.1, .2, .3), kept.mean());
    assertEquals(List.of(.4, .5, .6), kept.deviation());
    assertEquals(kept.mean(), FORM.with(kept).mean());
  }

  @Test
  void aColourThatAllImagesShareCanBeStandardised() throws IOException {
    Map<String, byte[]> files = files();
    files.replaceAll((name, content) -> image(8, 8, 0x102030, "png"));
    assertEquals(List.of(1e-4, 1e-4, 1e-4), read(write(files), FORM).standardization().deviation());
  }

  /** Whether images are held in memory makes no difference to a batch. */
  @ParameterizedTest
  @CsvSource({"CROP,0", "SQUEEZE,2"})
  void streamedBatchesAreTheSameBits(ImageFit fit, int workers) throws IOException {
    Map<String, byte[]> files = files();
    Random random = new Random(1);
    files.replaceAll((name, content) -> noise(6 + random.nextInt(20), 6 + random.nextInt(20)));
    FolderForm form = new FolderForm(8, fit, 0, List.of(), List.of());
    List<String> batches = new ArrayList<>();
    for (Path path : List.of(write(files), zip(files))) {
      for (boolean held : new boolean[] {true, false}) {
        ImageSplits images = ImageFolderReader.read(path, form, 11, 6, held, n -> {});
        StringBuilder all = new StringBuilder();
        try (ImageIterator train =
            ImageIterator.augmented(
                images.train(),
                images.standardization(),
                4,
                5,
                new Augmentation(1, true, 15),
                workers)) {
          for (int epoch = 0; epoch < 2; epoch++) {
            train.startEpoch(epoch);
            while (train.hasNext()) {
              DataSet batch = train.next();
              all.append(java.util.Arrays.hashCode(batch.getFeatures().data().asFloat()))
                  .append(batch.getLabels());
            }
          }
        }
        batches.add(all + " " + summary(images.test()));
        ImageBatch batch = ImageBatch.of(images.train(), new int[] {3, 1, 2}, 0, 3);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        batch.write(bytes);
        batches.set(batches.size() - 1, batches.get(batches.size() - 1) + bytes.size());
      }
    }
    assertEquals(1, Set.copyOf(batches).size(), batches.toString());
  }

  private static byte[] noise(int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(31L * width + height);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(i % width, i / width, random.nextInt());
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  @Test
  void progressCountsEveryImage() throws IOException {
    List<Long> counts = new ArrayList<>();
    ImageFolderReader.read(write(files()), FORM, 5, 2, counts::add);
    assertEquals(List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L), counts);
  }

  @Test
  void theDefaultSizeIs64AndLessForSmallImages() throws IOException {
    assertEquals(32, ImageFolderReader.defaultSide(write(files()), 0));
    Map<String, byte[]> large = files();
    large.replaceAll((name, content) -> image(48, 300, 0, "png"));
    assertEquals(64, ImageFolderReader.defaultSide(write(large), 0));
    large.put("train/red/r_0.png", image(300, 47, 0, "png"));
    assertEquals(32, ImageFolderReader.defaultSide(write(large), 0));
  }

  /** A Mac writes an accent as a letter of its own. */
  @Test
  void accentsAreTheSameHoweverTheyAreWritten() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files()
        .forEach(
            (name, content) -> {
              String accented = name.replace("red", "réd");
              files.put(
                  name.startsWith("val")
                      ? Normalizer.normalize(accented, Normalizer.Form.NFD)
                      : accented,
                  content);
            });
    assertEquals(List.of("Blue", "réd"), read(zip(files), FORM).classNames());
  }

  // Refusals

  private static Stream<Arguments> mistakes() {
    return Stream.of(
        mistake(
            0, files -> files.put("train/empty/", new byte[0]), "empty is a class without images"),
        mistake(
            0,
            files -> files.put("train/texts/a.txt", new byte[3]),
            "texts is a class without images, expected files such as x.jpg"),
        mistake(
            0,
            files -> files.keySet().removeIf(name -> name.contains("Blue")),
            "has one class only, red, expected two classes or more"),
        mistake(
            0,
            files -> files.put("val/green/a.png", image(8, 8, 0, "png")),
            "green is a class that train has not, expected its 2 classes"),
        mistake(
            0,
            files -> files.keySet().removeIf(name -> name.startsWith("val/red")),
            "red is missing, a class of train"),
        mistake(
            0,
            files -> files.keySet().removeIf(name -> name.startsWith("val")),
            "has no test images: give --test-share, for example 0.2"),
        mistake(
            0,
            files -> files.keySet().removeIf(name -> name.startsWith("train")),
            "val is there, but no train beside it"),
        mistake(0.2, files -> {}, "--test-share is 0.2, but"),
        mistake(
            0,
            files -> files.put("train/lost.png", image(8, 8, 0, "png")),
            "lost.png is an image in no class folder"),
        mistake(
            0,
            files -> files.put("training/red/a.png", image(8, 8, 0, "png")),
            "training are both there, expected one of them"),
        mistake(
            0,
            files -> files.put("train/red/r_3.png", new byte[50]),
            "r_3.png (50 bytes) is no image, expected JPEG, PNG"),
        mistake(
            0,
            files ->
                files.put("val/red/cut.png", java.util.Arrays.copyOf(image(8, 8, 0, "png"), 60)),
            "cut.png (60 bytes) is not a sound PNG image: it is cut off"),
        mistake(
            0.5,
            files -> {
              files.clear();
              files.put("a/1.png", image(8, 8, 0, "png"));
              files.put("b/1.png", image(8, 8, 0, "png"));
            },
            "1.png is the only image of the class a, expected two or more"),
        mistake(0, Map::clear, "expected two classes or more"));
  }

  private static Arguments mistake(
      double share, Consumer<Map<String, byte[]>> change, String message) {
    return arguments(share, change, message);
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void mistakesAreSaidInOneLine(double share, Consumer<Map<String, byte[]>> change, String message)
      throws IOException {
    Map<String, byte[]> files = files();
    change.accept(files);
    for (Path path : List.of(write(files), zip(files))) {
      BadInputException e =
          assertThrows(BadInputException.class, () -> read(path, form(8, share)), path.toString());
      assertTrue(e.getMessage().contains(message), () -> e.getMessage() + "\nhas no: " + message);
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
      assertFalse(e.getMessage().contains("null"), e.getMessage());
    }
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    Path none = folder.resolve("none");
    BadInputException e =
        assertThrows(BadInputException.class, () -> ImageFolderReader.count(none, 0));
    assertEquals(
        none
            + ": no such file or folder, expected a folder or zip archive of class folders with"
            + " images",
        e.getMessage());
    Path text = Files.writeString(folder.resolve("a.tar"), "text");
    e = assertThrows(BadInputException.class, () -> ImageFolderReader.count(text, 0));
    assertTrue(e.getMessage().contains("is no zip archive; expected a folder or zip"));
  }

  @ParameterizedTest
  @CsvSource({
    "0,0.2,--side is 0",
    "5000,0.2,--side is 5000",
    "8,1,--test-share is 1.0",
    "8,-1,--test-share"
  })
  void numbersOutOfRangeAreRefused(int side, double share, String message) {
    BadInputException e = assertThrows(BadInputException.class, () -> form(side, share));
    assertTrue(e.getMessage().startsWith(message), e.getMessage());
  }

  @Test
  void aSetHasNoMoreImagesThanThereAre() throws IOException {
    Path path = write(files());
    BadInputException e =
        assertThrows(
            BadInputException.class, () -> ImageFolderReader.read(path, FORM, 13, 1, n -> {}));
    assertTrue(e.getMessage().startsWith("13 training images asked for, expected 1 to 12"));
    assertArrayEquals(new int[] {12, 6}, counts(path));
  }

  private static int[] counts(Path path) {
    ImageCounts counts = ImageFolderReader.count(path, 0);
    return new int[] {counts.train(), counts.test()};
  }
}
