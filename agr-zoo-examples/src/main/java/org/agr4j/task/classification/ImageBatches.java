package org.agr4j.task.classification;

import org.agr4j.data.ImageIterator;
import org.agr4j.train.Batches;
import org.agr4j.train.Position;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** The batches of an {@link ImageIterator}, which counts epochs from 0. */
final class ImageBatches implements Batches {
  private final ImageIterator images;

  ImageBatches(ImageIterator images) {
    this.images = images;
  }

  @Override
  public void enter(Position position) {
    images.skipTo(position.epoch() - 1, position.examples());
  }

  @Override
  public boolean hasNext() {
    return images.hasNext();
  }

  @Override
  public MultiDataSet next() {
    return images.next().toMultiDataSet();
  }

  @Override
  public void close() {
    images.close();
  }
}
