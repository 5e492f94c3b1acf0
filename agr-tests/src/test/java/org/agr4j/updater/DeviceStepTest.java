package org.agr4j.updater;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.agr4j.kernel.cuda.HostDeviceProvider;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What a step does besides the formula, again, where a device does it whole. */
class DeviceStepTest extends StepTest {
  private static final int LENGTH = 6;

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

  private static MultiLayerNetwork threeBlocks() {
    NeuralNetConfiguration.ListBuilder layers =
        new NeuralNetConfiguration.Builder().miniBatch(false).list().overrideNinUponBuild(false);
    for (AgrOptimizer config : List.of(new AdamWAgr(1e-3), new AdanAgr(), new AdamWAgr(1e-2))) {
      layers.layer(
          new DenseLayer.Builder().nIn(LENGTH).nOut(1).hasBias(false).updater(config).build());
    }
    MultiLayerNetwork net = new MultiLayerNetwork(layers.build());
    net.init();
    net.initGradientsView();
    return net;
  }

  private static void update(MultiLayerNetwork net, int iteration, int bad) {
    INDArray flat = net.getFlattenedGradients();
    double[] g = new double[3 * LENGTH];
    Arrays.setAll(g, i -> i + 1 + iteration);
    if (bad >= 0) {
      g[bad * LENGTH + 2] = Double.NaN;
    }
    flat.assign(Nd4j.createFromArray(g).reshape(flat.shape()));
    ((BaseMultiLayerUpdater<?>) net.getUpdater())
        .update(new DefaultGradient(flat), iteration, 0, 1, LayerWorkspaceMgr.noWorkspaces());
  }

  private static double[] steps(MultiLayerNetwork net) {
    return ((BaseMultiLayerUpdater<?>) net.getUpdater())
        .getUpdaterBlocks().stream()
            .map(block -> (AgrGradientUpdater<?>) block.getGradientUpdater())
            .mapToDouble(u -> u.getState().get(AgrGradientUpdater.STEPS_STATE).getDouble(0))
            .toArray();
  }
}
