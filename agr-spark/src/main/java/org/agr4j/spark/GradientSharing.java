package org.agr4j.spark;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.agr4j.input.BadInputException;
import org.agr4j.task.classification.ClassificationTask;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.datavec.spark.util.BroadcastHadoopConfigHolder;
import org.deeplearning4j.core.loader.DataSetLoader;
import org.deeplearning4j.core.loader.MultiDataSetLoader;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.solvers.accumulation.encoding.residual.ResidualClippingPostProcessor;
import org.deeplearning4j.optimize.solvers.accumulation.encoding.threshold.AdaptiveThresholdAlgorithm;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.Repartition;
import org.deeplearning4j.spark.api.RepartitionStrategy;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.spark.parameterserver.functions.SharedFlatMapPaths;
import org.deeplearning4j.spark.parameterserver.training.SharedTrainingMaster;
import org.deeplearning4j.spark.parameterserver.training.SharedTrainingResult;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.parameterserver.distributed.conf.VoidConfiguration;
import org.nd4j.parameterserver.distributed.v2.ModelParameterServer;

/**
 * DL4J's gradient sharing: each worker steps its own optimizer, sends the elements of its update
 * that exceed a threshold τ, as ±τ, over UDP to all others and the driver, and adds the rest to its
 * next update.
 *
 * <p>One call is one epoch. DL4J 1.0.0-M2 keeps an executor's parameter server and the first
 * epoch's network for later calls with the same training master, so that with one trainer an
 * executor the second epoch would begin with the first's weights and hear of nobody's updates. So
 * each epoch has a master of its own, and {@link FreshExecutor} closes what the one before left.
 */
final class GradientSharing implements WindowTraining {
  private static final double FIRST_THRESHOLD = 1e-3;
  private static final double CLIP = 5;
  private static final int CLIP_EVERY = 5;
  private static final int PREFETCHED_BATCHES = 2;

  private final JavaSparkContext spark;
  private final ClusterSettings settings;
  private final ClassificationTask task;
  private final String networkMask;

  /**
   * Prepares the sharing of gradients for a run.
   *
   * @param spark a cluster: in one process, as with {@code local[2]}, nothing would be shared
   * @param settings model, batch size and workers
   * @param task the network
   * @param networkMask of the addresses through which workers talk, such as 10.1.0.0/16; null for
   *     the network of the driver
   */
  GradientSharing(
      JavaSparkContext spark,
      ClusterSettings settings,
      ClassificationTask task,
      String networkMask) {
    this.spark = spark;
    this.settings = settings;
    this.task = task;
    this.networkMask = networkMask;
  }

  @Override
  public int batches() {
    return settings.batches();
  }

  @Override
  public void train(
      ComputationGraph graph, List<String> paths, BatchLoader loader, WorkerStep step) {
    AeronDirectory.useNew();
    FreePort.takeNew();
    INDArray before = graph.params().dup();
    Master master = new Master(configuration(), settings);
    master.setListeners(List.of(step));
    int workers = Math.min(settings.workers(), paths.size());
    new SparkComputationGraph(spark, graph, master)
        .fitPaths(spark.parallelize(paths, workers), loader);
    if (before.equalsWithEps(graph.params(), 0)) {
      throw new BadInputException(
          "no worker's update reached the driver at "
              + driverAddress()
              + ", expected UDP to be open between all machines; see --network-mask");
    }
    BatchNormStatistics.measure(spark, settings, task, graph, paths, loader);
  }

  private VoidConfiguration configuration() {
    String address = driverAddress();
    String mask = networkMask;
    if (mask == null && !address.startsWith("127.")) {
      mask = address.substring(0, address.lastIndexOf('.')) + ".0/24";
    }
    VoidConfiguration configuration =
        VoidConfiguration.builder().portSupplier(new FreePort()).controllerAddress(address).build();
    if (mask != null) {
      configuration.setNetworkMask(mask);
    }
    return configuration;
  }

  private String driverAddress() {
    String host = spark.getConf().get("spark.driver.host");
    try {
      return InetAddress.getByName(host).getHostAddress();
    } catch (UnknownHostException e) {
      throw new BadInputException(
          "spark.driver.host is " + host + ", expected a name or address of this machine", e);
    }
  }

  @Override
  public void close() {
    if (ModelParameterServer.getInstance().isInitialized()) {
      ModelParameterServer.getInstance().shutdown();
    }
  }

  /** DL4J's master, with executors that begin anew. */
  private static final class Master extends SharedTrainingMaster {
    Master(VoidConfiguration configuration, ClusterSettings settings) {
      super(
          configuration,
          settings.workers(),
          RDDTrainingApproach.Direct,
          null,
          false,
          RepartitionStrategy.SparkDefault,
          Repartition.Never,
          new AdaptiveThresholdAlgorithm(FIRST_THRESHOLD),
          new ResidualClippingPostProcessor(CLIP, CLIP_EVERY),
          settings.batchSize(),
          settings.batchSize(),
          0,
          1,
          PREFETCHED_BATCHES,
          null,
          null,
          null,
          false);
      this.storageLevelStreams = null;
    }

    @Override
    protected void doIterationPaths(
        SparkDl4jMultiLayer network,
        SparkComputationGraph graph,
        JavaRDD<String> paths,
        int split,
        int splits,
        DataSetLoader loader,
        MultiDataSetLoader multiLoader,
        int batchSize) {
      SharedFlatMapPaths<SharedTrainingResult> training =
          new SharedFlatMapPaths<>(
              getWorkerInstance(graph),
              loader,
              BroadcastHadoopConfigHolder.get(graph.getSparkContext()));
      processResults(null, graph, paths.mapPartitions(new FreshExecutor(training)));
    }
  }
}
