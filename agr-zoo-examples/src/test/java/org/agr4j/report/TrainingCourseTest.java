package org.agr4j.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import org.agr4j.compare.Arm;
import org.agr4j.optimizer.TensorChoice;
import org.agr4j.run.EpochRecord;
import org.agr4j.run.Records;
import org.agr4j.task.classification.ClassificationTask;
import org.junit.jupiter.api.Test;

class TrainingCourseTest {
  private static List<EpochRecord> losses(double... losses) {
    List<EpochRecord> epochs = new ArrayList<>();
    for (double loss : losses) {
      epochs.add(Records.of(epochs.size() + 1, loss, loss, 0.5, 0.6));
    }
    return epochs;
  }

  private static List<EpochRecord> accuracies(double... accuracies) {
    List<EpochRecord> epochs = new ArrayList<>();
    for (double accuracy : accuracies) {
      epochs.add(Records.of(epochs.size() + 1, 1, 1, accuracy, 0.6));
    }
    return epochs;
  }

  @Test
  void aLossIsReachedBetweenTwoEpochs() {
    assertEquals(1, TrainingCourse.epochsUntil(losses(3, 2, 1), 3.5).getAsDouble(), 0);
    assertEquals(2.25, TrainingCourse.epochsUntil(losses(3, 2, 1), 1.75).getAsDouble(), 1e-12);
    assertEquals(3, TrainingCourse.epochsUntil(losses(3, 2, 1), 1).getAsDouble(), 1e-12);
    assertEquals(OptionalDouble.empty(), TrainingCourse.epochsUntil(losses(3, 2, 1), 0.9));
    // The first time counts, not the last.
    assertEquals(1.5, TrainingCourse.epochsUntil(losses(3, 1, 4, 1), 2).getAsDouble(), 1e-12);
  }

  /** By hand, with n − 2 = 2 degrees of freedom. */
  @Test
  void aStraightRiseIsSteady() {
    assertEquals(
        0,
        TrainingCourse.unsteadiness(
                accuracies(.9, .1, .9, .1, .20, .21, .22, .23), ClassificationTask.TOP1)
            .getAsDouble(),
        1e-6);
    double unsteady =
        TrainingCourse.unsteadiness(
                accuracies(0, 0, 0, 0, .2, .2, .21, .2), ClassificationTask.TOP1)
            .getAsDouble();
    // Points 20, 20, 21, 20: the line is 20.1 + 0.1 t with t = 0 … 3; residuals −.1, −.2, .7, −.4.
    assertEquals(Math.sqrt((.01 + .04 + .49 + .16) / 2), unsteady, 1e-9);
    assertEquals(
        OptionalDouble.empty(),
        TrainingCourse.unsteadiness(accuracies(1, 1, 1, 1, 1, 1), ClassificationTask.TOP1));
  }

  /** A seed with which one side never gets to the loss is left out. */
  @Test
  void comparesSpeedsOfSeedsThatGotThere() {
    Map<Arm, SortedMap<Long, List<EpochRecord>>> runs = new LinkedHashMap<>();
    runs.put(
        Arm.parse("adamw"),
        new TreeMap<>(Map.of(1L, losses(3, 2, 1), 2L, losses(3, 2, 1), 3L, losses(3, 2, 1))));
    runs.put(
        Arm.parse("adamw-agr"),
        new TreeMap<>(Map.of(1L, losses(3, 1, 1), 2L, losses(2.5, 1.5, 1), 3L, losses(3, 3, 3))));
    Comparison comparison =
        new Comparison(
            "title",
            List.of(),
            "agr compare",
            TensorChoice.WEIGHTS,
            ClassificationTask.MEASURES,
            runs,
            Map.of(),
            Map.of());
    assertEquals(2, comparison.targetLoss(), 1e-12);
    assertEquals(Map.of(1L, -0.5, 2L, -0.5), comparison.speeds().get(0).points());
    assertTrue(comparison.unsteadiness().isEmpty());
    assertTrue(
        comparison
            .speeds()
            .get(0)
            .sentence()
            .startsWith("AdamW(AGR) minus AdamW: -0.500 epochs, 95%"),
        comparison.speeds().get(0).sentence());
  }

  /** Runs that stay together: 0.0001 ± 0.0002484, with t = 4.3027 of 2 degrees of freedom. */
  @Test
  void showsWhereANarrowIntervalEnds() {
    Map<Arm, SortedMap<Long, List<EpochRecord>>> runs = new LinkedHashMap<>();
    runs.put(
        Arm.parse("adamw"), new TreeMap<>(Map.of(1L, losses(3), 2L, losses(3), 3L, losses(3))));
    runs.put(
        Arm.parse("adamw-agr"),
        new TreeMap<>(Map.of(1L, losses(3), 2L, losses(3.0001), 3L, losses(3.0002))));
    List<List<String>> course =
        ComparisonTables.of(
                new Comparison(
                    "title",
                    List.of(),
                    "agr compare",
                    TensorChoice.WEIGHTS,
                    ClassificationTask.MEASURES,
                    runs,
                    Map.of(),
                    Map.of()))
            .course();
    assertEquals(List.of("difference", "train loss"), course.get(0));
    assertEquals(List.of("AdamW(AGR) − AdamW", "+0.00010 ± 0.00025"), course.get(1));
  }
}
