package org.agr4j.spark;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.agr4j.layers.cpu.FastCpuLayers;
import org.agr4j.task.classification.Scores;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.datavec.spark.util.BroadcastHadoopConfigHolder;
import org.datavec.spark.util.SerializableHadoopConfig;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.api.worker.NetBroadcastTuple;
import org.deeplearning4j.spark.iterator.PathSparkDataSetIterator;

/** Scores of a network, each worker testing on a part of the batches. */
final class ClusterScores implements FlatMapFunction<Iterator<String>, Scores> {
  private static final long serialVersionUID = 1L;

  private final Broadcast<NetBroadcastTuple> network;
  private final BatchLoader loader;
  private final Broadcast<SerializableHadoopConfig> hadoop;

  private ClusterScores(
      Broadcast<NetBroadcastTuple> network,
      BatchLoader loader,
      Broadcast<SerializableHadoopConfig> hadoop) {
    this.network = network;
    this.loader = loader;
    this.hadoop = hadoop;
  }

  /**
   * Tests a network on the cluster's workers.
   *
   * @param spark the cluster
   * @param graph the network; not modified
   * @param paths files of the test batches
   * @param loader reads them
   * @param workers how many share the work
   */
  static Scores of(
      JavaSparkContext spark,
      ComputationGraph graph,
      List<String> paths,
      BatchLoader loader,
      int workers) {
    Broadcast<NetBroadcastTuple> network =
        spark.broadcast(new NetBroadcastTuple(graph.getConfiguration(), graph.params(), null));
    try {
      Scores all = new Scores();
      spark
          .parallelize(paths, Math.min(workers, paths.size()))
          .mapPartitions(new ClusterScores(network, loader, BroadcastHadoopConfigHolder.get(spark)))
          .collect()
          .forEach(all::add);
      return all;
    } finally {
      network.unpersist();
    }
  }

  @Override
  public Iterator<Scores> call(Iterator<String> paths) {
    if (!paths.hasNext()) {
      return Collections.emptyIterator();
    }
    NetBroadcastTuple received = network.getValue();
    ComputationGraph graph = new ComputationGraph(received.getGraphConfiguration().clone());
    graph.init(received.getParameters().unsafeDuplication(), false);
    FastCpuLayers.install(graph);
    Scores scores = Scores.of(graph, new PathSparkDataSetIterator(paths, loader, hadoop));
    return Collections.singletonList(scores).iterator();
  }
}
