package org.agr4j.acprop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;

class ACPropConfigurationTest {
  private static final ISchedule SCHEDULE =
      new ExponentialSchedule(ScheduleType.ITERATION, 1e-2, 0.99);

  static Stream<ACProp> configurations() {
    return Stream.of(
        new ACProp(),
        new ACProp(3e-4),
        new ACProp(SCHEDULE),
        ACProp.builder().beta1(0.8).build(),
        ACProp.builder().beta2(0.8).build(),
        ACProp.builder().epsilon(1e-8).build());
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
  void jsonYamlAndCloneGiveAnEqualValue(ACProp updater) {
    MultiLayerConfiguration conf = network(updater);
    assertEquals(updater, updaterOf(MultiLayerConfiguration.fromJson(conf.toJson())));
    assertEquals(updater, updaterOf(MultiLayerConfiguration.fromYaml(conf.toYaml())));
    assertEquals(updater, updater.clone());
    assertNotSame(updater, updater.clone());
    assertEquals(updater.hashCode(), updater.clone().hashCode());
  }

  @Test
  void everyFieldCountsInEquality() {
    List<ACProp> all = configurations().toList();
    for (int i = 0; i < all.size(); i++) {
      for (int j = 0; j < all.size(); j++) {
        assertEquals(i == j, all.get(i).equals(all.get(j)), all.get(i) + " and " + all.get(j));
      }
    }
  }

  @Test
  void defaultsAreThePublishedOnes() {
    ACProp defaults = new ACProp();
    assertEquals(1e-3, defaults.getLearningRate(0, 0));
    assertEquals(0.9, defaults.getBeta1());
    assertEquals(0.999, defaults.getBeta2());
    assertEquals(1e-16, defaults.getEpsilon());
    assertEquals(defaults, ACProp.builder().build());
    assertEquals(defaults, new ACProp(ACProp.DEFAULT_LEARNING_RATE));
    String bare =
        network(defaults)
            .toJson()
            .replaceAll("\"(beta1|beta2|epsilon|learningRate)\" : [^,}\\n]*,?", "")
            .replaceAll(",(\\s*})", "$1");
    assertEquals(defaults, updaterOf(MultiLayerConfiguration.fromJson(bare)));
  }

  @Test
  void learningRateAndScheduleAreReplaced() {
    ACProp updater = new ACProp(1e-3);
    ACProp clone = updater.clone();
    updater.setLrAndSchedule(Double.NaN, SCHEDULE);
    assertEquals(new ACProp(SCHEDULE), updater);
    assertEquals(SCHEDULE.valueAt(17, 1), updater.getLearningRate(17, 1));
    assertEquals(new ACProp(1e-3), clone, "a clone is on its own");
    updater.setLrAndSchedule(5e-4, null);
    assertEquals(new ACProp(5e-4), updater);
    assertNotEquals(clone, updater);
  }

  @Test
  void outOfRangeIsRefusedWithNameAndValue() {
    refused("learningRate = -0.1, ", () -> new ACProp(-0.1));
    refused("learningRate = NaN, ", () -> new ACProp().setLrAndSchedule(Double.NaN, null));
    refused("beta1 = 1.0, ", () -> ACProp.builder().beta1(1).build());
    refused("beta2 = -0.5, ", () -> ACProp.builder().beta2(-0.5).build());
    refused("epsilon = 0.0, ", () -> ACProp.builder().epsilon(0).build());
  }

  /** s is never below ε, so ε has to have all digits in the state's type. */
  @Test
  void aStateThatLosesItsNumbersIsRefused() {
    for (DataType type : new DataType[] {DataType.FLOAT16, DataType.BFLOAT16, DataType.INT64}) {
      refused("state of ACProp is ", () -> instantiate(new ACProp(), type));
    }
    ACProp tiny = ACProp.builder().epsilon(1e-40).build();
    refused("epsilon = 1.0E-40, expected at least ", () -> instantiate(tiny, DataType.FLOAT));
    instantiate(tiny, DataType.DOUBLE);
    instantiate(new ACProp(), DataType.FLOAT);
  }

  private static void instantiate(ACProp config, DataType type) {
    config.instantiate(Nd4j.zeros(type, config.stateSize(4)), true);
  }

  private static void refused(String message, Runnable construction) {
    Exception e = assertThrows(IllegalArgumentException.class, construction::run);
    assertTrue(e.getMessage().startsWith(message), e.getMessage());
  }
}
