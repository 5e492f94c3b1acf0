package org.agr4j.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.agr4j.internal.layout.Networks;
import org.agr4j.updater.AdamWAgr;
import org.agr4j.updater.AdanAgr;
import org.agr4j.updater.AgrMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;

/** N + M steps equal N steps, save, restore, M steps, bit for bit. */
class ResumeTest {
  private static final int N = 5;
  private static final int M = 5;

  @TempDir Path folder;

  static Stream<IUpdater> optimizers() {
    return Stream.of(AgrMode.values())
        .flatMap(
            m ->
                Stream.of(
                    new AdamWAgr(1e-2).withMode(m),
                    AdanAgr.builder().learningRate(1e-2).agrMode(m).restartEvery(7).build()));
  }

  private static DataSet batch(int step, long... featureShape) {
    Random random = new Random(step);
    int examples = (int) featureShape[0];
    int length = 1;
    for (long d : featureShape) {
      length *= (int) d;
    }
    double[] features = random.doubles(length, -1, 1).toArray();
    INDArray labels = Nd4j.zeros(DataType.FLOAT, examples, 3);
    for (int i = 0; i < examples; i++) {
      labels.putScalar(i, random.nextInt(3), 1);
    }
    return new DataSet(
        Nd4j.createFromArray(features).castTo(DataType.FLOAT).reshape(featureShape), labels);
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void multiLayerNetwork(IUpdater updater) throws IOException {
    MultiLayerNetwork through = Networks.convolution(updater, true);
    MultiLayerNetwork first = Networks.convolution(updater, true);
    for (int step = 0; step < N; step++) {
      through.fit(batch(step, 4, 1, 6, 6));
      first.fit(batch(step, 4, 1, 6, 6));
    }
    File file = folder.resolve("net.zip").toFile();
    ModelSerializer.writeModel(first, file, true);
    MultiLayerNetwork second = ModelSerializer.restoreMultiLayerNetwork(file, true);
    for (int step = N; step < N + M; step++) {
      through.fit(batch(step, 4, 1, 6, 6));
      second.fit(batch(step, 4, 1, 6, 6));
      assertEquals(through.params(), second.params());
    }
    assertNotEquals(first.params(), second.params());
    assertEquals(through.getUpdater().getStateViewArray(), second.getUpdater().getStateViewArray());
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void computationGraph(IUpdater updater) throws IOException {
    ComputationGraph through = Networks.graph(updater);
    ComputationGraph first = Networks.graph(updater);
    for (int step = 0; step < N; step++) {
      through.fit(batch(step, 4, 2, 6, 6));
      first.fit(batch(step, 4, 2, 6, 6));
    }
    File file = folder.resolve("graph.zip").toFile();
    ModelSerializer.writeModel(first, file, true);
    ComputationGraph second = ModelSerializer.restoreComputationGraph(file, true);
    for (int step = N; step < N + M; step++) {
      through.fit(batch(step, 4, 2, 6, 6));
      second.fit(batch(step, 4, 2, 6, 6));
      assertEquals(through.params(), second.params());
    }
    assertNotEquals(first.params(), second.params());
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void sameDiff(IUpdater updater) {
    SameDiff through = perceptron(updater);
    SameDiff first = perceptron(updater);
    for (int step = 0; step < N; step++) {
      through.fit(batch(step, 4, 5));
      first.fit(batch(step, 4, 5));
    }
    File file = folder.resolve("samediff.fb").toFile();
    first.save(file, true);
    SameDiff second = SameDiff.load(file, true);
    for (int step = N; step < N + M; step++) {
      through.fit(batch(step, 4, 5));
      second.fit(batch(step, 4, 5));
      for (String name : new String[] {"w0", "b0", "w1", "b1"}) {
        assertEquals(through.getVariable(name).getArr(), second.getVariable(name).getArr(), name);
      }
    }
    assertNotEquals(first.getVariable("w0").getArr(), second.getVariable("w0").getArr());
  }

  private static SameDiff perceptron(IUpdater updater) {
    Nd4j.getRandom().setSeed(11);
    SameDiff sd = SameDiff.create();
    SDVariable in = sd.placeHolder("in", DataType.FLOAT, -1, 5);
    SDVariable labels = sd.placeHolder("labels", DataType.FLOAT, -1, 3);
    SDVariable w0 = sd.var("w0", Nd4j.randn(DataType.FLOAT, 5, 8).muli(0.5));
    SDVariable b0 = sd.var("b0", Nd4j.zeros(DataType.FLOAT, 8));
    SDVariable w1 = sd.var("w1", Nd4j.randn(DataType.FLOAT, 8, 3).muli(0.5));
    SDVariable b1 = sd.var("b1", Nd4j.zeros(DataType.FLOAT, 3));
    SDVariable hidden = sd.math().tanh(in.mmul(w0).add(b0));
    sd.loss().softmaxCrossEntropy("loss", labels, hidden.mmul(w1).add(b1), null);
    sd.setLossVariables("loss");
    sd.setTrainingConfig(
        TrainingConfig.builder()
            .updater(updater)
            .dataSetFeatureMapping("in")
            .dataSetLabelMapping("labels")
            .build());
    return sd;
  }
}
