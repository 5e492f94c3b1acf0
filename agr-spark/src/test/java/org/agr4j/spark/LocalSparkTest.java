package org.agr4j.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.agr4j.TensorRole;
import org.agr4j.data.ImageSplits;
import org.agr4j.input.BadInputException;
import org.agr4j.optimizer.OptimizerChoice;
import org.agr4j.run.MetricsFile;
import org.agr4j.run.RunFolder;
import org.agr4j.task.classification.ClassificationTask;
import org.agr4j.train.Progress;
import org.agr4j.train.ProgressReport;
import org.agr4j.train.TrainResult;
import org.agr4j.train.Trainer;
import org.agr4j.zoo.NamedNetwork;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Training through Spark in one process. {@code ClusterIT} does it on a cluster. */
class LocalSparkTest {
  private static JavaSparkContext spark;

  @TempDir private Path temp;

  @BeforeAll
  static void connect() {
    spark =
        ClusterConnection.open(
            "local[2]", 2, 1, DriverAddresses.LOOPBACK, Map.of("spark.ui.enabled", "false"));
  }

  @AfterAll
  static void close() {
    spark.close();
  }

  /** 60 images are 7.5 batches, so windows, workers and the last batch are uneven. */
  @ParameterizedTest(name = "{0}, {1} workers, averaging every {2}")
  @CsvSource({
    "adamw-agr, 1, 1",
    "adamw-agr, 1, 5",
    "adan-agr, 1, 3",
    "adamw-agr, 2, 1",
    "adamw-agr, 2, 3",
    "adan-agr, 2, 2"
  })
  void isAveragingWrittenOut(String optimizer, int workers, int frequency) {
    ClusterSettings settings =
        SmallClusterRuns.settings(named(optimizer), workers, frequency, 60, 2);
    AveragingOnOneMachine reference =
        new AveragingOnOneMachine(settings, temp.resolve("reference"));
    ComputationGraph expected = reference.train();

    TrainResult result = train(settings, temp.resolve("run"), SmallClusterRuns.OPTIONS);

    assertSame(expected, result.graph());
    assertFalse(reference.untrained().params().equals(result.graph().params()), "trained");
    assertEquals(2 * settings.stepsPerEpoch(), result.graph().getIterationCount());
    assertEquals(2, result.graph().getEpochCount());
  }

  /** Layers of ours are averaged as DL4J's are, running statistics and step counts too. */
  @ParameterizedTest
  @CsvSource({"CONVNEXT_T, 2", "SWIN_T, 3", "TINYVIT_5M, 4"})
  void averagesNetworksOfOurLayers(NamedNetwork network, int width) {
    ClusterSettings settings =
        SmallClusterRuns.settings(network, width, OptimizerChoice.ADAMW_AGR, 2, 2, 36, 2);
    AveragingOnOneMachine reference =
        new AveragingOnOneMachine(settings, temp.resolve("reference"));
    ComputationGraph expected = reference.train();

    TrainResult result = train(settings, temp.resolve("run"), SmallClusterRuns.OPTIONS);

    assertSame(expected, result.graph());
    assertFalse(reference.untrained().params().equals(result.graph().params()), "trained");
  }

  @Test
  void lossFallsWithTwoWorkers() {
    ClusterSettings settings = SmallClusterRuns.settings(OptimizerChoice.ADAMW_AGR, 2, 2, 400, 5);
    TrainResult result = train(settings, temp.resolve("run"), SmallClusterRuns.OPTIONS);
    double first = result.epochs().get(0).get("train_loss");
    assertTrue(result.last().get("train_loss") < 0.9 * first, first + " to " + result.last());
  }

  @Test
  void resumesInTheMiddleOfAnEpochToTheSameBits() {
    ClusterSettings settings = SmallClusterRuns.settings(OptimizerChoice.ADAN_AGR, 2, 1, 60, 2);
    TrainResult whole = train(settings, temp.resolve("whole"), SmallClusterRuns.OPTIONS);

    ClusterOptions often = new ClusterOptions(null, Duration.ZERO, 2, Duration.ofMinutes(3), null);
    RunFolder folder = RunFolder.create(temp.resolve("cut"));
    ProgressReport cutsInEpoch2 =
        new ProgressReport() {
          @Override
          public void step(Progress progress) {
            if (progress.epoch() == 2 && progress.examples() > 32) {
              throw new Cut();
            }
          }
        };
    assertThrows(Cut.class, () -> run(settings, often, folder, cutsInEpoch2, Trainer::train));
    TrainResult resumed = run(settings, often, folder, ProgressReport.SILENT, Trainer::resume);

    assertSame(whole.graph(), resumed.graph());
    assertArrayEquals(accuracies(whole), accuracies(resumed));
    assertEquals(resumed.epochs(), MetricsFile.read(folder));
  }

