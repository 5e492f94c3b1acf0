package org.agr4j.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.agr4j.input.BadInputException;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.schedule.ISchedule;

class LearningRateSettingsTest {
  private static LearningRateSettings of(ScheduleChoice schedule, double warmup, Integer... at) {
    return new LearningRateSettings(0.5, schedule, warmup, List.of(at), 0.2, 0.1);
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
