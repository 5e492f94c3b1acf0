package org.agr4j.regularization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.agr4j.updater.NonFiniteGradientException;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

class RegularizationTest {
  private static final ISchedule SCHEDULE =
      new MapSchedule(ScheduleType.EPOCH, Map.of(0, 0.5, 2, 0.25));

  static Stream<Regularization> regularizations() {
    return Stream.of(
        new DecoupledWeightDecay(0.1),
        new DecoupledWeightDecay(SCHEDULE),
        new ProximalWeightDecay(0.1),
        new ProximalWeightDecay(SCHEDULE),
        new AgrRegularization(),
        new AgrRegularization(SCHEDULE));
  }

  @ParameterizedTest
  @MethodSource("regularizations")
  void jsonYamlAndCloneGiveAnEqualValue(Regularization r) {
    MultiLayerConfiguration conf =
        new NeuralNetConfiguration.Builder()
            .updater(new Nesterovs(0.1))
            .regularization(List.of(r))
            .list()
            .layer(new DenseLayer.Builder().nIn(2).nOut(3).build())
            .build();
    assertEquals(List.of(r), of(conf), "once");
    assertEquals(List.of(r), of(MultiLayerConfiguration.fromJson(conf.toJson())));
    assertEquals(List.of(r), of(MultiLayerConfiguration.fromYaml(conf.toYaml())));
    assertEquals(r, r.clone());
    assertEquals(r.hashCode(), r.clone().hashCode());
    assertEquals(1, regularizations().filter(r::equals).count(), "equals itself only");
    assertEquals(0, r.score(Nd4j.ones(3), 0, 0), "adds nothing to the score");
  }

  private static List<Regularization> of(MultiLayerConfiguration conf) {
    return conf.getConf(0).getLayer().getRegularizationByParam("W");
  }

  @Test
  void decoupledDecayByHand() {
    INDArray update = Nd4j.createFromArray(1.0, -2.0);
    INDArray parameter = Nd4j.createFromArray(3.0, 4.0);
    new DecoupledWeightDecay(0.1).apply(parameter, update, 0.5, 0, 0);
    assertArrayEquals(new double[] {1 + 0.05 * 3, -2 + 0.05 * 4}, update.toDoubleVector(), 1e-15);
    assertArrayEquals(new double[] {3, 4}, parameter.toDoubleVector());
  }

  @Test
  void proximalDecayByHand() {
    INDArray update = Nd4j.createFromArray(1.0, -2.0);
    INDArray parameter = Nd4j.createFromArray(3.0, 4.0);
    new ProximalWeightDecay(0.1).apply(parameter, update, 0.5, 0, 0);
    assertArrayEquals(
        new double[] {(1 + 0.05 * 3) / 1.05, (-2 + 0.05 * 4) / 1.05},
        update.toDoubleVector(),
        1e-15);
    // θ − update = (θ − u) / (1 + ηλ)
    assertArrayEquals(
        new double[] {2 / 1.05, 6 / 1.05}, parameter.sub(update).toDoubleVector(), 1e-14);
  }

  @Test
  void schedulesAreFollowed() {
    for (int epoch : new int[] {0, 1, 2, 3}) {
      INDArray update = Nd4j.createFromArray(0.0);
      new DecoupledWeightDecay(SCHEDULE).apply(Nd4j.createFromArray(1.0), update, 1, 99, epoch);
      assertEquals(epoch < 2 ? 0.5 : 0.25, update.getDouble(0));
    }
  }

