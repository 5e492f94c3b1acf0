package org.agr4j.task.diffusion;

import org.agr4j.data.ImageIterator;
import org.agr4j.train.Batches;
import org.agr4j.train.Position;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** The first batches of an {@link ImageIterator}'s epochs, which counts them from 0. */
final class WholeBatches implements Batches {
  private final ImageIterator images;
  private final int examples;
  private int done;

  /**
   * Batches of images.
   *
   * @param images the images
   * @param examples images of an epoch that are used; what remains is left out
   */
  WholeBatches(ImageIterator images, int examples) {
    this.images = images;
    this.examples = examples;
  }

  @Override
  public void enter(Position position) {
    images.skipTo(position.epoch() - 1, position.examples());
    done = position.examples();
  }

  @Override
  public boolean hasNext() {
    return done < examples;
  }

  @Override
  public MultiDataSet next() {
    MultiDataSet batch = images.next().toMultiDataSet();
    done += (int) batch.getFeatures(0).size(0);
    return batch;
  }

  @Override
  public void close() {
    images.close();
  }
}
