package org.agr4j.updater;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.agr4j.internal.kernel.cuda.HostDeviceProvider;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.variational.VariationalAutoencoder;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What a step does besides the formula, again, where a device does it whole. */
class StepOnGpuTest extends StepTest {
  private static final int LENGTH = 6;
  private static final NonFinite FAIL = NonFinite.FAIL;

  @BeforeAll
  static void useTheHostDevice() {
    HostDeviceProvider.use();
  }

  @AfterAll
  static void stop() {
    HostDeviceProvider.stop();
  }

  /** The host learns of a NaN once for each step of the network, before DL4J subtracts. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aNaNInAnyBlockFailsTheNetworksStep(int bad) {
    MultiLayerNetwork net = threeBlocks();
    update(net, 0, -1);

    NonFiniteGradientException e =
        assertThrows(NonFiniteGradientException.class, () -> update(net, 1, bad));

    assertEquals(
        "gradient of tensor 0 of 1 in its block (length 6) holds a NaN at iteration 1, epoch 0",
        e.getMessage());
    double[] steps = {1, 1, 1};
    Arrays.fill(steps, 0, bad, 2); // as on a CPU, the blocks before it have stepped
    assertArrayEquals(steps, steps(net));
    INDArray updates = net.getFlattenedGradients();
    for (int i = bad * LENGTH; i < updates.length(); i++) {
      assertEquals(0, updates.getDouble(i), "no update from the NaN on");
    }

    update(net, 2, -1);
    assertArrayEquals(Arrays.stream(steps).map(t -> t + 1).toArray(), steps(net));
  }

  /** FAIL is a block's own rule: the last block to step may have another. */
  @ParameterizedTest
  @EnumSource(
      value = NonFinite.class,
      names = {"SKIP", "PROPAGATE"})
  void aNaNFailsTheStepWhateverTheLastBlocksRule(NonFinite last) {
    MultiLayerNetwork net = blocks(adamW(FAIL), adan(FAIL), adamW(last));
    NonFiniteGradientException e =
        assertThrows(NonFiniteGradientException.class, () -> update(net, 0, 0));
    assertEquals(
        "gradient of tensor 0 of 1 in its block (length 6) holds a NaN at iteration 0, epoch 0",
        e.getMessage());
    update(net, 1, -1);
    assertArrayEquals(new double[] {1, 1, 2}, steps(net));
  }

  @ParameterizedTest
  @EnumSource(NonFinite.class)
  void aNaNFailsTheStepWhereTheDriverRefusesTheLastBlock(NonFinite last) {
    HostDeviceProvider.useRefusing("adan");
    try {
      MultiLayerNetwork net = blocks(adamW(FAIL), new AdamWAgr(1e-2), adan(last));
      assertThrows(NonFiniteGradientException.class, () -> update(net, 0, 0));
      double lastSteps = last == FAIL ? 0 : 1;
      assertArrayEquals(new double[] {0, 0, lastSteps}, steps(net));
      update(net, 1, -1);
      assertArrayEquals(new double[] {1, 1, lastSteps + 1}, steps(net));
    } finally {
      HostDeviceProvider.use();
    }
  }

  @Test
  void whatTheDriverRefusesWaitsForTheBlocksBefore() {
    HostDeviceProvider.useRefusing("adan");
    try {
      MultiLayerNetwork net = blocks(adamW(FAIL), adan(FAIL), adamW(FAIL));
      assertThrows(NonFiniteGradientException.class, () -> update(net, 0, 0));
      assertArrayEquals(new double[] {0, 0, 0}, steps(net));
    } finally {
      HostDeviceProvider.use();
    }
  }

