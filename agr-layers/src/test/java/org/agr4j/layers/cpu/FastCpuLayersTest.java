package org.agr4j.layers.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import stranger.OwnPreProcessor;

class FastCpuLayersTest {
  @Test
  void saysWhatIsInUse() {
    ComputationGraph network = SmallNetworks.residual();
    String line = FastCpuLayers.install(network);
    assertTrue(line.startsWith("Fast CPU layers: "), line);
    assertTrue(line.contains("fused passes for 6 batch norms"), line);
    assertEquals(
        FastCpuLayers.oneDnnBuilt(), line.endsWith("one pass for 6 of them with their ReLU"), line);
    assertEquals(FastCpuLayers.oneDnnBuilt(), line.contains("oneDNN for 6 convolutions"), line);
    assertEquals(FastCpuLayers.oneDnnBuilt() ? 12 : 6, helpers(network));
  }

  /** The build picks ND4J with oneDNN where there is one. */
  @Test
  void thisPlatformHasOneDnn() {
    String platform = System.getProperty("os.arch");
    if (platform.equals("amd64") || platform.equals("x86_64")) {
      assertTrue(FastCpuLayers.oneDnnBuilt(), Nd4j.getBackend().buildInfo());
    }
  }

  @Test
  void canBeTurnedOff() {
    System.setProperty(FastCpuLayers.PROPERTY, "false");
    try {
      ComputationGraph network = SmallNetworks.residual();
      assertTrue(FastCpuLayers.install(network).contains("off"));
      assertEquals(0, helpers(network));
    } finally {
      System.clearProperty(FastCpuLayers.PROPERTY);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"DOUBLE", "HALF"})
  void leavesNetworksOfOtherTypesAlone(DataType type) {
    ComputationGraph network = SmallNetworks.residual(type);
    assertTrue(FastCpuLayers.install(network).contains("not FLOAT"));
    assertEquals(0, helpers(network));
  }

  @Test
  void reachesLayersInsideFrozenOnes() {
    ComputationGraph network = SmallNetworks.residual();
    ComputationGraph frozen =
        new TransferLearning.GraphBuilder(network)
            .fineTuneConfiguration(
                new FineTuneConfiguration.Builder().updater(new Sgd(0.1)).build())
            .setFeatureExtractor("stem-relu")
            .build();
    String line = FastCpuLayers.install(frozen);
    assertTrue(line.contains("fused passes for 6 batch norms"), line);
    frozen.fit(SmallNetworks.data(4, 1));
  }

  @Test
  void leavesBatchNormWithFixedParametersAlone() {
    ComputationGraph network =
        SmallNetworks.around(new BatchNormalization.Builder().lockGammaBeta(true).build());
    FastCpuLayers.install(network);
    assertNull(network.getLayer("layer").getHelper());
  }

  @Test
  void leavesOtherConvolutionsAlone() {
    for (Layer layer :
        new Layer[] {
          new DepthwiseConvolution2D.Builder(3, 3).build(),
          new SeparableConvolution2D.Builder(3, 3).nOut(4).build(),
          new Deconvolution2D.Builder(3, 3).nOut(4).build()
        }) {
      ComputationGraph network = SmallNetworks.around(layer);
      FastCpuLayers.install(network);
      assertNull(network.getLayer("layer").getHelper());
    }
  }

  @Test
  void refusesWhatIsNoNetworkYet() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nIn(3).nOut(4).build())
                .build());
    assertEquals(
        "network has no layers yet: call its init() first",
        assertThrows(IllegalArgumentException.class, () -> FastCpuLayers.install(network))
            .getMessage());
    assertEquals(
        "network must be a ComputationGraph or a MultiLayerNetwork, but is null",
        assertThrows(IllegalArgumentException.class, () -> FastCpuLayers.install(null))
            .getMessage());
  }

  /** Nobody knows what a user's own part writes to, so ReLU's output is computed once more. */
  @Test
  void trustsNoPartThatItDoesNotKnow() {
    ComputationGraph network = SmallNetworks.residual();
    assertTrue(KeptActivations.keepTheirSigns(network));
    assertFalse(
        KeptActivations.keepTheirSigns(
            SmallNetworks.around(new DropoutLayer.Builder(new GaussianNoise(1)).build())));
    assertTrue(KeptActivations.keepTheirSigns(SmallNetworks.around(new DropoutLayer(0.5))));
    MultiLayerNetwork withPreProcessor =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nIn(3).nOut(4).build())
                .layer(new SubsamplingLayer.Builder().kernelSize(2, 2).build())
                .inputPreProcessor(1, new OwnPreProcessor())
                .build());
    withPreProcessor.init();
    assertFalse(KeptActivations.keepTheirSigns(withPreProcessor));
  }

  @Test
  void aCloneStartsWithoutHelpers() {
    ComputationGraph network = SmallNetworks.residual();
    FastCpuLayers.install(network);
    assertEquals(0, helpers(network.clone()));
  }

  @Test
  void worksForMultiLayerNetworks() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nIn(3).nOut(4).build())
                .layer(new BatchNormalization.Builder().nIn(4).nOut(4).build())
                .layer(new SubsamplingLayer.Builder().kernelSize(2, 2).build())
                .build());
    network.init();
    FastCpuLayers.install(network);
    assertNotNull(network.getLayer(1).getHelper());
    assertNull(network.getLayer(2).getHelper());
    assertFalse(network.output(SmallNetworks.data(2, 1).getFeatures()).isNaN().any());
  }

  private static long helpers(ComputationGraph network) {
    return Stream.of(network.getLayers()).filter(layer -> layer.getHelper() != null).count();
  }
}
