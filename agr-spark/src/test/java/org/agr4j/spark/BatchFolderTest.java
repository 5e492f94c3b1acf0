package org.agr4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.agr4j.data.Augmentation;
import org.agr4j.data.DatasetChoice;
import org.agr4j.data.ImageBatch;
import org.agr4j.data.ImageIterator;
import org.agr4j.data.ImageSplits;
import org.agr4j.input.BadInputException;
import org.agr4j.optimizer.OptimizerChoice;
import org.agr4j.settings.Settings;
import org.agr4j.task.classification.ClassificationSettings;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

class BatchFolderTest {
  private final ClusterSettings settings =
      SmallClusterRuns.settings(OptimizerChoice.ADAMW, 1, 1, 60, 1);
  private final ImageSplits data = SmallClusterRuns.data(settings);

  @TempDir private Path folder;

  private BatchFolder export(ClusterSettings which) {
    return BatchFolder.export(
        folder.toString(), which.run(), data, new Configuration(), images -> {});
  }

  @Test
  void holdsEveryImageOnce() throws IOException {
    BatchFolder batches = export(settings);
    INDArray sums = null;
    int images = 0;
    for (String path : batches.trainPaths(IntStream.range(0, 8).boxed().toList())) {
      DataSet batch = read(path).toDataSet(data.standardization(), Augmentation.NONE, 1, 0);
      INDArray sum = batch.getFeatures().sum(0);
      sums = sums == null ? sum : sums.addi(sum);
      images += batch.numExamples();
    }
    INDArray all =
        ImageIterator.inOrder(data.train(), data.standardization(), 60).next().getFeatures().sum(0);
    assertEquals(60, images);
    assertTrue(all.equalsWithEps(sums, 1e-3));
    assertEquals(3, batches.testPaths().size());
    assertEquals(4, read(batches.testPaths().get(2)).size());
  }

  @Test
  void testBatchesAreInOrder() throws IOException {
    DataSet first =
        read(export(settings).testPaths().get(0))
            .toDataSet(data.standardization(), Augmentation.NONE, 1, 0);
    assertEquals(ImageIterator.inOrder(data.test(), data.standardization(), 8).next(), first);
  }

  @Test
  void everyEpochHasAnOrderOfItsOwnAndTheSmallBatchLast() {
    BatchFolder batches = export(settings);
    assertNotEquals(batches.order(1), batches.order(2));
    assertEquals(batches.order(1), batches.order(1));
    assertEquals(8, new TreeSet<>(batches.order(1)).size());
    assertEquals(7, batches.order(3).get(7));
    assertEquals(4, batches.size(7));
    assertEquals(8, batches.size(6));
  }

  @Test
  void isWrittenOnce() throws IOException {
    String path = export(settings).testPaths().get(0);
    FileTime written = Files.getLastModifiedTime(Path.of(URI.create(path).getPath()));
    Files.setLastModifiedTime(
        Path.of(URI.create(path).getPath()), FileTime.fromMillis(written.toMillis() - 60_000));
    export(settings);
    assertTrue(
        Files.getLastModifiedTime(Path.of(URI.create(path).getPath())).compareTo(written) < 0);
  }

  @Test
  void othersAreNotTaken() {
    export(settings);
    ClusterSettings more = SmallClusterRuns.settings(OptimizerChoice.ADAMW, 1, 1, 50, 1);
    BadInputException refused = assertThrows(BadInputException.class, () -> export(more));
    assertTrue(
        refused.getMessage().contains("limit-train: 60")
            && refused.getMessage().contains("expected")
            && refused.getMessage().contains("limit-train: 50"),
        refused.getMessage());
  }

  /** The name folder says nothing of whose images they are. */
  @Test
  void batchesOfOtherOwnImagesAreNotTaken() {
    Settings own = settings.run().with(ClassificationSettings.DATASET, DatasetChoice.FOLDER);
    String path = folder.toString();
    BatchFolder.export(path, own, data, new Configuration(), images -> {});
    BatchFolder.export(path, own, data, new Configuration(), images -> {});
    ImageSplits others = DatasetChoice.CIFAR10.synthetic(99, 60, 20);
    BadInputException refused =
        assertThrows(
            BadInputException.class,
            () -> BatchFolder.export(path, own, others, new Configuration(), images -> {}));
    assertTrue(refused.getMessage().contains("images-sha256: "), refused.getMessage());
  }

  @Test
  void anInterruptedExportIsDoneAgain() throws IOException {
    BatchFolder batches = export(settings);
    Files.delete(folder.resolve("batches.yaml"));
    Path first = Path.of(URI.create(batches.testPaths().get(0)).getPath());
    Files.write(first, new byte[3]);
    assertEquals(8, read(export(settings).testPaths().get(0)).size());
  }

  /** Or a run that a later version resumes would see other batches. */
  @Test
  void orderIsKeptAcrossVersions() {
    assertEquals(List.of(0, 2, 4, 5, 6, 3, 1, 7), export(settings).order(1));
  }

  private static ImageBatch read(String path) throws IOException {
    try (InputStream in = Files.newInputStream(Path.of(URI.create(path).getPath()))) {
      return ImageBatch.read(path, in);
    }
  }
}
