package org.agr4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.agr4j.data.ImagePreparation;
import org.agr4j.data.ImageSplits;
import org.agr4j.input.BadInputException;
import org.agr4j.optimizer.OptimizerChoice;
import org.agr4j.run.EpochMeter;
import org.agr4j.run.EpochRecord;
import org.agr4j.run.ModelFile;
import org.agr4j.run.RunFolder;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Settings;
import org.agr4j.zoo.NamedNetwork;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Golden numbers, and runs of three steps an epoch. */
class WeightAverageTest {
  private static final double DECAY = 0.8;
  private static final EpochMeter BEGIN = new EpochMeter(1);

  private final ImageSplits images = SmallRuns.images();
  @TempDir Path folder;

  private static ComputationGraph network(DataType type, int parameters) {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .dataType(type)
                .graphBuilder()
                .addInputs("x")
                .addLayer("y", new DenseLayer.Builder().nIn(parameters - 1).nOut(1).build(), "x")
                .setOutputs("y")
                .validateOutputLayerConfig(false)
                .build());
    graph.init();
    return graph;
  }

  private WeightAverage begun(double decay, ComputationGraph graph) {
    WeightAverage average = new WeightAverage(decay, measured -> {});
    average.begin(graph, BEGIN, RunFolder.create(folder), ProgressReport.SILENT);
    return average;
  }

  @Test
  void isGolden() throws Exception {
    Map<String, INDArray> golden =
        Nd4j.createFromNpzFile(
            new File(WeightAverageTest.class.getResource("/golden/training.npz").toURI()));
    INDArray weights = golden.get("average/weights");
    INDArray averages = golden.get("average/averages");
    ComputationGraph graph = network(DataType.DOUBLE, 7);
    graph.setParams(weights.getRow(0, true).dup());
    WeightAverage average = begun(golden.get("average/decay").getDouble(0), graph);
    for (int step = 1; step < weights.rows(); step++) {
      graph.setParams(weights.getRow(step, true).dup());
      average.afterStep(graph, BEGIN);
      assertArrayEquals(
          averages.getRow(step - 1).dup().data().asDouble(),
          average.measured(graph).params().dup().data().asDouble(),
          1e-15);
    }
  }

  /** 0.9999 and 0.0001 rounded apart would drift by 1.7e-4. */
  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "HALF"})
  void weightsThatStandStillAreTheirAverage(DataType type) {
    ComputationGraph graph = network(type, 30);
    graph.params().assign(3);
    WeightAverage average = begun(0.999, graph);
    for (int step = 0; step < 5000; step++) {
      average.afterStep(graph, BEGIN);
    }
    INDArray off = average.measured(graph).params().castTo(DataType.DOUBLE).sub(3);
    double bound = type == DataType.FLOAT ? 1e-5 : 0.1;
    assertTrue(off.amaxNumber().doubleValue() < bound, off.toString());
  }

  /** 0.9999 to the power of 32 is 0.997; the 32nd root of 0.01 is 0.866. */
  @Test
  void aShortRunIsToldOfItsInitialWeights() {
    assertEquals(
        "Note: after 32 steps the average of the weights is still to 99.7% the initial ones; "
            + "--weight-average 0.9 would leave 1%.",
        WeightAverage.slowness(0.9999, 32).orElseThrow());
    assertEquals(
        "Note: after 10,000 steps the average of the weights is still to 36.8% the initial ones; "
            + "--weight-average 0.9995 would leave 1%.",
        WeightAverage.slowness(0.9999, 10_000).orElseThrow());
    assertTrue(WeightAverage.slowness(0.9999, 29_400).isEmpty());
    assertTrue(WeightAverage.slowness(0, 1).isEmpty());
  }

  @Test
  void aRunSaysSoBeforeItsFirstStep() {
    List<String> told = new ArrayList<>();
    Trainer.train(
        settings(0.9),
        SmallRuns.task(settings(0.9), images),
        RunFolder.create(folder.resolve("told")),
        RunOptions.DEFAULT,
        new ProgressReport() {
          @Override
          public void note(String line) {
            told.add(line);
          }

          @Override
          public void step(Progress progress) {
            told.add("step");
          }
        });
    assertTrue(told.get(0).startsWith("Note: after 6 steps the average"), told.toString());
    assertEquals(1, told.stream().filter(line -> !line.equals("step")).count());
  }

  @Test
  void anotherNetworksAverageIsRefused() throws IOException {
    ByteArrayOutputStream saved = new ByteArrayOutputStream();
    begun(DECAY, network(DataType.FLOAT, 7)).save(saved);
    WeightAverage other = new WeightAverage(DECAY, measured -> {});
    other.restore(saved.toByteArray());
    RunFolder run = RunFolder.create(folder);
    assertEquals(
        folder
            + " has a checkpoint with 7 averaged weights of type FLOAT, expected 8 of type FLOAT",
        assertThrows(
                BadInputException.class,
                () -> other.begin(network(DataType.FLOAT, 8), BEGIN, run, ProgressReport.SILENT))
            .getMessage());
    WeightAverage lost = new WeightAverage(DECAY, measured -> {});
    assertEquals(
        folder + " has a checkpoint without averaged weights, expected them with --weight-average",
        assertThrows(
                BadInputException.class,
                () ->
                    lost.begin(
                        network(DataType.FLOAT, 8), new EpochMeter(2), run, ProgressReport.SILENT))
            .getMessage());
    assertThrows(IOException.class, () -> lost.restore(new byte[40]));
  }

  private static Settings settings(double decay) {
    return SmallRuns.everything(NamedNetwork.RESNET18, 2, OptimizerChoice.ADAMW_AGR, 2)
        .with(LoopSettings.WEIGHT_AVERAGE, decay)
        .settings();
  }

  private TrainResult train(Settings settings, String name, RunOptions options) {
    return Trainer.train(
        settings,
        SmallRuns.task(settings, images),
        RunFolder.create(folder.resolve(name)),
        options,
        ProgressReport.SILENT);
  }

  private ComputationGraph saved(String run, String file) {
    try (ModelFile model = ModelFile.open(folder.resolve(run).resolve(file))) {
      assertTrue(model.text(ImagePreparation.ENTRY).isPresent(), "agr predict takes it");
      return model.network(true);
    }
  }

  /** The run is as without; the average is measured, its statistics too, and is the model. */
  @Test
  void theAverageIsMeasuredAndSavedBesideTheTrainedNetwork() {
    List<INDArray> steps = new ArrayList<>();
    TrainResult plain =
        train(
            settings(0),
            "plain",
            RunOptions.DEFAULT.with(
                new Companion() {
                  @Override
                  public void begin(
                      ComputationGraph graph,
                      EpochMeter at,
                      RunFolder folder,
                      ProgressReport report) {
                    steps.add(graph.params().dup());
                  }

                  @Override
                  public void afterStep(ComputationGraph graph, EpochMeter at) {
                    steps.add(graph.params().dup());
                  }
                }));
    assertFalse(folder.resolve("plain/model-unaveraged.zip").toFile().exists());
    TrainResult averaged = train(settings(DECAY), "averaged", RunOptions.DEFAULT);
    for (int epoch = 0; epoch < 2; epoch++) {
      EpochRecord alone = plain.epochs().get(epoch);
      EpochRecord both = averaged.epochs().get(epoch);
      assertEquals(alone.get("train_loss"), both.get("train_loss"));
      for (String key : List.of("test_loss", "top1", "top5")) {
        assertEquals(alone.get(key), both.get("unaveraged_" + key));
        assertFalse(alone.has("unaveraged_" + key));
      }
      assertNotEquals(alone.get("test_loss"), both.get("test_loss"));
    }
    INDArray expected = steps.get(0).castTo(DataType.DOUBLE);
    for (INDArray step : steps.subList(1, steps.size())) {
      expected.muli(DECAY).addi(step.castTo(DataType.DOUBLE).mul(1 - DECAY));
    }
    ComputationGraph model = saved("averaged", "model.zip");
    assertTrue(expected.equalsWithEps(model.params().castTo(DataType.DOUBLE), 1e-6));
    assertEquals(averaged.graph().params(), model.params());
    Task task = SmallRuns.task(settings(DECAY), images);
    task.prepare(model); // the same layers' helpers
    task.measure(model)
        .forEach((key, value) -> assertEquals(averaged.last().get(key), value, 1e-9, key));
    ComputationGraph trained = saved("averaged", "model-unaveraged.zip");
    assertEquals(plain.graph().params(), trained.params());
    assertEquals(
        plain.graph().getUpdater().getUpdaterStateViewArray(),
        trained.getUpdater().getUpdaterStateViewArray());
  }

  /** Stops within the first epoch, at its end, and within the second. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5})
  void isResumedToTheBit(int steps) {
    Settings settings = settings(DECAY);
    TrainResult whole = train(settings, "whole", RunOptions.DEFAULT);
    RunFolder run = RunFolder.create(folder.resolve("run"));
    RunOptions often = new RunOptions(1, Duration.ZERO, 2, false, List.of());
    CrashingReport.crash(settings, images, run, often, steps);
    TrainResult resumed =
        Trainer.resume(
            settings, SmallRuns.task(settings, images), run, often, ProgressReport.SILENT);
    ResumeRunTest.assertSame(whole, resumed);
    assertEquals(
        whole.epochs().stream().map(e -> e.get("unaveraged_test_loss")).toList(),
        resumed.epochs().stream().map(e -> e.get("unaveraged_test_loss")).toList());
    assertEquals(
        saved("whole", "model-unaveraged.zip").params(),
        saved("run", "model-unaveraged.zip").params());
  }
}
