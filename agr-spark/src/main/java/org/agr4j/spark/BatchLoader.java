package org.agr4j.spark;

import java.io.IOException;
import java.io.InputStream;
import org.agr4j.data.Augmentation;
import org.agr4j.data.BadInputException;
import org.agr4j.data.ImageBatch;
import org.agr4j.data.Standardization;
import org.agr4j.train.LabelSmoothing;
import org.apache.spark.util.CollectionAccumulator;
import org.deeplearning4j.core.loader.DataSetLoader;
import org.nd4j.common.loader.Source;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Reads, augments and standardises a batch on a worker. The outcome depends on the file, the seed
 * and the epoch alone.
 *
 * @param standardization of the data set
 * @param augmentation what is done to an image
 * @param seed of the augmentation
 * @param epoch of the augmentation; 0 is the first
 * @param labelSmoothing ε in [0, 1)
 * @param failures is told of a file that cannot be used: in DL4J's gradient sharing the exception
 *     itself goes no further than the worker's log
 */
record BatchLoader(
    Standardization standardization,
    Augmentation augmentation,
    long seed,
    int epoch,
    double labelSmoothing,
    CollectionAccumulator<String> failures)
    implements DataSetLoader {

  @Override
  public DataSet load(Source source) throws IOException {
    try (InputStream in = source.getInputStream()) {
      ImageBatch batch = ImageBatch.read(source.getPath(), in);
      DataSet images = batch.toDataSet(standardization, augmentation, seed, epoch);
      if (labelSmoothing > 0) {
        new LabelSmoothing(labelSmoothing).preProcess(images);
      }
      return images;
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
}