  @Test
  void psiByHandInAnyOrder() {
    for (char order : new char[] {'c', 'f'}) {
      INDArray g = Nd4j.createFromArray(1.0, -2.0, 5.0, 0.0).reshape('c', 2, 2).dup(order);
      new AgrRegularization().apply(null, g, 1, 0, 0);
      assertArrayEquals(
          new double[] {1 - 1 / 8.0, -2 + 4 / 8.0, 5 - 25 / 8.0, 0},
          g.dup('c').data().asDouble(),
          1e-15);
    }
    INDArray half = Nd4j.createFromArray(1.0, -2.0, 5.0);
    new AgrRegularization(new FixedSchedule(0.5)).apply(null, half, 1, 0, 0);
    assertArrayEquals(
        new double[] {1 - 1 / 16.0, -2 + 4 / 16.0, 5 - 25 / 16.0}, half.toDoubleVector(), 1e-15);
  }

  /** Shares of tiny gradients do not underflow, sums of huge ones do not overflow. */
  @ParameterizedTest
  @ValueSource(floats = {1e-30f, 1, 1e30f, 1.5e38f})
  void psiOfAnyScaleOfFloats(float scale) {
    INDArray g = Nd4j.createFromArray(scale, -2 * scale, 0.5f * scale, 0.25f * scale);
    new AgrRegularization().apply(null, g, 1, 0, 0);
    float[] expected = {
      1 - 1 / 3.75f, -2 + 4 / 3.75f, 0.5f - 0.25f / 3.75f, 0.25f - 0.0625f / 3.75f
    };
    for (int i = 0; i < 4; i++) {
      assertEquals(expected[i], g.getFloat(i) / scale, 1e-6f);
    }
  }

  /** As the document says: in a list, what comes first acts first. */
  @Test
  void psiSeesTheL2ThatComesBeforeIt() {
    AgrRegularization psi = new AgrRegularization();
    assertArrayEquals(
        new double[] {5 - 25 / 8.0, 3 - 9 / 8.0},
        gradientAfter(List.of(new L2Regularization(2), psi)),
        1e-14);
    assertArrayEquals(
        new double[] {1 - 1 / 2.0 + 4, 1 - 1 / 2.0 + 2},
        gradientAfter(List.of(psi, new L2Regularization(2))),
        1e-14);
  }

  /** What a network of one dense layer, W = (2, 1) and dL/dW = (1, 1), makes of the list. */
  private static double[] gradientAfter(List<Regularization> list) {
    MultiLayerConfiguration conf =
        new NeuralNetConfiguration.Builder()
            .dataType(DataType.DOUBLE)
            .updater(new Sgd(1))
            .regularization(list)
            .list()
            .layer(new DenseLayer.Builder().nIn(2).nOut(1).hasBias(false).build())
            .build();
    MultiLayerNetwork net = new MultiLayerNetwork(conf);
    net.init();
    net.setParams(Nd4j.createFromArray(new double[][] {{2, 1}}));
    net.initGradientsView();
    INDArray gradient = net.getFlattenedGradients().assign(1);
    ((BaseMultiLayerUpdater<?>) net.getUpdater())
        .update(new DefaultGradient(gradient), 0, 0, 1, LayerWorkspaceMgr.noWorkspaces());
    return gradient.reshape(2).toDoubleVector();
  }

  @Test
  void psiInHalfWhereTheSumIsBeyondItsRange() {
    INDArray g = Nd4j.createFromArray(30_000.0, -60_000, 15_000, 7_500).castTo(DataType.FLOAT16);
    new AgrRegularization().apply(null, g, 1, 0, 0);
    double[] psi = g.castTo(DataType.DOUBLE).toDoubleVector();
    double[] expected = {22_000, -28_000, 13_000, 7_000};
    for (int i = 0; i < psi.length; i++) {
      assertEquals(1, psi[i] / expected[i], 5e-3);
    }
  }

