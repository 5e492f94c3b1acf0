package org.agr4j.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Noise schedule, DDIM, FID and IS beside the numbers of independent implementations. */
class GoldenDiffusionTest {
  private static Map<String, INDArray> golden(String file) throws Exception {
    return Nd4j.createFromNpzFile(
        new File(GoldenDiffusionTest.class.getResource("/golden/" + file + ".npz").toURI()));
  }

  private static void assertNear(INDArray expected, INDArray found) {
    double error = expected.sub(found).amaxNumber().doubleValue();
    assertTrue(error <= 1e-12 * Math.max(1, expected.amaxNumber().doubleValue()), "" + error);
  }

  @Test
  void scheduleAndNoisedImages() throws Exception {
    Map<String, INDArray> golden = golden("diffusion");
    NoiseSchedule schedule = NoiseSchedule.linear(golden.get("config/steps").getInt(0));
    for (int t = 0; t < schedule.steps(); t++) {
      assertEquals(golden.get("betas").getDouble(t), schedule.beta(t), 1e-17);
      assertEquals(golden.get("alpha_bars").getDouble(t), schedule.alphaBar(t), 1e-14);
    }
    INDArray x = golden.get("x0").dup();
    schedule.addNoise(x, golden.get("noise"), golden.get("t").toIntVector());
    assertNear(golden.get("x_t"), x);
  }

  @Test
  void ddim() throws Exception {
    Map<String, INDArray> golden = golden("diffusion");
    SamplingPath path = SamplingPath.ddim(NoiseSchedule.linear(1000), 100, 0);
    int at = -1;
    for (int step = 0; step < 100; step++) {
      assertEquals(golden.get("ddim/times").getInt(99 - step), path.time(step));
      assertEquals(golden.get("ddim/previous").getInt(99 - step), path.next(step));
      at = path.time(step) == golden.get("ddim/t").getInt(0) ? step : at;
    }
    INDArray x = golden.get("ddim/x").dup();
    path.step(at, x, golden.get("ddim/eps"), null);
    assertNear(golden.get("ddim/x_previous"), x);
  }

  @Test
  void distanceAndScore() throws Exception {
    Map<String, INDArray> golden = golden("fid-is");
    FrechetDistance.Moments a = FrechetDistance.Moments.of(golden.get("fid/a"));
    FrechetDistance.Moments b = FrechetDistance.Moments.of(golden.get("fid/b"));
    assertNear(golden.get("fid/mean_a"), Nd4j.createFromArray(a.mean()));
    assertNear(golden.get("fid/cov_b"), Nd4j.createFromArray(b.covariance()));
    double fid = golden.get("fid").getDouble(0);
    assertEquals(fid, FrechetDistance.between(a, b), 1e-9 * fid);
    InceptionScore score = InceptionScore.of(golden.get("is/probabilities"));
    assertEquals(golden.get("is/mean").getDouble(0), score.mean(), 1e-12);
    assertEquals(golden.get("is/std").getDouble(0), score.deviation(), 1e-12);
  }

  /** Fewer samples than features, constant features, and two samples: still a number. */
  @Test
  void degenerateCovariancesGiveANumber() {
    Nd4j.getRandom().setSeed(3);
    INDArray few = Nd4j.randn(DataType.DOUBLE, 5, 12);
    INDArray constant = Nd4j.ones(DataType.DOUBLE, 5, 12);
    INDArray two = few.getRows(0, 1);
    for (INDArray one : new INDArray[] {few, constant, two}) {
      FrechetDistance.Moments a = FrechetDistance.Moments.of(one);
      assertEquals(0, FrechetDistance.between(a, a), 1e-6);
      double far = FrechetDistance.between(a, FrechetDistance.Moments.of(one.add(2)));
      assertEquals(4 * 12, far, 1e-6);
    }
    FrechetDistance.Moments a = FrechetDistance.Moments.of(few);
    double spread = FrechetDistance.between(a, FrechetDistance.Moments.of(constant));
    assertTrue(spread > 1 && Double.isFinite(spread), "" + spread);
    assertThrows(IllegalArgumentException.class, () -> FrechetDistance.Moments.of(few.getRows(0)));
    assertThrows(IllegalArgumentException.class, () -> FrechetDistance.Moments.of(few.div(0)));
    assertThrows(
        IllegalArgumentException.class,
        () -> FrechetDistance.between(a, FrechetDistance.Moments.of(few.reshape(12, 5))));
    assertThrows(IllegalArgumentException.class, () -> InceptionScore.of(few));
  }
}
