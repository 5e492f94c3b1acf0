package org.agr4j.spark;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.VoidFunction;
import org.apache.spark.broadcast.Broadcast;
import org.datavec.spark.util.BroadcastHadoopConfigHolder;
import org.datavec.spark.util.SerializableHadoopConfig;
import org.deeplearning4j.spark.iterator.PathSparkDataSetIterator;

/**
 * Reads every batch once, before gradient sharing begins. There a batch that cannot be read ends
 * the executor, since DL4J reads ahead on a thread whose exceptions nobody catches; Spark replaces
 * it, and the others wait for ever.
 */
final class BatchCheck implements VoidFunction<Iterator<String>> {
  private static final long serialVersionUID = 1L;

  private final BatchLoader loader;
  private final Broadcast<SerializableHadoopConfig> hadoop;

  private BatchCheck(BatchLoader loader, Broadcast<SerializableHadoopConfig> hadoop) {
    this.loader = loader;
    this.hadoop = hadoop;
  }

  /**
   * Reads batches, on the cluster.
   *
   * @param spark the cluster
   * @param paths their files
   * @param loader reads one, and throws if it is damaged
   * @param workers how many share the work
   */
  static void run(JavaSparkContext spark, List<String> paths, BatchLoader loader, int workers) {
    spark
        .parallelize(paths, Math.min(workers, paths.size()))
        .foreachPartition(new BatchCheck(loader, BroadcastHadoopConfigHolder.get(spark)));
  }

  @Override
  public void call(Iterator<String> paths) {
    PathSparkDataSetIterator batches = new PathSparkDataSetIterator(paths, loader, hadoop);
    while (batches.hasNext()) {
      batches.next();
    }
  }
}
