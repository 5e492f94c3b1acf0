package org.agr4j.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import javax.imageio.ImageIO;
import org.agr4j.TensorRole;
import org.agr4j.compare.Arm;
import org.agr4j.optimizer.OptimizerChoice;
import org.agr4j.optimizer.TensorChoice;
import org.agr4j.run.EpochRecord;
import org.agr4j.run.RunFolder;
import org.agr4j.stats.TensorStats;
import org.agr4j.task.classification.ClassificationTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PsiEffectsTest {
  private static final List<TensorStats> STATS =
      List.of(
          new TensorStats(2, "conv/W", TensorRole.WEIGHT, 100, 2e-2, 3e-2, 1, 4),
          new TensorStats(3, "conv/W", TensorRole.WEIGHT, 100, 1e-2, 3e-2, 1, 4),
          new TensorStats(3, "dense/W", TensorRole.WEIGHT, 900, 1e-4, 1e-3, 1, 4),
          new TensorStats(3, "dense/b", TensorRole.BIAS, 9, 0.5, 0.6, 1, 4));

  @TempDir Path folder;

  private static Arm until(Integer epoch) {
    return new Arm(OptimizerChoice.ADAMW_AGR, null, epoch);
  }

  private static String sentence(Integer until) {
    return PsiEffects.ofLastEpoch(until(until), TensorChoice.WEIGHTS, STATS).sentence();
  }

  @Test
  void saysWhatPsiDidOnlyWhereItWasOn() {
    for (Integer on : new Integer[] {null, 3}) {
      assertTrue(
          sentence(on)
              .endsWith(
                  ": in the last epoch Ψ changed the gradient by at least 0.001 of its norm in 1 of"
                      + " 2 weight tensors, with 10.00% of the weights."),
          sentence(on));
    }
    for (int off : new int[] {0, 2}) {
      assertTrue(
          sentence(off)
              .endsWith(
                  ": in the last epoch Ψ would have changed the gradient by at least 0.001 of its"
                      + " norm in 1 of 2 weight tensors, with 10.00% of the weights; it was off by"
                      + " then."),
          sentence(off));
    }
  }

  @Test
  void listsWhatItTouches() {
    assertEquals(
        List.of("conv/W", "dense/W"), tensors(TensorChoice.WEIGHTS), "largest effect first");
    assertEquals(List.of("dense/b", "conv/W", "dense/W"), tensors(TensorChoice.ALL));
  }

  private static List<String> tensors(TensorChoice choice) {
    return PsiEffects.ofLastEpoch(until(null), choice, STATS).tensors().stream()
        .map(TensorStats::tensor)
        .toList();
  }

  private RunFolder report(List<TensorStats> stats) {
    Arm arm = until(null);
    Map<Arm, SortedMap<Long, List<EpochRecord>>> runs = new LinkedHashMap<>();
    runs.put(arm, ComparisonReportTest.runs(3, .1, .2));
    RunFolder out = RunFolder.create(folder.resolve("out"));
    ComparisonReport.write(
        new Comparison(
            "t",
            List.of(),
            "agr",
            TensorChoice.WEIGHTS,
            ClassificationTask.MEASURES,
            runs,
            Map.of(),
            Map.of(arm, stats)),
        out);
    return out;
  }

  @Test
  void isInTheReport() throws Exception {
    RunFolder out = report(STATS);
    assertNotNull(ImageIO.read(out.path().resolve("psi-effect.png").toFile()));
    String html = Files.readString(ComparisonReport.page(out));
    assertTrue(html.contains("<td>conv/W</td><td>100</td><td>1.00e-02</td>"), html);
    assertFalse(html.contains("dense/b"));
  }

  /** As of a network whose gradients are all zero. */
  @Test
  void hasNoFigureWhereNothingChanges() throws Exception {
    RunFolder out =
        report(List.of(new TensorStats(3, "conv/W", TensorRole.WEIGHT, 100, 0, 0, 0, 4)));
    assertFalse(Files.exists(out.path().resolve("psi-effect.png")));
    assertTrue(Files.readString(ComparisonReport.page(out)).contains("in 0 of 1 weight tensors"));
  }
}
