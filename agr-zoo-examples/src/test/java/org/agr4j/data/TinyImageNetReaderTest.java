package org.agr4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.agr4j.input.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TinyImageNetReaderTest {
  private static final int CLASSES = TinyImageNetFixture.WNIDS.size();
  private static final int TRAIN = CLASSES * TinyImageNetFixture.TRAIN_PER_CLASS;
  private static final int TEST = CLASSES * TinyImageNetFixture.TEST_PER_CLASS;

  @TempDir Path folder;

  private static ImageSplits read(Path path, int train, int test) {
    return TinyImageNetReader.read(path, train, test, images -> {});
  }

  /** Image i of a split is number i / 3 of class i % 3. */
  private static void assertWhole(ImageSplits images) {
    assertEquals(TRAIN, images.train().size());
    assertEquals(TEST, images.test().size());
    assertEquals(CLASSES, images.train().classes());
    for (int i = 0; i < TRAIN; i++) {
      assertImage(i % CLASSES, i / CLASSES, false, images.train(), i);
    }
    for (int i = 0; i < TEST; i++) {
      int label = i % CLASSES;
      int number = (CLASSES - 1 - label) * TinyImageNetFixture.TEST_PER_CLASS + i / CLASSES;
      assertImage(label, number, true, images.test(), i);
    }
  }

  private static void assertImage(int label, int number, boolean test, ImageSet images, int i) {
    assertEquals(label, images.label(i));
    int[] colour = TinyImageNetFixture.colour(label, number, test);
    for (int channel = 0; channel < 3; channel++) {
      assertEquals(colour[channel], images.pixel(i, channel, 0, 0), 2);
      assertEquals(colour[channel], images.pixel(i, channel, 63, 63), 2);
    }
  }

  @Test
  void readsTheArchive() throws IOException {
    Path zip = new TinyImageNetFixture().zipIn(folder);
    assertEquals(new ImageCounts(TRAIN, TEST), DatasetChoice.TINY_IMAGENET.count(zip));
    assertWhole(DatasetChoice.TINY_IMAGENET.read(zip, TRAIN, TEST));
  }

  @Test
  void readsAnExtractedFolderAndTheFolderAboveIt() throws IOException {
    Path inner = new TinyImageNetFixture().extractedIn(folder.resolve(TinyImageNetFixture.ROOT));
    Files.createFile(inner.resolve("train/.DS_Store"));
    Files.createFile(inner.resolve("train/n00000010/images/._n00000010_0.JPEG"));
    for (Path path : new Path[] {inner, folder}) {
      assertEquals(new ImageCounts(TRAIN, TEST), TinyImageNetReader.count(path));
      assertWhole(read(path, TRAIN, TEST));
    }
  }

  @Test
  void readsWindowsLineEnds() throws IOException {
    TinyImageNetFixture fixture = new TinyImageNetFixture();
    for (String list : new String[] {"wnids.txt", "val/val_annotations.txt"}) {
      fixture.with(list, new String(fixture.content(list)).replace("\n", "\r\n"));
    }
    assertWhole(read(fixture.zipIn(folder), TRAIN, TEST));
  }

  @Test
  void aCutIsBalancedAndHasTheFirstImages() throws IOException {
    ImageSplits cut = read(new TinyImageNetFixture().zipIn(folder), 7, 4);
    assertEquals(7, cut.train().size());
    assertEquals(4, cut.test().size());
    assertEquals(CLASSES, cut.train().classes());
    for (int i = 0; i < 7; i++) {
      assertImage(i % CLASSES, i / CLASSES, false, cut.train(), i);
    }
  }

  @Test
  void passesOverAClassThatHasRunOut() throws IOException {
    TinyImageNetFixture fixture = new TinyImageNetFixture();
    for (int number = 1; number < TinyImageNetFixture.TRAIN_PER_CLASS; number++) {
      fixture.without("train/n00000010/images/n00000010_" + number + ".JPEG");
    }
    ImageSet train = read(fixture.zipIn(folder), 7, 1).train();
    assertEquals(
        List.of(0, 1, 2, 0, 2, 0, 2),
        Stream.iterate(0, i -> i + 1).limit(7).map(train::label).toList());
  }

  @Test
  void grayscaleBecomesThreeEqualPlanes() throws IOException {
    TinyImageNetFixture fixture = new TinyImageNetFixture();
    fixture.with(
        "train/n00000030/images/n00000030_0.JPEG", TinyImageNetFixture.jpeg(new int[] {100}));
    ImageSet train = read(fixture.zipIn(folder), 1, 1).train();
    for (int channel = 0; channel < 3; channel++) {
      assertEquals(100, train.pixel(0, channel, 10, 20));
    }
  }

  @Test
  void standardizesAsImageNetIs() throws IOException {
    Standardization of = read(new TinyImageNetFixture().zipIn(folder), 1, 1).standardization();
    float[] values = new float[3];
    for (int channel = 0; channel < 3; channel++) {
      of.apply(channel, new byte[] {51}, 0, values, channel, 1);
    }
    assertEquals((.2 - .485) / .229, values[0], 1e-6);
    assertEquals((.2 - .456) / .224, values[1], 1e-6);
    assertEquals((.2 - .406) / .225, values[2], 1e-6);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void theNumberOfThreadsChangesNothing(int threads)
      throws IOException, ExecutionException, InterruptedException {
    Path zip = new TinyImageNetFixture().zipIn(folder);
    List<Long> progress = new ArrayList<>();
    ForkJoinPool pool = new ForkJoinPool(threads);
    try {
      assertWhole(
          pool.submit(() -> TinyImageNetReader.read(zip, TRAIN, TEST, progress::add)).get());
    } finally {
      pool.shutdown();
    }
    assertEquals(LongStream.rangeClosed(1, TRAIN + TEST).boxed().toList(), progress);
  }

  @ParameterizedTest
  @CsvSource({"0, 1, 0 training", "37, 1, 37 training", "1, -1, -1 test", "1, 13, 13 test"})
  void refusesMoreImagesThanThereAre(int train, int test, String part) throws IOException {
    Path zip = new TinyImageNetFixture().zipIn(folder);
    assertRefused(zip, train, test, part + " images asked for, expected 1 to ", zip.toString());
  }

  @Test
  void refusesWhatIsMissing() {
    assertRefused(
        folder.resolve("none.zip"),
        1,
        1,
        "none.zip: no such file or folder, expected tiny-imagenet-200.zip (248,100,043 bytes)");
    assertRefused(
        folder,
        1,
        1,
        folder + "/tiny-imagenet-200/wnids.txt is missing: this is not Tiny-ImageNet");
  }

  static Stream<Arguments> contradictions() {
    return Stream.of(
        bad(f -> f.without("wnids.txt"), "wnids.txt is missing: this is not Tiny-ImageNet"),
        bad(f -> f.with("wnids.txt", ""), "wnids.txt names 0 classes, expected 1 to 200"),
        bad(f -> f.with("wnids.txt", wnids(201)), "wnids.txt names 201 classes, expected 1 to 200"),
        bad(
            f -> f.with("wnids.txt", "n00000030\n../evil\n"),
            "wnids.txt: line 2 is '../evil', expected n and eight digits"),
        bad(
            f -> f.with("wnids.txt", "n00000030\nn00000010\nn00000030\n"),
            "wnids.txt names n00000030 twice"),
        bad(
            f -> f.with("wnids.txt", "n00000030\nn00000010\n"),
            "train/n00000020 is a class that wnids.txt does not name,"
                + " expected its 2 classes, found 3 folders"),
        bad(
            f -> f.without("train/n00000020"),
            "train/n00000020 is missing, a class of wnids.txt:"
                + " expected its 3 classes, found 2 folders"),
        bad(
            f -> f.without("train/n00000020/images"),
            "train/n00000020/images has no images, expected files such as x_0.JPEG"),
        bad(f -> f.without("val/val_annotations.txt"), "val/val_annotations.txt is missing"),
        bad(
            f -> f.without("val/images"),
            "val/images has no images, expected files such as x_0.JPEG"),
        bad(
            f ->
                f.with(
                    "val/val_annotations.txt",
                    annotations(f).replace("val_2.JPEG\tn0", "val_2.JPEG\tn9")),
            "val_annotations.txt: line 3 has the class 'n90000020', expected one of the 3 in"
                + " wnids.txt"),
        bad(
            f -> f.with("val/val_annotations.txt", annotations(f) + "val_9.JPEG"),
            "val_annotations.txt: line 13 is 'val_9.JPEG', expected an image and its class"),
        bad(
            f -> f.with("val/val_annotations.txt", annotations(f) + "val_9.JPEG\tn00000010\n"),
            "val_annotations.txt: line 13 names val_9.JPEG again, expected each image once"),
        bad(
            f -> f.with("val/val_annotations.txt", annotations(f) + "../x.JPEG\tn00000010\n"),
            "val/images/../x.JPEG is missing, which val_annotations.txt names"),
        bad(
            f -> f.without("val/images/val_5.JPEG"),
            "val/images/val_5.JPEG is missing, which val_annotations.txt names"),
        bad(
            f -> f.with("val/images/val_12.JPEG", f.content("val/images/val_0.JPEG")),
            "val/images/val_12.JPEG has no line in val_annotations.txt"),
        bad(
            f ->
                f.with("val/val_annotations.txt", annotations(f).replace("n00000010", "n00000020")),
            "val_annotations.txt has no image of n00000010"),
        bad(
            f -> f.with(LAST, Arrays.copyOf(f.content(LAST), 400)),
            LAST + " (400 bytes) is not a sound JPEG image: "),
        bad(
            f ->
                f.with(
                    LAST, TinyImageNetFixture.jpeg(TinyImageNetFixture.solid(32, 64, new int[3]))),
            LAST + " is 32×64 pixels, expected 64×64"),
        bad(
            f -> f.with(LAST, new byte[FileTree.MOST_FILE_BYTES + 1]),
            LAST + " has ",
            "67,108,864"));
  }

  private static final String LAST = "train/n00000020/images/n00000020_11.JPEG";

  private static Arguments bad(UnaryOperator<TinyImageNetFixture> change, String... parts) {
    return Arguments.of(change, List.of(parts));
  }

  private static String annotations(TinyImageNetFixture fixture) {
    return new String(fixture.content("val/val_annotations.txt"));
  }

  private static String wnids(int count) {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < count; i++) {
      lines.append("n%08d%n".formatted(i));
    }
    return lines.toString();
  }

  @ParameterizedTest
  @MethodSource("contradictions")
  void refusesWhatContradictsItself(UnaryOperator<TinyImageNetFixture> change, List<String> parts)
      throws IOException {
    TinyImageNetFixture fixture = change.apply(new TinyImageNetFixture());
    Path zip = fixture.zipIn(folder);
    Path extracted = fixture.extractedIn(folder.resolve("extracted"));
    for (Path path : new Path[] {zip, extracted}) {
      String[] expected =
          Stream.concat(Stream.of(path.toString()), parts.stream()).toArray(String[]::new);
      assertRefused(path, TRAIN, TEST, expected);
    }
  }

  private static void assertRefused(Path path, int train, int test, String... parts) {
    BadInputException e = assertThrows(BadInputException.class, () -> read(path, train, test));
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), () -> e.getMessage() + "\nhas no: " + part);
    }
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
  }
}