  /** The norms see a NaN, then the driver refuses the update. */
  @Test
  void halfAStepLeavesNoVerdictBehind() {
    HostDeviceProvider.useRefusing("adan");
    MultiLayerNetwork net;
    try {
      net = blocks(adan(FAIL));
      assertThrows(NonFiniteGradientException.class, () -> update(net, 0, 0));
    } finally {
      HostDeviceProvider.use();
    }
    MultiLayerNetwork other = blocks(adamW(FAIL), adan(FAIL));
    update(other, 0, -1);
    assertArrayEquals(new double[] {1, 1}, steps(other));
  }

  /** DL4J steps an autoencoder's decoder only when it pretrains. */
  @Test
  void aNaNFailsTheNextStepWhereTheLastBlockDoesNotStepAndFromThenOnItsOwn() {
    MultiLayerNetwork net = network(denseLayer(adamW(FAIL)), autoencoder());
    List<UpdaterBlock> blocks = updater(net).getUpdaterBlocks();
    assertTrue(blocks.get(blocks.size() - 1).skipDueToPretrainConfig(false));
    assertThrows(
        NonFiniteGradientException.class,
        () -> {
          update(net, 0, 0);
          update(net, 1, -1);
        });
    assertEquals(0, steps(net)[0]);
    update(net, 2, -1);
    assertEquals(1, steps(net)[0]);
    NonFiniteGradientException e =
        assertThrows(NonFiniteGradientException.class, () -> update(net, 3, 0));
    assertTrue(e.getMessage().contains(" at iteration 3,"), e.getMessage());
    update(net, 4, -1);
    assertEquals(2, steps(net)[0]);
  }

  private static AgrOptimizer adamW(NonFinite nonFinite) {
    return AdamWAgr.builder().nonFinite(nonFinite).build();
  }

  private static AgrOptimizer adan(NonFinite nonFinite) {
    return AdanAgr.builder().nonFinite(nonFinite).build();
  }

  private static MultiLayerNetwork threeBlocks() {
    return blocks(new AdamWAgr(1e-3), new AdanAgr(), new AdamWAgr(1e-2));
  }

  private static MultiLayerNetwork blocks(AgrOptimizer... configs) {
    return network(Arrays.stream(configs).map(StepOnGpuTest::denseLayer).toArray(Layer[]::new));
  }

  private static Layer denseLayer(AgrOptimizer config) {
    return new DenseLayer.Builder().nIn(LENGTH).nOut(1).hasBias(false).updater(config).build();
  }

  private static Layer autoencoder() {
    return new VariationalAutoencoder.Builder()
        .nIn(2)
        .nOut(2)
        .encoderLayerSizes(3)
        .decoderLayerSizes(3)
        .updater(adan(FAIL))
        .build();
  }

  private static MultiLayerNetwork network(Layer... layers) {
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder().miniBatch(false).list().overrideNinUponBuild(false);
    Arrays.stream(layers).forEach(list::layer);
    MultiLayerNetwork net = new MultiLayerNetwork(list.build());
    net.init();
    net.initGradientsView();
    return net;
  }

  private static void update(MultiLayerNetwork net, int iteration, int bad) {
    INDArray flat = net.getFlattenedGradients();
    double[] g = new double[(int) flat.length()];
    Arrays.setAll(g, i -> i + 1 + iteration);
    if (bad >= 0) {
      g[bad * LENGTH + 2] = Double.NaN;
    }
    flat.assign(Nd4j.createFromArray(g).reshape(flat.shape()));
    updater(net)
        .update(new DefaultGradient(flat), iteration, 0, 1, LayerWorkspaceMgr.noWorkspaces());
  }

  private static BaseMultiLayerUpdater<?> updater(MultiLayerNetwork net) {
    return (BaseMultiLayerUpdater<?>) net.getUpdater();
  }

  private static double[] steps(MultiLayerNetwork net) {
    return updater(net).getUpdaterBlocks().stream()
        .map(block -> (AgrGradientUpdater<?>) block.getGradientUpdater())
        .mapToDouble(u -> u.getState().get(AgrGradientUpdater.STEPS_STATE).getDouble(0))
        .toArray();
  }
}
