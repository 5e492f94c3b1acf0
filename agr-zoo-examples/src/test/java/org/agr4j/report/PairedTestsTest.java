package org.agr4j.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.agr4j.compare.Arm;
import org.agr4j.run.RunFolder;
import org.agr4j.task.classification.ClassificationTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests of signs and ranks against tables, and planning against its own formula. */
class PairedTestsTest {
  @TempDir Path folder;

  /** Four of four: 2/2⁴. */
  @Test
  void signsOfFourSeedsCannotBeSignificant() {
    assertEquals(0.125, PairedTests.signTest(List.of(1.0, 2.0, 3.0, 4.0)), 1e-12);
    assertEquals(0.625, PairedTests.signTest(List.of(1.0, 2.0, -3.0, 4.0)), 1e-12);
    assertEquals(0.25, PairedTests.signTest(List.of(0.0, 2.0, 3.0, 4.0)), 1e-12);
    assertEquals(1, PairedTests.signTest(List.of(1.0, -2.0)), 1e-12);
    assertEquals(1, PairedTests.signTest(List.of(0.0, 0.0)), 1e-12);
  }

  /** Tables of the signed-rank distribution: n = 6, W = 0 and W = 2 have p = 2/64 and 6/64. */
  @Test
  void ranksAgreeWithTheTables() {
    assertEquals(
        2.0 / 64, PairedTests.signedRankTest(List.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.0)), 1e-12);
    assertEquals(
        6.0 / 64, PairedTests.signedRankTest(List.of(1.0, -2.0, 3.0, 4.0, 5.0, 6.0)), 1e-12);
    assertEquals(1, PairedTests.signedRankTest(List.of(0.0)), 1e-12);
  }

  /** For many seeds (1.960 + 0.842)² (σ/Δ)², as textbooks have it; more where there are few. */
  @Test
  void plansSeeds() {
    Spread spread = new Spread(4, 0.1, 1);
    assertEquals(788, PairedTests.seedsFor(spread, 0.1), 4);
    assertEquals(10, PairedTests.seedsFor(spread, 1), 1);
    assertEquals(2, PairedTests.seedsFor(new Spread(4, 0, 0), 1));
  }

  @Test
  void equivalenceNeedsTheNarrowerIntervalInside() {
    Spread spread = Spread.of(List.of(0.1, -0.1, 0.05, -0.05));
    assertTrue(PairedTests.isWithin(spread, 0.12, Judgement.PLAIN));
    assertFalse(PairedTests.isWithin(spread, 0.1, Judgement.PLAIN));
    assertFalse(PairedTests.isWithin(spread, 0.12, new Judgement(3, 0, 0)));
  }

  @Test
  void aSecondLookHasAWiderInterval() {
    Map<Long, Double> points = Map.of(1L, 1.0, 2L, 1.2, 3L, 0.9);
    Arm agr = Arm.parse("adamw-agr");
    Arm plain = Arm.parse("adamw");
    PairedDifference second =
        new PairedDifference(agr, plain, ClassificationTask.TOP1, points, new Judgement(2, 2, 0.5));
    assertTrue(
        second.halfInterval()
            > new PairedDifference(agr, plain, ClassificationTask.TOP1, points).halfInterval());
    assertTrue(
        second.sentence().contains(" 97.5%, since this is look 2, interval "), second::sentence);
    assertEquals(3, second.more().size(), () -> "" + second.more());
    assertTrue(second.more().get(1).contains("within ±2 points"), () -> "" + second.more());
  }

  @Test
  void theSameSeedsAgainAreNoNewLook() {
    RunFolder run = RunFolder.create(folder.resolve("comparison"));
    assertEquals(1, new Looks(run).at(List.of(2L, 1L)));
    assertEquals(1, new Looks(run).at(List.of(1L, 2L)));
    assertEquals(2, new Looks(run).at(List.of(1L, 2L, 3L)));
    assertEquals(1, new Looks(run).at(List.of(1L, 2L)));
  }
}
