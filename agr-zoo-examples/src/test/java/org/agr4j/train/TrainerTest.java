package org.agr4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agr4j.input.BadInputException;
import org.agr4j.optimizer.LearningRateSettings;
import org.agr4j.optimizer.OptimizerChoice;
import org.agr4j.optimizer.OptimizerSettings;
import org.agr4j.optimizer.ScheduleChoice;
import org.agr4j.run.EpochRecord;
import org.agr4j.run.RunFolder;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Settings;
import org.agr4j.updater.AdamWAgr;
import org.agr4j.updater.AgrMode;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.schedule.FixedSchedule;

class TrainerTest {
  private static final int TRAIN = 40;
  private static final int TEST = 20;

  @TempDir Path folder;

  private static Settings settings(OptimizerChoice optimizer, double lr, int epochs) {
    return SmallRuns.given()
        .with(OptimizerSettings.OPTIMIZER, optimizer)
        .with(LearningRateSettings.LEARNING_RATE, lr)
        .with(LearningRateSettings.SCHEDULE, ScheduleChoice.CONSTANT)
        .with(LoopSettings.EPOCHS, epochs)
        .settings();
  }

  private TrainResult train(Settings settings, String name, ProgressReport report) {
    return Trainer.train(
        settings,
        SmallRuns.task(settings, SmallRuns.images()),
        RunFolder.create(folder.resolve(name)),
        RunOptions.DEFAULT,
        report);
  }

  @Test
  void learnsAndSavesWhatItLearned() throws IOException {
    List<Progress> steps = new ArrayList<>();
    List<EpochRecord> epochs = new ArrayList<>();
    List<String> layers = new ArrayList<>();
    Settings settings = settings(OptimizerChoice.ADAMW_AGR, 1e-2, 12);
    TrainResult result =
        train(
            settings,
            "run",
            new ProgressReport() {
              @Override
              public void layers(String inUse) {
                layers.add(inUse);
              }

              @Override
              public void step(Progress progress) {
                steps.add(progress);
              }

              @Override
              public void epochEnd(EpochRecord record, Task task) {
                epochs.add(record);
              }
            });

    assertEquals(1, layers.size());
    assertEquals(result.epochs(), epochs);
    assertEquals(12, epochs.size());
    assertTrue(
        result.last().get("train_loss") < 0.6 * epochs.get(0).get("train_loss"),
        epochs.get(0).get("train_loss") + " fell to " + result.last().get("train_loss"));
    assertTrue(result.last().get("top5") >= result.last().get("top1"));

    assertEquals(36, steps.size(), "three steps an epoch");
    assertEquals(
        List.of(16, 32, 40), steps.subList(0, 3).stream().map(Progress::examples).toList());
    Progress last = steps.get(35);
    assertEquals(12, last.epoch());
    assertEquals(0, last.timeLeft().toMillis());
    assertEquals(result.last().get("train_loss"), last.loss());

    ObjectMapper json = new ObjectMapper();
    List<String> lines = Files.readAllLines(result.metrics());
    assertEquals(12, lines.size());
    JsonNode line = json.readTree(lines.get(11));
    assertEquals(12, line.get("epoch").asInt());
    assertEquals(result.last().get("top5"), line.get("top5").asDouble());
    assertEquals(result.last().get("train_loss"), line.get("train_loss").asDouble());
    JsonNode written = new YAMLMapper().readTree(folder.resolve("run/settings.yaml").toFile());
    assertEquals("adamw-agr", written.get("optimizer").asText());
    assertEquals(0.01, written.get("learning-rate").asDouble());
    JsonNode machine = new YAMLMapper().readTree(folder.resolve("run/environment.yaml").toFile());
    assertEquals(System.getProperty("java.version"), machine.get("java").asText());

    ComputationGraph loaded =
        ModelSerializer.restoreComputationGraph(result.model().toFile(), true);
    assertEquals(result.graph().params(), loaded.params());
    assertEquals(
        result.graph().getUpdater().getUpdaterStateViewArray(),
        loaded.getUpdater().getUpdaterStateViewArray());
    INDArray image = Nd4j.rand(2, 3, 8, 8);
    assertEquals(result.graph().outputSingle(image), loaded.outputSingle(image));
  }

