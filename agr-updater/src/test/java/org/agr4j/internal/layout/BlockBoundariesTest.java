package org.agr4j.internal.layout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.agr4j.updater.AdamWAgr;
import org.agr4j.updater.AdanAgr;
import org.agr4j.updater.AgrGradientUpdater;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.feedforward.autoencoder.AutoEncoder;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.LayerUpdater;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Every AGR updater knows exactly the tensors DL4J put into its block, however the network came
 * about.
 */
class BlockBoundariesTest {

  static Stream<String> networks() {
    return Networks.all(new AdamWAgr()).keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("networks")
  void asBuilt(String name) {
    assertBoundaries(Networks.all(new AdamWAgr()).get(name));
    assertBoundaries(Networks.all(new AdanAgr()).get(name));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void afterClone(String name) {
    // DL4J's AttentionVertex.clone() drops the updater, whichever it is.
    assumeFalse(name.equals("graph with attention vertex"));
    Model net = Networks.all(new AdanAgr()).get(name);
    assertBoundaries(
        net instanceof MultiLayerNetwork m ? m.clone() : ((ComputationGraph) net).clone());
  }

  @ParameterizedTest
  @MethodSource("networks")
  void afterJson(String name) {
    Model net = Networks.all(new AdamWAgr()).get(name);
    assertBoundaries(
        net instanceof MultiLayerNetwork m ? throughJson(m) : throughJson((ComputationGraph) net));
  }

  private static Model throughJson(MultiLayerNetwork net) {
    MultiLayerNetwork copy =
        new MultiLayerNetwork(
            MultiLayerConfiguration.fromJson(net.getLayerWiseConfigurations().toJson()));
    copy.init();
    return copy;
  }

  private static Model throughJson(ComputationGraph net) {
    ComputationGraph copy =
        new ComputationGraph(
            ComputationGraphConfiguration.fromJson(net.getConfiguration().toJson()));
    copy.init();
    return copy;
  }

  @ParameterizedTest
  @MethodSource("networks")
  void afterSaveAndRestore(String name) throws IOException {
    Model net = Networks.all(new AdamWAgr()).get(name);
    updater(net);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ModelSerializer.writeModel(net, out, true);
    ByteArrayInputStream in = new ByteArrayInputStream(out.toByteArray());
    assertBoundaries(
        net instanceof MultiLayerNetwork
            ? ModelSerializer.restoreMultiLayerNetwork(in, true)
            : ModelSerializer.restoreComputationGraph(in, true));
  }

  @Test
  void afterTransferLearning() {
    MultiLayerNetwork net = Networks.convolution(new Adam(), true);
    MultiLayerNetwork tuned =
        new TransferLearning.Builder(net)
            .fineTuneConfiguration(
                new FineTuneConfiguration.Builder().updater(new AdamWAgr(1e-4)).build())
            .setFeatureExtractor(0)
            .nOutReplace(2, 5, WeightInit.XAVIER)
            .build();
    assertEquals(6, assertBoundaries(tuned), "tensors that train");

    ComputationGraph graph =
        new TransferLearning.GraphBuilder(Networks.graph(new Adam()))
            .fineTuneConfiguration(
                new FineTuneConfiguration.Builder().updater(new AdanAgr(1e-4)).build())
            .setFeatureExtractor("norm")
            .build();
    assertBoundaries(graph);
  }

  @Test
  void inLayerwisePretraining() {
    MultiLayerNetwork net = (MultiLayerNetwork) Networks.all(new AdamWAgr()).get("pretraining");
    net.pretrainLayer(0, Nd4j.rand(DataType.FLOAT, 5, 6));
    AutoEncoder layer = (AutoEncoder) net.getLayer(0);
    LayerUpdater updater = (LayerUpdater) layer.getOptimizer().getUpdater();
    assertEquals(3, assertBoundaries(updater), "weights, bias, visible bias");
  }

  /** Asserts each block's boundaries; returns the number of tensors seen. */
  private static int assertBoundaries(Model net) {
    return assertBoundaries(updater(net));
  }

  private static BaseMultiLayerUpdater<?> updater(Model net) {
    return (BaseMultiLayerUpdater<?>)
        (net instanceof MultiLayerNetwork m
            ? m.getUpdater()
            : ((ComputationGraph) net).getUpdater());
  }

  private static int assertBoundaries(BaseMultiLayerUpdater<?> updater) {
    int seen = 0;
    for (UpdaterBlock block : updater.getUpdaterBlocks()) {
      GradientUpdater<?> gradientUpdater = block.getGradientUpdater();
      if (gradientUpdater instanceof AgrGradientUpdater<?> agr) {
        long[] expected =
            block.getLayersAndVariablesInBlock().stream()
                .mapToLong(p -> p.getParamOffsetEnd() - p.getParamOffsetStart())
                .toArray();
        assertArrayEquals(expected, agr.getTensorLengths());
        seen += expected.length;
      }
    }
    assertTrue(seen > 0, "some tensors train with AGR");
    return seen;
  }

  @Test
  void mergedTensorsAreUpdatedAsIfAlone() {
    for (IUpdater config : List.of(new AdamWAgr(), new AdanAgr())) {
      MultiLayerNetwork net = Networks.convolution(config, true);
      List<UpdaterBlock> blocks = updater(net).getUpdaterBlocks();
      assertEquals(1, blocks.size());
      AgrGradientUpdater<?> merged = (AgrGradientUpdater<?>) blocks.get(0).getGradientUpdater();
      TensorBoundaries tensors = TensorBoundaries.ofLengths(merged.getTensorLengths());
      assertTrue(tensors.count() >= 5, () -> "at least five tensors in one block, got " + tensors);

      INDArray gradient = Nd4j.rand(DataType.DOUBLE, tensors.totalLength()).subi(0.5);
      gradient = gradient.castTo(net.params().dataType());
      INDArray asOneTensor = gradient.dup();
      INDArray state = Nd4j.create(gradient.dataType(), config.stateSize(gradient.length()));
      config.instantiate(state, true).applyUpdater(asOneTensor, 0, 0);

      List<Float> alone = new ArrayList<>();
      for (int i = 0; i < tensors.count(); i++) {
        INDArray g = slice(gradient, tensors, i).dup();
        INDArray own = Nd4j.create(g.dataType(), config.stateSize(g.length()));
        config.instantiate(own, true).applyUpdater(g, 0, 0);
        for (float x : g.toFloatVector()) {
          alone.add(x);
        }
      }

      merged.applyUpdater(gradient, 0, 0);
      float[] expected = new float[alone.size()];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = alone.get(i);
      }
      assertArrayEquals(expected, gradient.toFloatVector(), 1e-9f);
      assertTrue(
          gradient.sub(asOneTensor).amaxNumber().doubleValue() > 1e-6,
          "Ψ over the merged block is another method");
    }
  }

  private static INDArray slice(INDArray block, TensorBoundaries tensors, int i) {
    return block.get(NDArrayIndex.interval(tensors.start(i), tensors.end(i)));
  }

  @Test
  void networksBuiltOnManyThreadsAtOnce() {
    Map<String, Model> names = Networks.all(new AdamWAgr());
    names.keySet().parallelStream()
        .forEach(name -> assertBoundaries(Networks.all(new AdamWAgr()).get(name)));
  }

  /**
   * An updater whose size DL4J cannot learn at first, so that laying out a network ends half-way.
   */
  private static final class FailingOnce extends Sgd {
    private static final long serialVersionUID = 1L;
    private static boolean failed;

    @Override
    public long stateSize(long numParams) {
      if (!failed) {
        failed = true;
        throw new IllegalStateException("on purpose");
      }
      return 0;
    }

    @Override
    public FailingOnce clone() {
      return new FailingOnce();
    }
  }

  @Test
  void aNetworkThatWasNotBuiltToItsEndIsNoticed() {
    FailingOnce.failed = false;
    MultiLayerNetwork net = network(new AdamWAgr(), new FailingOnce());
    assertThrows(IllegalStateException.class, net::getUpdater);
    MultiLayerNetwork another = network(new AdamWAgr(), new AdamWAgr());
    assertBoundaries(another); // is not disturbed

    FailingOnce.failed = false;
    assertThrows(IllegalStateException.class, net::getUpdater);
    // Its first layer's sizes are there twice now: which belong to the block cannot be known.
    IllegalStateException e = assertThrows(IllegalStateException.class, () -> fit(net));
    assertTrue(e.getMessage().contains("build this one again"), e.getMessage());
    net.setUpdater(null);
    fit(net);
    assertBoundaries(net);
  }

  private static void fit(MultiLayerNetwork net) {
    net.fit(Nd4j.rand(2, 3), Nd4j.createFromArray(new float[][] {{1, 0}, {0, 1}}));
  }

  private static MultiLayerNetwork network(IUpdater first, IUpdater second) {
    MultiLayerNetwork net =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new DenseLayer.Builder().nIn(3).nOut(4).updater(first).build())
                .layer(output(4, 2, second))
                .build());
    net.init();
    return net;
  }

  private static OutputLayer output(int nIn, int nOut, IUpdater updater) {
    return new OutputLayer.Builder(LossFunction.MCXENT)
        .nIn(nIn)
        .nOut(nOut)
        .updater(updater)
        .activation(Activation.SOFTMAX)
        .build();
  }

  @Test
  void aStateViewThatDoesNotFitIsRefused() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> new AdamWAgr().instantiate(Nd4j.zeros(13), true));
    assertTrue(e.getMessage().contains("13 elements"), e.getMessage());
  }
}
