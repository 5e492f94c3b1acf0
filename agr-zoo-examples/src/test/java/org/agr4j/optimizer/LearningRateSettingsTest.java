package org.agr4j.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.util.List;
import java.util.Map;
import org.agr4j.input.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.schedule.ISchedule;

class LearningRateSettingsTest {
  private static LearningRateSettings of(ScheduleChoice schedule, double warmup, Integer... at) {
    return new LearningRateSettings(
        0.5, schedule, warmup, WarmupChoice.SCALED, 0, List.of(at), 0.2, 0.1);
  }

  @Test
  void constantWithWarmup() {
    ISchedule rate = of(ScheduleChoice.CONSTANT, 0.5).over(8, 3);
    assertEquals(0.5 * 1 / 5, rate.valueAt(0, 0), 1e-12);
    assertEquals(0.5 * 4 / 5, rate.valueAt(3, 0), 1e-12);
    assertEquals(0.5, rate.valueAt(4, 0), 1e-12);
    assertEquals(0.5, rate.valueAt(23, 2), 1e-12);
  }

  @Test
  void stepsAtMilestones() {
    ISchedule rate = of(ScheduleChoice.MULTI_STEP, 0, 2, 4).over(10, 6);
    assertEquals(0.5, rate.valueAt(19, 1), 1e-12);
    assertEquals(0.1, rate.valueAt(20, 2), 1e-12);
    assertEquals(0.1, rate.valueAt(39, 3), 1e-12);
    assertEquals(0.02, rate.valueAt(40, 4), 1e-12);
  }

  @Test
  void cosineEndsAtTheMinimum() {
    ISchedule rate = of(ScheduleChoice.COSINE, 0).over(10, 2);
    assertEquals(0.5, rate.valueAt(0, 0), 1e-12);
    assertEquals(0.3, rate.valueAt(10, 1), 1e-12);
    assertEquals(0.1, rate.valueAt(20, 2), 1e-12);
  }

  /** Golden rates of the released loops: 10 epochs of 6 steps, 2 of warm-up. */
  @ParameterizedTest
  @CsvSource({
    "SWIN, COSINE, 2.5e-4, 2.5e-7, 2.5e-6",
    "TINYVIT, COSINE, 2.5e-4, 2.5e-7, 2.5e-6",
    "CONVNEXT, COSINE, 4e-3, 0, 1e-6",
    "DDPM, CONSTANT, 2e-4, 0, 0"
  })
  void ratesAreThoseOfTheReleases(
      WarmupChoice warmup, ScheduleChoice schedule, double rate, double start, double minimum)
      throws Exception {
    Map<String, INDArray> golden =
        Nd4j.createFromNpzFile(
            new File(LearningRateSettingsTest.class.getResource("/golden/training.npz").toURI()));
    assertEquals(60, golden.get("schedule/steps").getInt(0));
    assertEquals(12, golden.get("schedule/warmup").getInt(0));
    ISchedule rates =
        new LearningRateSettings(rate, schedule, 2, warmup, start, List.of(), 0.2, minimum)
            .over(6, 10);
    INDArray expected = golden.get("schedule/" + warmup);
    for (int step = 0; step < 60; step++) {
      assertEquals(
          expected.getDouble(step), rates.valueAt(step, step / 6), 1e-12 * rate, "step " + step);
    }
  }

  /** Without a warm-up, and with nothing but it. */
  @ParameterizedTest
  @EnumSource(WarmupChoice.class)
  void warmupsOfNoStepAndOfAll(WarmupChoice warmup) {
    LearningRateSettings none =
        new LearningRateSettings(0.5, ScheduleChoice.COSINE, 0, warmup, 0, List.of(), 0.2, 0.1);
    assertEquals(0.5, none.over(4, 2).valueAt(0, 0), 1e-12);
    assertTrue(none.over(4, 2).valueAt(7, 1) < 0.2);
    LearningRateSettings all =
        new LearningRateSettings(0.5, ScheduleChoice.COSINE, 2, warmup, 0, List.of(), 0.2, 0.1);
    for (int step = 0; step < 8; step++) {
      double value = all.over(4, 2).valueAt(step, step / 4);
      assertTrue(value >= 0 && value <= 0.5, step + ": " + value);
    }
  }

  @Test
  void aStartBelongsToALine() {
    assertEquals(
        "--warmup-start is 0.1 with --warmup scaled, expected swin, tinyvit, convnext or ddpm",
        assertThrows(
                BadInputException.class,
                () ->
                    new LearningRateSettings(
                        0.5, ScheduleChoice.COSINE, 1, WarmupChoice.SCALED, 0.1, List.of(), 0.2, 0))
            .getMessage());
    assertEquals(
        "--warmup-start is 0.6 with --learning-rate 0.5, expected at most as much",
        assertThrows(
                BadInputException.class,
                () ->
                    new LearningRateSettings(
                        0.5, ScheduleChoice.COSINE, 1, WarmupChoice.SWIN, 0.6, List.of(), 0.2, 0))
            .getMessage());
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertEquals(
        "--milestones is [4, 2], expected rising whole numbers > 0",
        assertThrows(
                BadInputException.class,
                () -> LearningRateSettings.MILESTONES.parse("4,2", "--milestones"))
            .getMessage());
    assertEquals(
        "--schedule is multi-step and --milestones is missing, expected epochs such as 60,120",
        assertThrows(BadInputException.class, () -> of(ScheduleChoice.MULTI_STEP, 0)).getMessage());
    assertEquals(
        "--warmup-epochs is -1.0, expected a number >= 0",
        assertThrows(
                BadInputException.class,
                () -> LearningRateSettings.WARMUP_EPOCHS.parse("-1", "--warmup-epochs"))
            .getMessage());
  }
}
