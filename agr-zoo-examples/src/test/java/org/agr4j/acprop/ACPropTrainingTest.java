package org.agr4j.acprop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** ACProp trains what DL4J and SameDiff build, and goes on after a restore bit for bit. */
class ACPropTrainingTest {
  private static final int N = 5;
  private static final int M = 5;

  @TempDir Path folder;

  private static ACProp acProp() {
    return ACProp.builder().learningRate(1e-2).epsilon(1e-8).build();
  }

  private static MultiLayerNetwork network() {
    MultiLayerNetwork net =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(2)
                .updater(acProp())
                .list()
                .layer(new DenseLayer.Builder().nIn(5).nOut(8).activation(Activation.TANH).build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(8)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
    net.init();
    return net;
  }

  private static DataSet batch(int seed) {
    Random random = new Random(seed);
    INDArray features = Nd4j.createFromArray(random.doubles(40, -1, 1).toArray());
    INDArray labels = Nd4j.zeros(DataType.FLOAT, 8, 3);
    for (int i = 0; i < 8; i++) {
      double first = features.getDouble(5 * i);
      labels.putScalar(i, first < -0.3 ? 0 : first < 0.3 ? 1 : 2, 1);
    }
    return new DataSet(features.castTo(DataType.FLOAT).reshape(8, 5), labels);
  }

  @Test
  void lossFalls() {
    MultiLayerNetwork net = network();
    BaseMultiLayerUpdater<?> updater = (BaseMultiLayerUpdater<?>) net.getUpdater();
    assertEquals(1, updater.getUpdaterBlocks().size(), "DL4J merges all tensors into one block");
    double before = net.score(batch(1000));
    for (int step = 0; step < 300; step++) {
      net.fit(batch(step));
    }
    double after = net.score(batch(1000));
    assertTrue(after < 0.5 * before, "from " + before + " to " + after);
  }

  @Test
  void aRestoredNetworkGoesOnBitForBit() throws IOException {
    MultiLayerNetwork through = network();
    MultiLayerNetwork first = network();
    for (int step = 0; step < N; step++) {
      through.fit(batch(step));
      first.fit(batch(step));
    }
    File file = folder.resolve("net.zip").toFile();
    ModelSerializer.writeModel(first, file, true);
    MultiLayerNetwork second = ModelSerializer.restoreMultiLayerNetwork(file, true);
    for (int step = N; step < N + M; step++) {
      through.fit(batch(step));
      second.fit(batch(step));
      assertEquals(through.params(), second.params());
    }
    assertNotEquals(first.params(), second.params());
    assertEquals(through.getUpdater().getStateViewArray(), second.getUpdater().getStateViewArray());

    MultiLayerNetwork withoutState = ModelSerializer.restoreMultiLayerNetwork(file, false);
    assertThrows(IllegalStateException.class, () -> withoutState.fit(batch(N)));
    withoutState.setIterationCount(0);
    withoutState.fit(batch(N));
  }

  @Test
  void sameDiffGoesOnAsWell() {
    SameDiff through = perceptron();
    SameDiff first = perceptron();
    for (int step = 0; step < N; step++) {
      through.fit(batch(step));
      first.fit(batch(step));
    }
    File file = folder.resolve("samediff.fb").toFile();
    first.save(file, true);
    SameDiff second = SameDiff.load(file, true);
    for (int step = N; step < N + M; step++) {
      through.fit(batch(step));
      second.fit(batch(step));
      assertEquals(through.getVariable("w").getArr(), second.getVariable("w").getArr());
    }
    assertNotEquals(first.getVariable("w").getArr(), second.getVariable("w").getArr());
  }

  private static SameDiff perceptron() {
    Nd4j.getRandom().setSeed(11);
    SameDiff sd = SameDiff.create();
    SDVariable in = sd.placeHolder("in", DataType.FLOAT, -1, 5);
    SDVariable labels = sd.placeHolder("labels", DataType.FLOAT, -1, 3);
    SDVariable w = sd.var("w", Nd4j.randn(DataType.FLOAT, 5, 3).muli(0.5));
    sd.loss().softmaxCrossEntropy("loss", labels, in.mmul(w), null);
    sd.setLossVariables("loss");
    sd.setTrainingConfig(
        TrainingConfig.builder()
            .updater(acProp())
            .dataSetFeatureMapping("in")
            .dataSetLabelMapping("labels")
            .build());
    return sd;
  }
}
