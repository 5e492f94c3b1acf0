package org.agr4j.spark;

import java.io.Serializable;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.DoubleAccumulator;
import org.apache.spark.util.LongAccumulator;

/**
 * Images and losses that the workers of a cluster count in an epoch. A part of it that is done
 * again after a machine was lost may be counted twice.
 *
 * @param images images trained on
 * @param lossSum sum of their losses, without decay terms
 * @param failures lines about batch files that could not be used
 */
record StepCounters(
    LongAccumulator images, DoubleAccumulator lossSum, CollectionAccumulator<String> failures)
    implements Serializable {
  /** Names of the counters that {@link LiveCounts} follows. */
  static final String IMAGES = "images trained on";

  static final String LOSS_SUM = "sum of losses";

  /** Makes counters of a cluster, which begin at 0. */
  static StepCounters of(JavaSparkContext spark) {
    return new StepCounters(
        spark.sc().longAccumulator(IMAGES),
        spark.sc().doubleAccumulator(LOSS_SUM),
        spark.sc().collectionAccumulator("batch files that cannot be used"));
  }
}