  @Test
  void aRunDependsOnItsSeedAlone() {
    Settings settings = settings(OptimizerChoice.ADAMW_AGR, 1e-3, 1);
    INDArray first = train(settings, "first", ProgressReport.SILENT).graph().params();
    assertEquals(first, train(settings, "again", ProgressReport.SILENT).graph().params());
    Settings plain = settings(OptimizerChoice.ADAMW, 1e-3, 1);
    assertNotEquals(first, train(plain, "plain", ProgressReport.SILENT).graph().params());
  }

  @ParameterizedTest
  @EnumSource(OptimizerChoice.class)
  void everyOptimizerLowersTheLoss(OptimizerChoice optimizer) {
    double lr = optimizer == OptimizerChoice.NESTEROVS ? 0.02 : 5e-3;
    TrainResult result = train(settings(optimizer, lr, 6), "run", ProgressReport.SILENT);
    double first = result.epochs().get(0).get("train_loss");
    assertTrue(
        result.last().get("train_loss") < first,
        first + " became " + result.last().get("train_loss"));
  }

  @Test
  void agrOptimizersSpareBiasesAndBatchNorm() {
    ComputationGraphConfiguration conf =
        configuration(settings(OptimizerChoice.ADAMW_AGR, 1e-3, 1));
    BaseLayer convolution = layer(conf, "stem");
    assertEquals(AgrMode.FIRST_MOMENT, ((AdamWAgr) convolution.getIUpdater()).getAgrMode());
    assertEquals(1, convolution.getRegularization().size());
    BaseLayer output = layer(conf, "output");
    assertEquals(AgrMode.OFF, ((AdamWAgr) output.getBiasUpdater()).getAgrMode());
    BaseLayer norm = layer(conf, "stem_bn");
    assertEquals(AgrMode.OFF, ((AdamWAgr) norm.getIUpdater()).getAgrMode());
  }

  @Test
  void dl4jOptimizersGetL2() {
    ComputationGraphConfiguration conf = configuration(settings(OptimizerChoice.NESTEROVS, 0.1, 1));
    BaseLayer convolution = layer(conf, "stem");
    assertEquals(new Nesterovs(new FixedSchedule(0.1), 0.9), convolution.getIUpdater());
    assertEquals(List.of(new L2Regularization(5e-4)), convolution.getRegularization());
  }

  private static ComputationGraphConfiguration configuration(Settings settings) {
    return OptimizerSettings.plan(settings, 3)
        .applyTo(SmallRuns.task(settings, SmallRuns.images()).network());
  }

  private static BaseLayer layer(ComputationGraphConfiguration conf, String name) {
    return (BaseLayer) ((LayerVertex) conf.getVertices().get(name)).getLayerConf().getLayer();
  }

  @Test
  void stopsWhereTrainingDiverges() {
    Settings wild = settings(OptimizerChoice.NESTEROVS, 1e30, 3);
    DivergedException e =
        assertThrows(DivergedException.class, () -> train(wild, "run", ProgressReport.SILENT));
    assertTrue(e.getMessage().startsWith("training diverged: the "), e.getMessage());
    assertTrue(e.getMessage().contains("lower --learning-rate"), e.getMessage());
  }

  @Test
  void refusesNumbersOutOfRange() {
    String[] expected = {
      "--learning-rate is -1.0, expected a number >= 0",
      "--learning-rate is NaN, expected a number >= 0",
      "--epochs is 0, expected a whole number from 1 to 1000000"
    };
    double[][] values = {{-1, 1}, {Double.NaN, 1}, {0.1, 0}};
    for (int i = 0; i < expected.length; i++) {
      double[] value = values[i];
      assertEquals(
          expected[i],
          assertThrows(
                  BadInputException.class,
                  () -> settings(OptimizerChoice.ADAM, value[0], (int) value[1]))
              .getMessage());
    }
  }
}
