package org.agr4j.train;

import java.io.Serializable;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Something done to every training batch: label smoothing, mixing, noise, masks. A task lists them;
 * they are applied in order, on a thread that prepares batches or on a cluster's worker.
 */
@FunctionalInterface
public interface BatchTransform extends Serializable {
  /**
   * Transforms a batch.
   *
   * @param batch the batch; may be modified
   * @param position where the run stands before it; what is drawn is drawn from {@link
   *     Position#seedOf}
   * @return the same batch, or another
   */
  MultiDataSet apply(MultiDataSet batch, Position position);
}