  /** In its own type ‖g‖₁ of 100,000 elements of 1.1 would be 8192 in HALF, 1024 in BFLOAT16. */
  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"HALF", "BFLOAT16"})
  void psiInLowPrecisionIsTheRoundedOneOfFloat(DataType type) {
    int n = 100_000;
    INDArray g = Nd4j.valueArrayOf(new long[] {n}, 1.1, type);
    g.putScalar(7, 30_000);
    double[] before = g.castTo(DataType.DOUBLE).toDoubleVector();
    double sum = Arrays.stream(before).sum();
    new AgrRegularization().apply(null, g, 1, 0, 0);
    double[] after = g.castTo(DataType.DOUBLE).toDoubleVector();
    double rounding = type == DataType.BFLOAT16 ? 0x1p-8 : 0x1p-11;
    for (int i = 0; i < n; i += i < 10 ? 1 : 1000) {
      double expected = before[i] * (1 - before[i] / sum);
      assertEquals(1, after[i] / expected, 1.01 * rounding);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"HALF", "BFLOAT16"})
  void decayInLowPrecisionIsTheRoundedOneOfFloat(DataType type) {
    for (WeightDecayAfterUpdate decay :
        List.of(new DecoupledWeightDecay(1e-4), new ProximalWeightDecay(1e-4))) {
      INDArray update = Nd4j.zeros(type, 3);
      INDArray theta = Nd4j.createFromArray(1.0, -30_000, 500).castTo(type);
      decay.apply(theta, update, 1e-4, 0, 0); // ηλ = 1e-8 is 0 in HALF
      double[] values = theta.castTo(DataType.DOUBLE).toDoubleVector();
      for (int i = 0; i < 3; i++) {
        double expected = 1e-8 * values[i];
        double tolerance =
            type == DataType.BFLOAT16
                ? 0x1p-8 * Math.abs(expected)
                : Math.max(0x1p-11 * Math.abs(expected), 0x1p-24); // HALF's smallest
        assertEquals(
            expected, update.castTo(DataType.DOUBLE).getDouble(i), tolerance, decay + " " + i);
      }
    }
  }

  @Test
  void whatHasNoFractionsIsRefused() {
    for (DataType type : new DataType[] {DataType.INT32, DataType.UINT8, DataType.BOOL}) {
      INDArray integers = Nd4j.zeros(type, 3);
      Exception e =
          assertThrows(
              IllegalArgumentException.class,
              () -> new AgrRegularization().apply(null, integers, 1, 0, 0));
      assertEquals("gradient is " + type + ", expected a floating point type", e.getMessage());
      assertThrows(
          IllegalArgumentException.class,
          () -> new DecoupledWeightDecay(0.1).apply(integers, integers, 1, 0, 0));
    }
  }

  @Test
  void psiLeavesZeroAndOneElementAlone() {
    INDArray zero = Nd4j.zeros(4);
    new AgrRegularization().apply(null, zero, 1, 0, 0);
    assertEquals(Nd4j.zeros(4), zero);
    INDArray one = Nd4j.createFromArray(-3.0);
    new AgrRegularization().apply(null, one, 1, 0, 0);
    assertEquals(-3, one.getDouble(0));
  }

  @Test
  void psiRefusesNaN() {
    INDArray g = Nd4j.createFromArray(1.0, Double.NaN, 2.0);
    NonFiniteGradientException e =
        assertThrows(
            NonFiniteGradientException.class,
            () -> new AgrRegularization().apply(null, g, 1, 4, 2));
    assertTrue(e.getMessage().contains("length 3 holds a NaN at iteration 4, epoch 2"));
    assertEquals(1, g.getDouble(0));
  }

  @Test
  void outOfRangeIsRefusedWithNameAndValue() {
    for (double bad : new double[] {-0.1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertRefused("weightDecay = " + bad, () -> new DecoupledWeightDecay(bad));
      assertRefused("weightDecay = " + bad, () -> new ProximalWeightDecay(new FixedSchedule(bad)));
      assertRefused("strength = " + bad, () -> new AgrRegularization(new FixedSchedule(bad)));
    }
    assertNotEquals(new DecoupledWeightDecay(0.1), new ProximalWeightDecay(0.1));
  }

  private static void assertRefused(String message, Runnable construction) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, construction::run);
    assertTrue(e.getMessage().startsWith(message), e.getMessage());
  }
}
