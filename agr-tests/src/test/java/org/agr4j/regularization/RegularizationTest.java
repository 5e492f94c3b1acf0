package org.agr4j.regularization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.agr4j.updater.NonFiniteGradientException;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;
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
