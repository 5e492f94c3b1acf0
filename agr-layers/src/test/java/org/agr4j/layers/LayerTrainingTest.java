package org.agr4j.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Layers over several steps: in either kind of network, with workspaces, as batches change. */
class LayerTrainingTest {
  static List<LayerCase> cases() {
    return LayerCase.all();
  }

  /** The same numbers as in a graph; saved, loaded and trained on. */
  @ParameterizedTest
  @MethodSource("cases")
  void standsInAMultiLayerNetwork(LayerCase c, @TempDir Path folder) throws IOException {
    ComputationGraph graph = c.network(DataType.DOUBLE, new Sgd(0.1));
    MultiLayerConfiguration conf =
        new NeuralNetConfiguration.Builder()
            .dataType(DataType.DOUBLE)
            .updater(new Sgd(0.1))
            .list()
            .layer(c.layer().get())
            .layer(new PositionMean())
            .layer(
                new OutputLayer.Builder(LossFunction.MCXENT)
                    .nOut(LayerCase.CLASSES)
                    .activation(Activation.SOFTMAX)
                    .build())
            .setInputType(c.input())
            .build();
    assertEquals(conf, MultiLayerConfiguration.fromJson(conf.toJson()));
    assertEquals(conf, MultiLayerConfiguration.fromYaml(conf.toYaml()));
    MultiLayerNetwork network = new MultiLayerNetwork(conf);
    network.init();
    network.setParams(graph.params().dup());
    DataSet batch = new DataSet(c.features(DataType.DOUBLE), LayerCase.labels(DataType.DOUBLE));
    graph.fit(batch);
    network.fit(batch);
    assertArrayEquals(graph.params().toDoubleVector(), network.params().toDoubleVector(), 1e-14);
    File file = folder.resolve("model.zip").toFile();
    ModelSerializer.writeModel(network, file, true);
    MultiLayerNetwork loaded = ModelSerializer.restoreMultiLayerNetwork(file, true);
    loaded.fit(batch);
    network.fit(batch);
    assertEquals(network.params(), loaded.params());
  }

  /** What a layer keeps for the backward pass must not be another step's, or another batch's. */
  @ParameterizedTest
  @MethodSource("cases")
  void workspacesAndOtherBatchesChangeNothing(LayerCase c) {
    for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
      INDArray expected = trained(c, type, WorkspaceMode.NONE);
      assertEquals(expected, trained(c, type, WorkspaceMode.ENABLED), type.toString());
    }
  }

  private static INDArray trained(LayerCase c, DataType type, WorkspaceMode mode) {
    ComputationGraph network = c.network(type, new Adam(1e-2));
    network.getConfiguration().setTrainingWorkspaceMode(mode);
    network.getConfiguration().setInferenceWorkspaceMode(mode);
    INDArray x = c.features(type);
    INDArray y = LayerCase.labels(type);
    for (int examples : new int[] {3, 2, 3, 1, 3}) {
      INDArray some = x.get(NDArrayIndex.interval(0, examples)).dup();
      network.fit(new DataSet(some, y.get(NDArrayIndex.interval(0, examples)).dup()));
      network.outputSingle(some); // between steps, as a test after an epoch does
    }
    assertTrue(Double.isFinite(network.params().sumNumber().doubleValue()));
    return network.params();
  }

  /**
   * The third type that DL4J allows: no loop of ours has it, so that it is the plain arithmetic.
   */
  @ParameterizedTest
  @MethodSource("cases")
  void halvesComputeToTheirPrecision(LayerCase c) {
    ComputationGraph exact = c.network(DataType.DOUBLE, new Sgd(0));
    INDArray x = c.features(DataType.DOUBLE);
    INDArray expected = exact.outputSingle(x);
    ComputationGraph network = c.network(DataType.FLOAT16, new Sgd(0));
    network.setParams(exact.params().castTo(DataType.FLOAT16));
    INDArray halves = x.castTo(DataType.FLOAT16);
    INDArray found = network.outputSingle(halves).castTo(DataType.DOUBLE);
    assertEquals(0, expected.sub(found).amaxNumber().doubleValue(), 0.02);
    network.fit(new DataSet(halves, LayerCase.labels(DataType.FLOAT16)));
    assertTrue(Double.isFinite(network.params().sumNumber().doubleValue()));
  }

  /** Keys that are masked are as good as none: the others see the same as in a shorter sequence. */
  @Test
  void maskedPositionsAreNotSeen() {
    LayerCase c =
        new LayerCase(
            "masked",
            () -> new SelfAttention.Builder().heads(2).build(),
            InputType.recurrent(4, 5, org.deeplearning4j.nn.conf.RNNFormat.NWC));
    for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
      org.deeplearning4j.nn.api.Layer layer = c.network(type, new Sgd(0)).getLayer("layer");
      INDArray x = c.features(type);
      INDArray mask = Nd4j.ones(type, LayerCase.BATCH, 5);
      mask.get(NDArrayIndex.all(), NDArrayIndex.interval(3, 5)).assign(0);
      layer.setMaskArray(mask);
      INDArray masked = first(layer.activate(x.dup(), false, LayerWorkspaceMgr.noWorkspaces()));
      INDArray other = x.dup();
      other.get(NDArrayIndex.all(), NDArrayIndex.interval(3, 5)).assign(7);
      assertEquals(masked, first(layer.activate(other, false, LayerWorkspaceMgr.noWorkspaces())));
      layer.setMaskArray(null);
      INDArray shorter = layer.activate(first(x), false, LayerWorkspaceMgr.noWorkspaces());
      assertTrue(shorter.equalsWithEps(masked, type == DataType.FLOAT ? 1e-5 : 1e-12));
    }
  }

  private static INDArray first(INDArray sequences) {
    return sequences.get(NDArrayIndex.all(), NDArrayIndex.interval(0, 3)).dup('c');
  }
}
