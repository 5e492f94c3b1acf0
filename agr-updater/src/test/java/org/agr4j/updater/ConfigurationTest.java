package org.agr4j.updater;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** Configurations are values: defaults that agree, round trips, equality, refusals. */
class ConfigurationTest {
  private static final ISchedule SCHEDULE =
      new ExponentialSchedule(ScheduleType.ITERATION, 1e-2, 0.99);
  private static final ISchedule UNTIL_250 =
      new MapSchedule(ScheduleType.EPOCH, Map.of(0, 1.0, 250, 0.0));

  static Stream<IUpdater> configurations() {
    return Stream.of(
        new AdamWAgr(),
        new AdamWAgr(3e-4),
        new AdamWAgr(SCHEDULE),
        AdamWAgr.builder()
            .beta1(0.8)
            .beta2(0.99)
            .epsilon(1e-6)
            .agrMode(AgrMode.ALL_MOMENTS)
            .agrStrength(UNTIL_250)
            .nonFinite(NonFinite.SKIP)
            .build(),
        new AdanAgr(),
        new AdanAgr(3e-4),
        new AdanAgr(SCHEDULE),
        AdanAgr.builder()
            .beta1(0.9)
            .beta2(0.8)
            .beta3(0.7)
            .epsilon(1e-6)
            .agrMode(AgrMode.OFF)
            .restartEvery(100)
            .nonFinite(NonFinite.PROPAGATE)
            .build());
  }

  private static MultiLayerConfiguration network(IUpdater updater) {
    return new NeuralNetConfiguration.Builder()
        .updater(updater)
        .list()
        .layer(new DenseLayer.Builder().nIn(2).nOut(3).build())
        .build();
  }

