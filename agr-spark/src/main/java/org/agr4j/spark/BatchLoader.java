package org.agr4j.spark;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.agr4j.data.Augmentation;
import org.agr4j.data.ImageBatch;
import org.agr4j.data.Standardization;
import org.agr4j.input.BadInputException;
import org.agr4j.train.BatchTransform;
import org.agr4j.train.Position;
import org.apache.spark.util.CollectionAccumulator;
import org.deeplearning4j.core.loader.DataSetLoader;
import org.nd4j.common.loader.Source;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Reads, augments and standardises a batch on a worker. The outcome depends on the file, the seed
 * and the epoch alone.
 *
 * @param standardization of the data set
 * @param augmentation what is done to an image
 * @param seed of the augmentation
 * @param epoch of the augmentation; 0 is the first
 * @param transforms what is done to a training batch, in order
 * @param failures is told of a file that cannot be used: in DL4J's gradient sharing the exception
 *     itself goes no further than the worker's log
 */
record BatchLoader(
    Standardization standardization,
    Augmentation augmentation,
    long seed,
    int epoch,
    List<BatchTransform> transforms,
    CollectionAccumulator<String> failures)
    implements DataSetLoader {

  @Override
  public DataSet load(Source source) throws IOException {
    try (InputStream in = source.getInputStream()) {
      ImageBatch batch = ImageBatch.read(source.getPath(), in);
      DataSet images = batch.toDataSet(standardization, augmentation, seed, epoch);
      return transforms.isEmpty() ? images : transformed(images, source.getPath());
    } catch (BadInputException e) {
      failures.add(e.getMessage());
      throw e;
    } catch (IOException e) {
      BadInputException told =
          new BadInputException(
              "the batch file %s cannot be read (%s), expected a whole one: remove it and export"
                  .formatted(source.getPath(), e.getMessage()),
              e);
      failures.add(told.getMessage());
      throw told;
    }
  }

  /**
   * A batch's number in the folder stands for the examples before it: it is the same each epoch.
   */
  private DataSet transformed(DataSet images, String path) {
    int number = Integer.parseInt(path.replaceFirst(".*/(\\d+)\\.batch$", "$1"));
    MultiDataSet batch = images.toMultiDataSet();
    for (BatchTransform transform : transforms) {
      batch = transform.apply(batch, new Position(seed, epoch + 1, number));
    }
    return new DataSet(batch.getFeatures(0), batch.getLabels(0));
  }
}
