package org.agr4j.zoo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.agr4j.TensorRole;
import org.agr4j.diffusion.NoiseSchedule;
import org.agr4j.diffusion.Sampler;
import org.agr4j.diffusion.SamplingPath;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** The U-Net of diffusion: sizes, initial values, training, sampling. */
class DiffusionUnetTest {
  private static DiffusionUnet.Builder small() {
    return DiffusionUnet.builder().inputShape(3, 8, 8).width(8).multipliers(1, 2).blocks(1);
  }

  private static long parameters(DiffusionUnet network) {
    ComputationGraphConfiguration conf = network.conf();
    return conf.getVertices().values().stream().mapToLong(v -> v.numParams(true)).sum();
  }

  @Test
  void hasThePublishedNumbersOfParameters() {
    assertEquals(35_746_307, parameters(DiffusionUnet.builder().build()));
    DiffusionUnet narrow = DiffusionUnet.builder().width(32).groups(8).build();
    assertEquals(2_245_763, parameters(narrow));
    ComputationGraph graph = narrow.init();
    Map<String, TensorRole> roles = TensorRole.of(graph);
    assertEquals(328, graph.paramTable().size());
    assertEquals(
        List.of(TensorRole.BIAS, TensorRole.NORM, TensorRole.WEIGHT),
        roles.values().stream().distinct().sorted((a, b) -> ("" + a).compareTo("" + b)).toList());
    assertInitialValues(graph);
  }

  /** Uniform within the bounds of Xavier, with a gain of 1e-5 where a branch ends. */
  private static void assertInitialValues(ComputationGraph graph) {
    assertBound(graph, "head_W", Math.sqrt(6.0 / (9 * (3 + 32))));
    assertBound(graph, "down.0.resample_W", Math.sqrt(6.0 / (9 * (32 + 32))));
    assertBound(graph, "up.1.blocks.0.conv1_W", Math.sqrt(6.0 / (9 * (128 + 64))));
    assertBound(graph, "up.1.blocks.0.conv2_W", 1e-5 * Math.sqrt(6.0 / (9 * (64 + 64))));
    assertBound(graph, "up.1.blocks.0.shortcut_W", Math.sqrt(6.0 / (128 + 64)));
    assertBound(graph, "up.1.blocks.0.time_W", Math.sqrt(6.0 / (128 + 64)));
    assertBound(graph, "middle.0.attn_proj.W", Math.sqrt(6.0 / (64 + 64)));
    assertBound(graph, "out_conv_W", 1e-5 * Math.sqrt(6.0 / (9 * (32 + 3))));
    graph
        .paramTable()
        .forEach(
            (name, value) -> {
              if (name.matches(".*_((q|k|v|proj)\\.)?b|.*_beta")) {
                assertEquals(0, value.amaxNumber().doubleValue(), name);
              } else if (name.endsWith("_gamma")) {
                assertEquals(1, value.minNumber().doubleValue(), name);
              }
            });
  }

  private static void assertBound(ComputationGraph graph, String name, double bound) {
    INDArray value = graph.getParam(name);
    double most = value.amaxNumber().doubleValue();
    assertTrue(most <= bound * 1.000001 && most > 0.98 * bound, name + " " + most + " " + bound);
    assertEquals(bound / Math.sqrt(3), value.stdNumber().doubleValue(), 0.06 * bound, name);
  }

  @Test
  void groupsFitTheWidthAndNeverHaveOneChannel() {
    assertEquals(32, DiffusionUnet.fittingGroups(128));
    assertEquals(8, DiffusionUnet.fittingGroups(32));
    for (int width = 2; width <= 300; width += 2) {
      int groups = DiffusionUnet.fittingGroups(width);
      assertTrue(width % groups == 0 && width / groups >= 2, width + " " + groups);
    }
  }

  @Test
  void isSavedAndTrained() {
    ComputationGraph network = small().updater(new Adam(1e-2)).seed(3).build().init();
    ComputationGraphConfiguration conf = network.getConfiguration();
    assertEquals(conf, ComputationGraphConfiguration.fromJson(conf.toJson()));
    Nd4j.getRandom().setSeed(1);
    INDArray noise = Nd4j.randn(DataType.FLOAT, 4, 3, 8, 8);
    INDArray times = Nd4j.createFromArray(new float[][] {{3}, {10}, {200}, {999}});
    MultiDataSet batch =
        new MultiDataSet(
            new INDArray[] {noise.dup(), times}, new INDArray[] {noise.reshape(4, 3 * 8 * 8)});
    double before = network.score(batch);
    assertEquals(noise.mul(noise).meanNumber().doubleValue(), before, 1e-3, "it says 0 at first");
    for (int i = 0; i < 30; i++) {
      network.fit(batch);
    }
    assertTrue(network.score(batch) < 0.5 * before, before + " " + network.score(batch));
    INDArray one = Sampler.predicted(network, noise, 3);
    INDArray other = Sampler.predicted(network, noise, 999);
    assertNotEquals(one, other, "the time matters");
    assertSamples(network);
  }

  /** An image depends on seed and number alone. */
  private static void assertSamples(ComputationGraph network) {
    SamplingPath path = SamplingPath.ddim(NoiseSchedule.linear(100), 4, 0.5);
    Sampler sampler = new Sampler(network, path, new long[] {3, 8, 8}, 5);
    INDArray five = sampler.images(0, 5, done -> {});
    assertArrayEquals(new long[] {5, 3, 8, 8}, five.shape());
    assertEquals(five, sampler.images(0, 5, done -> {}));
    INDArray last = sampler.images(3, 2, done -> {});
    assertTrue(five.slice(3).sub(last.slice(0)).amaxNumber().doubleValue() < 1e-4);
    Sampler another = new Sampler(network, path, new long[] {3, 8, 8}, 6);
    assertNotEquals(five, another.images(0, 5, done -> {}));
  }

  @Test
  void sizesThatDoNotFitAreNamed() {
    assertRefused("width = 7", () -> small().width(7).build());
    assertRefused("groups = 8", () -> small().groups(8).build());
    assertRefused("groups = 3", () -> small().groups(3).build());
    assertRefused("inputShape = [3, 9, 8]", () -> small().inputShape(3, 9, 8).build());
    assertRefused("attentionLevels = [2]", () -> small().attentionLevels(2).build());
    assertRefused("dropout = 1.0", () -> small().dropout(1));
    assertRefused("multipliers = []", () -> small().multipliers());
  }

  private static void assertRefused(String start, Runnable build) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, build::run);
    assertTrue(e.getMessage().startsWith(start), e.getMessage());
    assertTrue(e.getMessage().contains("expected"), e.getMessage());
  }
}
