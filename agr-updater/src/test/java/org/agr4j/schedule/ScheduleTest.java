package org.agr4j.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.Stream;
import org.agr4j.updater.AdamWAgr;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;

class ScheduleTest {

  static Stream<ISchedule> schedules() {
    return Stream.of(
        new CosineSchedule(ScheduleType.ITERATION, 3e-3, 1e-6, 1000),
        new CosineSchedule(ScheduleType.EPOCH, 1, 10),
        new WarmupSchedule(ScheduleType.ITERATION, 200, 2e-4),
        new WarmupSchedule(
            ScheduleType.EPOCH, 20, new CosineSchedule(ScheduleType.ITERATION, 4e-3, 300)),
        line(1e-6, 3, 2, 3, 1),
        line(1e-6, 3, 3, 3, 1),
        line(1e-6, 3, 3, 0, 1),
        line(1e-6, 3, 3, 3, 0),
        line(0, 3, 3, 3, 1),
        line(1e-6, 4, 3, 3, 1));
  }

  private static ISchedule line(double start, int length, int rise, int skipped, int lag) {
    return new LinearWarmupSchedule(
        ScheduleType.ITERATION,
        start,
        4e-3,
        length,
        rise,
        skipped,
        lag,
        new CosineSchedule(ScheduleType.ITERATION, 4e-3, 300));
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void jsonYamlAndCloneGiveAnEqualValue(ISchedule schedule) {
    MultiLayerConfiguration conf =
        new NeuralNetConfiguration.Builder()
            .updater(new AdamWAgr(schedule))
            .list()
            .layer(new DenseLayer.Builder().nIn(2).nOut(3).build())
            .build();
    assertEquals(schedule, of(MultiLayerConfiguration.fromJson(conf.toJson())));
    assertEquals(schedule, of(MultiLayerConfiguration.fromYaml(conf.toYaml())));
    assertEquals(schedule, schedule.clone());
    assertEquals(1, schedules().filter(schedule::equals).count());
  }

  private static ISchedule of(MultiLayerConfiguration conf) {
    return ((AdamWAgr) conf.getConf(0).getLayer().getUpdaterByParam("W")).getLearningRateSchedule();
  }

  @Test
  void cosineFallsFromTheInitialToTheFinalValueAndStays() {
    ISchedule cosine = new CosineSchedule(ScheduleType.ITERATION, 3, 1, 100);
    assertEquals(3, cosine.valueAt(0, 50), 1e-15);
    assertEquals(2 + Math.sqrt(0.5), cosine.valueAt(25, 0), 1e-12);
    assertEquals(2, cosine.valueAt(50, 0), 1e-12);
    assertEquals(1, cosine.valueAt(100, 0), 1e-12);
    assertEquals(1, cosine.valueAt(1_000_000, 0), 1e-12);
    assertEquals(2, new CosineSchedule(ScheduleType.EPOCH, 4, 10).valueAt(0, 5), 1e-12);
  }

  @Test
  void warmupRisesLinearlyIntoTheUnshiftedSchedule() {
    ISchedule cosine = new CosineSchedule(ScheduleType.ITERATION, 8, 100);
    ISchedule warmup = new WarmupSchedule(ScheduleType.ITERATION, 3, cosine);
    for (int i = 0; i < 10; i++) {
      assertEquals(cosine.valueAt(i, 0) * Math.min(1, (i + 1) / 4.0), warmup.valueAt(i, 0), 1e-12);
    }
  }

  /** Where what is counted is not an epoch, an epoch is left as it is, and the other way round. */
  @Test
  void aLineCountsWhatItSays() {
    ISchedule epochs = new CosineSchedule(ScheduleType.EPOCH, 8, 10);
    ISchedule steps = new LinearWarmupSchedule(ScheduleType.ITERATION, 0, 8, 4, 4, 4, 1, epochs);
    assertEquals(0, steps.valueAt(1, 0), 1e-12);
    assertEquals(6, steps.valueAt(4, 0), 1e-12);
    assertEquals(epochs.valueAt(0, 3), steps.valueAt(20, 3), 1e-12);
    ISchedule cosine = new CosineSchedule(ScheduleType.ITERATION, 8, 100);
    ISchedule whole = new LinearWarmupSchedule(ScheduleType.EPOCH, 2, 8, 3, 3, 3, 0, cosine);
    assertEquals(4, whole.valueAt(17, 1), 1e-12);
    assertEquals(cosine.valueAt(50, 0), whole.valueAt(50, 3), 1e-12);
    assertEquals(
        2, new LinearWarmupSchedule(ScheduleType.EPOCH, 2, 8, 1, 0, 1, 0, cosine).valueAt(0, 0));
  }

  @Test
  void outOfRangeIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> line(-1, 3, 3, 3, 0));
    assertThrows(IllegalArgumentException.class, () -> line(0, 3, 3, 4, 0));
    assertThrows(IllegalArgumentException.class, () -> line(0, 3, 3, 3, -1));
    assertThrows(
        IllegalArgumentException.class, () -> new CosineSchedule(ScheduleType.EPOCH, -1, 10));
    assertThrows(
        IllegalArgumentException.class, () -> new CosineSchedule(ScheduleType.EPOCH, 1, 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> new CosineSchedule(ScheduleType.EPOCH, 1, Double.NaN, 10));
    assertThrows(
        IllegalArgumentException.class, () -> new WarmupSchedule(ScheduleType.EPOCH, 0, 1.0));
    assertThrows(
        IllegalArgumentException.class,
        () -> new WarmupSchedule(ScheduleType.EPOCH, 5, Double.NaN));
    assertThrows(NullPointerException.class, () -> new WarmupSchedule(ScheduleType.EPOCH, 5, null));
  }
}
