package org.agr4j.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.agr4j.regularization.AgrRegularization;
import org.agr4j.regularization.DecoupledWeightDecay;
import org.agr4j.regularization.ProximalWeightDecay;
import org.agr4j.schedule.CosineSchedule;
import org.agr4j.schedule.WarmupSchedule;
import org.agr4j.updater.AdamWAgr;
import org.agr4j.updater.AdanAgr;
import org.agr4j.updater.AgrMode;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/**
 * Networks with AGR optimizers that commit e363745 wrote (frozen/README.md) are read by this build
 * and go on to the same bits: the step is Java's and elementwise arithmetic, the same on any
 * processor.
 */
class FrozenNetworkTest {
  private static final int STEPS_BEFORE = 3;
  private static final int STEPS_AFTER = 3;

  @ParameterizedTest
  @ValueSource(strings = {"adamw-agr", "adan-agr"})
  void jsonAndYamlDescribeTheSavedNetwork(String optimizer) throws IOException {
    ComputationGraphConfiguration json =
        ComputationGraphConfiguration.fromJson(text(optimizer, "network.json"));
    ComputationGraphConfiguration yaml =
        ComputationGraphConfiguration.fromYaml(text(optimizer, "network.yaml"));
    assertEquals(json, yaml);
    ComputationGraph saved = saved(optimizer);
    BaseLayer conv = layer(json, "conv");
    assertEquals(conv, layer(saved.getConfiguration(), "conv"));
    ComputationGraph fresh = new ComputationGraph(json);
    fresh.init();
    assertEquals(saved.numParams(), fresh.numParams());

    boolean adamW = optimizer.equals("adamw-agr");
    assertEquals(adamW ? adamW() : adan(), conv.getIUpdater());
    assertEquals(
        AgrMode.OFF,
        adamW
            ? ((AdamWAgr) conv.getBiasUpdater()).getAgrMode()
            : ((AdanAgr) conv.getBiasUpdater()).getAgrMode());
    assertEquals(
        List.of(
            new AgrRegularization(),
            adamW ? new DecoupledWeightDecay(1e-2) : new ProximalWeightDecay(2e-2)),
        conv.getRegularization());
  }

  private static IUpdater adamW() {
    return AdamWAgr.builder()
        .learningRateSchedule(
            new WarmupSchedule(
                ScheduleType.ITERATION,
                2,
                new CosineSchedule(ScheduleType.ITERATION, 1e-2, 1e-4, 10)))
        .agrStrength(new MapSchedule(ScheduleType.EPOCH, Map.of(0, 1.0, 7, 0.5)))
        .build();
  }

  private static IUpdater adan() {
    return AdanAgr.builder().learningRate(1e-2).restartEvery(5).build();
  }

  private static BaseLayer layer(ComputationGraphConfiguration conf, String name) {
    return (BaseLayer) ((LayerVertex) conf.getVertices().get(name)).getLayerConf().getLayer();
  }

  @ParameterizedTest
  @ValueSource(strings = {"adamw-agr", "adan-agr"})
  void theSavedOptimizerGoesOnToTheSameBits(String optimizer) throws IOException {
    ComputationGraph graph = saved(optimizer);
    for (int step = STEPS_BEFORE; step < STEPS_BEFORE + STEPS_AFTER; step++) {
      step(graph, step);
    }
    assertArrayEquals(floats(optimizer, "parameters.bin"), values(graph.params()), "parameters");
    assertArrayEquals(
        floats(optimizer, "state.bin"),
        values(graph.getUpdater().getUpdaterStateViewArray()),
        "the optimizer's state");
  }

  /** A step on made-up gradients, as DL4J's solver takes it. */
  private static void step(ComputationGraph graph, int step) {
    Random random = new Random(step);
    float[] g = new float[(int) graph.numParams()];
    for (int i = 0; i < g.length; i++) {
      g[i] = (float) random.nextGaussian();
    }
    graph.initGradientsView();
    INDArray flat = graph.getFlattenedGradients();
    flat.assign(Nd4j.createFromArray(g).reshape(flat.shape()));
    graph
        .getUpdater()
        .update(new DefaultGradient(flat), step, 0, 4, LayerWorkspaceMgr.noWorkspaces());
    graph.params().subi(flat.reshape(graph.params().shape()));
  }

  private static ComputationGraph saved(String optimizer) throws IOException {
    try (InputStream in = file(optimizer, "model.zip")) {
      return ModelSerializer.restoreComputationGraph(in, true);
    }
  }

  private static InputStream file(String optimizer, String name) {
    InputStream in =
        FrozenNetworkTest.class.getResourceAsStream("/frozen/network-" + optimizer + "/" + name);
    assertTrue(in != null, name);
    return in;
  }

  private static String text(String optimizer, String name) throws IOException {
    try (InputStream in = file(optimizer, name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static float[] floats(String optimizer, String name) throws IOException {
    try (InputStream in = file(optimizer, name)) {
      ByteBuffer bytes = ByteBuffer.wrap(in.readAllBytes());
      float[] values = new float[bytes.remaining() / Float.BYTES];
      bytes.asFloatBuffer().get(values);
      return values;
    }
  }

  private static float[] values(INDArray array) {
    return array.dup('c').data().asFloat();
  }
}
