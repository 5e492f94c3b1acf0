package org.agr4j.spark;

import static org.agr4j.task.classification.ClassificationSettings.DATASET;
import static org.agr4j.task.classification.ClassificationSettings.LIMIT_TEST;
import static org.agr4j.task.classification.ClassificationSettings.LIMIT_TRAIN;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.agr4j.data.ImageBatch;
import org.agr4j.data.ImageSet;
import org.agr4j.data.ImageSplits;
import org.agr4j.input.BadInputException;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Settings;
import org.agr4j.settings.SettingsFile;
import org.agr4j.task.classification.ClassificationSettings;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The batches of a run as files, written once, where every worker can read them: {@code
 * train/00000.batch}, …, {@code test/00000.batch}, … and {@code batches.yaml}, which is written
 * last and says what they are.
 *
 * <p>Which images are in a batch is drawn once, from the seed; the order of batches is drawn anew
 * for each epoch ({@link #order}).
 */
final class BatchFolder {
  private static final String INDEX = "batches.yaml";

  private final Path folder;
  private final Settings settings;

  private BatchFolder(Path folder, Settings settings) {
    this.folder = folder;
    this.settings = settings;
  }

  /**
   * Takes the batches that are there, or writes them.
   *
   * @param folder any folder Hadoop's file systems reach: a path, {@code file:}, {@code hdfs:}, …
   * @param settings data set, limits, batch size, seed
   * @param data images; asked for only if they have to be written
   * @param hadoop configuration of the file systems
   * @param progress is told the number of images written so far
   * @throws BadInputException if other batches are there, or the folder cannot be written
   */
  static BatchFolder export(
      String folder,
      Settings settings,
      ImageSplits data,
      Configuration hadoop,
      LongConsumer progress) {
    try {
      Path path = new Path(folder);
      FileSystem files = path.getFileSystem(hadoop);
      path = files.makeQualified(path);
      String expected = SettingsFile.yaml(contents(settings, data));
      Path index = new Path(path, INDEX);
      if (files.exists(index)) {
        String found;
        try (InputStream in = files.open(index)) {
          found = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        if (!found.equals(expected)) {
          throw new BadInputException(
              "%s holds batches of %s, expected %s or an empty folder"
                  .formatted(folder, inLine(found), inLine(expected)));
        }
        return new BatchFolder(path, settings);
      }
      int batch = settings.get(LoopSettings.BATCH_SIZE);
      long done =
          write(
              files, new Path(path, "train"), data.train(), shuffled(settings), batch, 0, progress);
      int[] inOrder = IntStream.range(0, data.test().size()).toArray();
      write(files, new Path(path, "test"), data.test(), inOrder, batch, done, progress);
      try (OutputStream out = files.create(index, true)) {
        out.write(expected.getBytes(StandardCharsets.UTF_8));
      }
      return new BatchFolder(path, settings);
    } catch (IOException | IllegalArgumentException e) {
      throw new BadInputException(
          "the batches cannot be written to %s (%s), expected a folder that every worker can reach"
              .formatted(folder, e.getMessage()),
          e);
    }
  }

  private static Map<String, Object> contents(Settings settings, ImageSplits data) {
    Map<String, Object> contents = new LinkedHashMap<>();
    contents.put("dataset", settings.get(DATASET).label());
    contents.put("synthetic", ClassificationSettings.isSynthetic(settings));
    contents.put("limit-train", settings.get(LIMIT_TRAIN));
    contents.put("limit-test", settings.get(LIMIT_TEST));
    contents.put("batch-size", settings.get(LoopSettings.BATCH_SIZE));
    contents.put("seed", settings.get(LoopSettings.SEED));
    if (!settings.get(DATASET).isPublished()) {
      contents.put("images-sha256", sha256(data)); // one user's images are not another's
    }
    return contents;
  }

  private static String sha256(ImageSplits data) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      data.train().update(digest);
      data.test().update(digest);
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static String inLine(String yaml) {
    return String.join(", ", yaml.strip().split("\\R"));
  }

  private static int[] shuffled(Settings settings) {
    List<Integer> images =
        new ArrayList<>(IntStream.range(0, settings.get(LIMIT_TRAIN)).boxed().toList());
    Collections.shuffle(images, new Random(settings.get(LoopSettings.SEED)));
    return images.stream().mapToInt(Integer::intValue).toArray();
  }

  private static long write(
      FileSystem files,
      Path folder,
      ImageSet images,
      int[] order,
      int batchSize,
      long before,
      LongConsumer progress)
      throws IOException {
    int number = 0;
    for (int from = 0; from < order.length; from += batchSize) {
      int to = Math.min(from + batchSize, order.length);
      try (OutputStream out =
          new BufferedOutputStream(files.create(new Path(folder, name(number++)), true))) {
        ImageBatch.of(images, order, from, to).write(out);
      }
      progress.accept(before + to);
    }
    return before + order.length;
  }

  private static String name(int batch) {
    return String.format(Locale.ROOT, "%05d.batch", batch);
  }

  /**
   * Training batches in the order of an epoch; the last is the one that may be smaller, since DL4J
   * would fill it up from the next.
   *
   * @param epoch 1 is the first
   */
  List<Integer> order(int epoch) {
    int last = (settings.get(LIMIT_TRAIN) - 1) / settings.get(LoopSettings.BATCH_SIZE);
    List<Integer> batches = new ArrayList<>(IntStream.range(0, last).boxed().toList());
    Collections.shuffle(batches, new Random(settings.get(LoopSettings.SEED) * 1_000_003L + epoch));
    batches.add(last);
    return batches;
  }

  /** Images in a training batch; only the last may have fewer than the others. */
  int size(int batch) {
    return Math.min(
        settings.get(LoopSettings.BATCH_SIZE),
        settings.get(LIMIT_TRAIN) - batch * settings.get(LoopSettings.BATCH_SIZE));
  }

  /** The files of training batches. */
  List<String> trainPaths(List<Integer> batches) {
    return batches.stream().map(batch -> path("train", batch)).toList();
  }

  /** The files of all test batches. */
  List<String> testPaths() {
    int batches =
        (settings.get(LIMIT_TEST) + settings.get(LoopSettings.BATCH_SIZE) - 1)
            / settings.get(LoopSettings.BATCH_SIZE);
    return IntStream.range(0, batches).mapToObj(batch -> path("test", batch)).toList();
  }

  private String path(String split, int batch) {
    return new Path(new Path(folder, split), name(batch)).toString();
  }
}