  private static IUpdater updaterOf(MultiLayerConfiguration conf) {
    return conf.getConf(0).getLayer().getUpdaterByParam("W");
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void jsonYamlAndCloneGiveAnEqualValue(IUpdater updater) {
    MultiLayerConfiguration conf = network(updater);
    assertEquals(updater, updaterOf(MultiLayerConfiguration.fromJson(conf.toJson())));
    assertEquals(updater, updaterOf(MultiLayerConfiguration.fromYaml(conf.toYaml())));
    assertEquals(updater, updater.clone());
    assertNotSame(updater, updater.clone());
    assertEquals(updater.hashCode(), updater.clone().hashCode());
    assertEquals(
        updater,
        updater instanceof AdamWAgr a ? a.toBuilder().build() : rebuilt((AdanAgr) updater));
  }

  private static AdanAgr rebuilt(AdanAgr updater) {
    return updater.toBuilder().build();
  }

  @Test
  void everyFieldCountsInEquality() {
    List<IUpdater> all = configurations().toList();
    for (int i = 0; i < all.size(); i++) {
      for (int j = 0; j < all.size(); j++) {
        assertEquals(i == j, all.get(i).equals(all.get(j)), all.get(i) + " and " + all.get(j));
      }
    }
    AdanAgr base = new AdanAgr();
    for (AdanAgr other :
        List.of(
            base.toBuilder().learningRate(2e-3).build(),
            base.toBuilder().learningRateSchedule(SCHEDULE).build(),
            base.toBuilder().beta1(0.5).build(),
            base.toBuilder().beta2(0.5).build(),
            base.toBuilder().beta3(0.5).build(),
            base.toBuilder().epsilon(1e-3).build(),
            base.withMode(AgrMode.OFF),
            base.toBuilder().agrStrength(UNTIL_250).build(),
            base.toBuilder().nonFinite(NonFinite.SKIP).build(),
            base.toBuilder().restartEvery(3).build())) {
      assertNotEquals(base, other);
    }
  }

  @Test
  void defaultsAgreeEverywhere() {
    assertEquals(new AdamWAgr(), AdamWAgr.builder().build());
    assertEquals(new AdamWAgr(), new AdamWAgr(AgrOptimizer.DEFAULT_LEARNING_RATE));
    assertEquals(new AdanAgr(), AdanAgr.builder().build());
    assertEquals(new AdanAgr(), new AdanAgr(1e-3));
    MultiLayerConfiguration bare =
        MultiLayerConfiguration.fromJson(
            network(new AdamWAgr())
                .toJson()
                .replaceAll("\"(beta1|beta2|epsilon|learningRate)\" : [^,}\\n]*,?", "")
                .replaceAll(",(\\s*})", "$1"));
    assertEquals(new AdamWAgr(), updaterOf(bare), "what JSON leaves out is the default");

    AdamWAgr adamW = new AdamWAgr();
    assertEquals(0.9, adamW.getBeta1());
    assertEquals(0.999, adamW.getBeta2());
    assertEquals(1e-8, adamW.getEpsilon());
    assertEquals(1e-3, adamW.getLearningRate(0, 0));
    assertEquals(AgrMode.FIRST_MOMENT, adamW.getAgrMode());
    AdanAgr adan = new AdanAgr();
    assertEquals(0.98, adan.getBeta1());
    assertEquals(0.92, adan.getBeta2());
    assertEquals(0.99, adan.getBeta3());
    assertEquals(1e-8, adan.getEpsilon());
    assertEquals(NonFinite.FAIL, adan.getNonFinite());
  }

  @Test
  void learningRateAndScheduleAreReplaced() {
    AdamWAgr updater = new AdamWAgr(1e-3);
    updater.setLrAndSchedule(Double.NaN, SCHEDULE);
    assertEquals(new AdamWAgr(SCHEDULE), updater);
    assertEquals(SCHEDULE.valueAt(17, 1), updater.getLearningRate(17, 1));
    updater.setLrAndSchedule(5e-4, null);
    assertEquals(new AdamWAgr(5e-4), updater);
    assertThrows(IllegalArgumentException.class, () -> updater.setLrAndSchedule(Double.NaN, null));
  }

  static Stream<Arguments> outOfRange() {
    return Stream.of(
        refused("learningRate = -0.1", () -> new AdamWAgr(-0.1)),
        refused("learningRate = NaN", () -> new AdanAgr(Double.NaN)),
        refused("learningRate = Infinity", () -> new AdanAgr(Double.POSITIVE_INFINITY)),
        refused("beta1 = 1.0", () -> AdamWAgr.builder().beta1(1).build()),
        refused("beta1 = NaN", () -> AdamWAgr.builder().beta1(Double.NaN).build()),
        refused("beta2 = -0.5", () -> AdamWAgr.builder().beta2(-0.5).build()),
        refused("beta3 = 2.0", () -> AdanAgr.builder().beta3(2).build()),
        refused("epsilon = 0.0", () -> AdanAgr.builder().epsilon(0).build()),
        refused("epsilon = NaN", () -> AdamWAgr.builder().epsilon(Double.NaN).build()),
        refused(
            "agrStrength = 2.0",
            () -> AdamWAgr.builder().agrStrength(new FixedSchedule(2)).build()),
        refused("restartEvery = -1", () -> AdanAgr.builder().restartEvery(-1).build()));
  }

  private static Arguments refused(String message, Supplier<IUpdater> construction) {
    return Arguments.of(message, construction);
  }

  @ParameterizedTest
  @MethodSource("outOfRange")
  void outOfRangeIsRefusedWithNameAndValue(String message, Supplier<IUpdater> construction) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, construction::get);
    assertTrue(e.getMessage().startsWith(message), e.getMessage());
  }

  @Test
  void outOfRangeInJsonIsRefusedToo() {
    String json = network(new AdamWAgr()).toJson().replace("\"beta1\" : 0.9", "\"beta1\" : 1.5");
    Exception e = assertThrows(Exception.class, () -> MultiLayerConfiguration.fromJson(json));
    StringBuilder messages = new StringBuilder();
    for (Throwable t = e; t != null; t = t.getCause()) {
      messages.append(t.getMessage()).append('\n');
    }
    assertTrue(messages.toString().contains("beta1 = 1.5"), messages.toString());
  }

  @Test
  void aStrengthOutsideTheUnitIntervalIsRefusedWhenItIsReached() {
    AdamWAgr updater =
        AdamWAgr.builder()
            .agrStrength(new MapSchedule(ScheduleType.EPOCH, Map.of(0, 1.0, 3, 1.5)))
            .build();
    assertEquals(1, updater.getAgrStrength(0, 2));
    assertThrows(IllegalArgumentException.class, () -> updater.getAgrStrength(0, 3));
    assertEquals(0, updater.withMode(AgrMode.OFF).getAgrStrength(0, 3));
  }
}
