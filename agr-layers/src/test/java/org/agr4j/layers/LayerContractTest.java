package org.agr4j.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.gradientcheck.GradientCheckUtil;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.CacheMode;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.memory.MemoryUseMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.buffer.util.DataTypeUtil;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Every layer is a DL4J layer in full. */
class LayerContractTest {
  private static final DataType DOUBLE = DataType.DOUBLE;

  static List<LayerCase> cases() {
    return LayerCase.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradientsAgreeWithDifferences(LayerCase c) {
    DataType before = Nd4j.dataType();
    DataTypeUtil.setDTypeForContext(DOUBLE);
    try {
      checkGradients(c);
    } finally {
      DataTypeUtil.setDTypeForContext(before);
    }
  }

  private static void checkGradients(LayerCase c) {
    assertTrue(
        GradientCheckUtil.checkGradients(
            new GradientCheckUtil.GraphConfig()
                .net(c.network(DOUBLE, new NoOp()))
                .inputs(new INDArray[] {c.features(DOUBLE)})
                .labels(new INDArray[] {LayerCase.labels(DOUBLE)})
                .epsilon(1e-6)
                .maxRelError(1e-5)
                .minAbsoluteError(1e-8)
                .excludeParams(Set.of("layer_mean", "layer_var")) // statistics
                .exitOnFirstError(true)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void jsonAndYamlKeepTheConfiguration(LayerCase c) {
    ComputationGraphConfiguration conf = c.network(DOUBLE, new Adam()).getConfiguration();
    assertEquals(conf, ComputationGraphConfiguration.fromJson(conf.toJson()));
    assertEquals(conf, ComputationGraphConfiguration.fromYaml(conf.toYaml()));
    assertEquals(c.layer().get(), c.layer().get().clone());
    assertNotEquals(c.layer().get(), new PositionwiseDense.Builder().nOut(99).build());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void savedAndClonedNetworksComputeTheSame(LayerCase c, @TempDir Path folder) throws IOException {
    ComputationGraph network = c.network(DOUBLE, new Adam());
    network.fit(new DataSet(c.features(DOUBLE), LayerCase.labels(DOUBLE)));
    INDArray expected = network.outputSingle(c.features(DOUBLE));
    File file = folder.resolve("model.zip").toFile();
    ModelSerializer.writeModel(network, file, true);
    ComputationGraph loaded = ModelSerializer.restoreComputationGraph(file, true);
    assertEquals(expected, loaded.outputSingle(c.features(DOUBLE)));
    assertEquals(expected, network.clone().outputSingle(c.features(DOUBLE)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void frozenLayersStayAndTheOthersTrain(LayerCase c) {
    ComputationGraph network =
        new TransferLearning.GraphBuilder(c.network(DOUBLE, new Sgd(0.1)))
            .fineTuneConfiguration(
                new FineTuneConfiguration.Builder().updater(new Sgd(0.1)).seed(1).build())
            .setFeatureExtractor("layer")
            .nOutReplace("out", 2, org.deeplearning4j.nn.weights.WeightInit.XAVIER)
            .build();
    INDArray layer = network.getLayer("layer").params();
    INDArray before = layer == null ? null : layer.dup();
    INDArray output = network.getLayer("out").params().dup();
    INDArray labels =
        LayerCase.labels(DOUBLE)
            .get(
                org.nd4j.linalg.indexing.NDArrayIndex.all(),
                org.nd4j.linalg.indexing.NDArrayIndex.interval(0, 2))
            .dup();
    labels.putScalar(2, 0, 1);
    network.fit(new DataSet(c.features(DOUBLE), labels));
    assertEquals(before, network.getLayer("layer").params());
    assertNotEquals(output, network.getLayer("out").params());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void channelsFirstComputesTheSame(LayerCase c) {
    INDArray x = c.features(DOUBLE);
    INDArray labels = LayerCase.labels(DOUBLE);
    ComputationGraph last = c.network(DOUBLE, new NoOp());
    InputType type;
    INDArray permuted;
    if (c.input() instanceof InputType.InputTypeConvolutional) {
      InputType.InputTypeConvolutional i = (InputType.InputTypeConvolutional) c.input();
      type =
          InputType.convolutional(i.getHeight(), i.getWidth(), i.getChannels(), CNN2DFormat.NCHW);
      permuted = x.permute(0, 3, 1, 2);
    } else if (c.input() instanceof InputType.InputTypeRecurrent) {
      InputType.InputTypeRecurrent i = (InputType.InputTypeRecurrent) c.input();
      type = InputType.recurrent(i.getSize(), i.getTimeSeriesLength(), RNNFormat.NCW);
      permuted = x.permute(0, 2, 1);
    } else {
      return;
    }
    ComputationGraph first = c.network(type, DOUBLE, new NoOp());
    first.setParams(last.params());
    double expected = last.score(new DataSet(x, labels));
    assertEquals(expected, first.score(new DataSet(permuted.dup('c'), labels)), 1e-12);
    assertEquals(expected, first.score(new DataSet(permuted, labels)), 1e-12);
    assertArrayEquals(gradient(last, x, labels), gradient(first, permuted.dup('c'), labels), 1e-12);
  }

  private static double[] gradient(ComputationGraph network, INDArray x, INDArray labels) {
    network.setInputs(x);
    network.setLabels(labels);
    network.computeGradientAndScore();
    return network.gradient().gradient().toDoubleVector();
  }

  @Test
  void layersStandInAMultiLayerNetwork() {
    MultiLayerConfiguration conf =
        new NeuralNetConfiguration.Builder()
            .seed(1)
            .updater(new Adam(1e-2))
            .list()
            .layer(new PatchEmbedding.Builder().patch(2).nOut(6).build())
            .layer(new LayerNorm())
            .layer(new WindowAttention.Builder().heads(2).window(2).build())
            .layer(new BatchNorm())
            .layer(new PositionMean())
            .layer(
                new OutputLayer.Builder(LossFunction.MCXENT)
                    .nOut(3)
                    .activation(Activation.SOFTMAX)
                    .build())
            .setInputType(InputType.convolutional(8, 8, 3))
            .build();
    assertEquals(conf, MultiLayerConfiguration.fromJson(conf.toJson()));
    MultiLayerNetwork network = new MultiLayerNetwork(conf);
    network.init();
    DataSet data = new DataSet(Nd4j.rand(6, 3, 8, 8), LayerCase.labels(DataType.FLOAT, 6));
    double before = network.score(data);
    for (int i = 0; i < 30; i++) {
      network.fit(data);
    }
    assertTrue(network.score(data) < before);
    assertEquals(network.getParam("2_proj.W"), network.getLayer(2).getParam("proj.W"));
  }

  /** What DL4J calls weights and biases decides what optimizers do. */
  @Test
  void tensorsSayWhatTheyAre() {
    WindowAttention layer =
        new WindowAttention.Builder()
            .nIn(4)
            .window(2)
            .layerNorm(1e-5)
            .bias(PositionBias.OFFSET)
            .updater(new Sgd(1))
            .biasUpdater(new Sgd(2))
            .l2(0.1)
            .build();
    TensorInitializer p = TensorInitializer.INSTANCE;
    assertEquals(List.of("qkv.W", "proj.W", "table"), p.weightKeys(layer));
    assertEquals(List.of("qkv.b", "proj.b"), p.biasKeys(layer));
    assertTrue(p.isWeightParam(layer, "qkv.W") && !p.isWeightParam(layer, "table"));
    assertTrue(p.isBiasParam(layer, "proj.b") && !p.isBiasParam(layer, "norm.beta"));
    for (String key : p.paramKeys(layer)) {
      boolean weight = p.isWeightParam(layer, key);
      assertEquals(new Sgd(weight ? 1 : 2), layer.getUpdaterByParam(key), key);
      assertEquals(weight ? 1 : 0, layer.getRegularizationByParam(key).size(), key);
    }
    BatchNorm norm = new BatchNorm.Builder().nIn(3).updater(new Sgd(1)).build();
    assertEquals(new NoOp(), norm.getUpdaterByParam("var"));
    assertEquals(new Sgd(1), norm.getUpdaterByParam("gamma"));
  }

  @Test
  void memoryIsReported() {
    for (LayerCase c : LayerCase.all()) {
      ComputationGraph network = c.network(DOUBLE, new Adam());
      assertTrue(
          network
                  .getConfiguration()
                  .getMemoryReport(c.input())
                  .getTotalMemoryBytes(2, MemoryUseMode.TRAINING, CacheMode.NONE, DOUBLE)
              > 0);
    }
  }

  @Test
  void wrongInputNamesTheLayer() {
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class,
            () ->
                new LayerCase(
                        "",
                        () -> new PatchEmbedding.Builder().patch(4).nOut(3).build(),
                        LayerCase.image(6, 8, 3))
                    .network(DOUBLE, new NoOp()));
    assertTrue(e.getMessage().contains("Layer \"layer\" (PatchEmbedding)"), e.getMessage());
    assertTrue(e.getMessage().contains("multiples of the patch, 4"), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> new LayerNorm.Builder().epsilon(0));
    assertThrows(IllegalArgumentException.class, () -> new DropPath(1));
  }

  @Test
  void wrongArraysNameTheLayer() {
    ComputationGraph network = LayerCase.all().get(0).network(DOUBLE, new NoOp());
    Exception e =
        assertThrows(Exception.class, () -> network.outputSingle(Nd4j.rand(DOUBLE, 2, 2, 3, 4)));
    assertTrue(
        e.getMessage().contains("Layer \"layer\" (LayerNorm): expected [N, …, 5]"), e.getMessage());
  }
}