  private static double[] accuracies(TrainResult result) {
    return result.epochs().stream()
        .flatMap(
            m -> java.util.stream.Stream.of(m.get("train_loss"), m.get("test_loss"), m.get("top1")))
        .mapToDouble(Double::doubleValue)
        .toArray();
  }

  @Test
  void refusesToShareInOneProcess() {
    ClusterSettings averaging = SmallClusterRuns.settings(OptimizerChoice.ADAMW, 2, 1, 60, 1);
    ClusterSettings sharing =
        new ClusterSettings(averaging.run().with(ClusterSettings.MODE, ClusterMode.SHARING));
    BadInputException refused =
        assertThrows(
            BadInputException.class,
            () -> train(sharing, temp.resolve("run"), SmallClusterRuns.OPTIONS));
    assertTrue(refused.getMessage().startsWith("--mode is sharing"), refused.getMessage());
  }

  /** What comes out of the first convolution is known by hand: its mean and deviation. */
  @ParameterizedTest
  @CsvSource({"RESNET18, 2, stem, stem_bn", "TINYVIT_5M, 4, stem.conv1.conv, stem.conv1.bn"})
  void measuresRunningStatisticsAnew(
      NamedNetwork network, int width, String convolution, String norm) {
    ClusterSettings settings =
        SmallClusterRuns.settings(network, width, OptimizerChoice.ADAMW, 1, 50, 400, 1);
    AveragingOnOneMachine machine = new AveragingOnOneMachine(settings, temp.resolve("b"));
    ImageSplits data = SmallClusterRuns.data(settings);
    BatchFolder batches =
        BatchFolder.export(
            temp.resolve("b").toUri().toString(),
            settings.run(),
            data,
            spark.hadoopConfiguration(),
            images -> {});
    BatchLoader loader =
        new BatchLoader(
            data.standardization(),
            org.agr4j.data.Augmentation.NONE,
            1,
            0,
            List.of(),
            StepCounters.of(spark).failures());
    ComputationGraph graph = machine.untrained();
    ComputationGraph before = machine.untrained();
    boolean isLog = graph.paramTable().containsKey(norm + "_log10stdev");
    String spread = norm + (isLog ? "_log10stdev" : "_var");
    graph.getParam(norm + "_mean").assign(5);
    graph.getParam(spread).assign(3);

    BatchNormStatistics.measure(
        spark,
        settings,
        SmallClusterRuns.task(settings),
        graph,
        batches.trainPaths(IntStream.range(0, 50).boxed().toList()),
        loader);

    org.nd4j.linalg.dataset.DataSet all =
        org.agr4j.data.ImageIterator.inOrder(data.train(), data.standardization(), 400).next();
    INDArray out = before.feedForward(all.getFeatures(), false).get(convolution);
    INDArray channelsFirst = isLog ? out : out.permute(0, 3, 1, 2);
    for (int channel = 0; channel < channelsFirst.size(1); channel++) {
      INDArray plane = channelsFirst.get(NDArrayIndex.all(), NDArrayIndex.point(channel));
      double deviation = plane.stdNumber().doubleValue();
      assertEquals(
          plane.meanNumber().doubleValue(),
          graph.getParam(norm + "_mean").getDouble(channel),
          0.05);
      double found = graph.getParam(spread).getDouble(channel);
      assertEquals(Math.log10(deviation), isLog ? found : Math.log10(found) / 2, 0.02);
    }
    TensorRole.of(before)
        .forEach(
            (name, role) -> {
              if (role.isTrained()) {
                assertEquals(before.getParam(name), graph.getParam(name), name);
              }
            });
  }

  private TrainResult train(ClusterSettings settings, Path folder, ClusterOptions options) {
    return run(settings, options, RunFolder.create(folder), ProgressReport.SILENT, Trainer::train);
  }

  private static TrainResult run(
      ClusterSettings settings,
      ClusterOptions options,
      RunFolder folder,
      ProgressReport report,
      Function<Trainer, TrainResult> how) {
    ClassificationTask task = SmallClusterRuns.task(settings);
    try (ClusterEpochs epochs =
        new ClusterEpochs(spark, settings, options, task, folder, "resume")) {
      return how.apply(
          new Trainer(settings.run(), task, folder, options.runOptions(), report, epochs));
    }
  }

  private static OptimizerChoice named(String label) {
    return java.util.Arrays.stream(OptimizerChoice.values())
        .filter(choice -> choice.label().equals(label))
        .findFirst()
        .orElseThrow();
  }

  /** Parameters and optimizer state, bit for bit: step counts are in the state. */
  static void assertSame(ComputationGraph expected, ComputationGraph found) {
    assertArrayEquals(
        expected.params().toFloatVector(), found.params().toFloatVector(), "parameters");
    assertArrayEquals(
        expected.getUpdater().getStateViewArray().toFloatVector(),
        found.getUpdater().getStateViewArray().toFloatVector(),
        "state");
  }

  private static final class Cut extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
