package org.agr4j.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The steps of sampling, with a network that would know the distribution of the images. */
class SamplingPathTest {
  private static final NoiseSchedule SCHEDULE = NoiseSchedule.linear(1000);
  private static final double DEVIATION = 0.5;

  static List<SamplingPath> paths() {
    return List.of(
        SamplingPath.ddim(SCHEDULE, 100, 0),
        SamplingPath.ddim(SCHEDULE, 999, 0.5),
        SamplingPath.ddim(SCHEDULE, 250, 1),
        SamplingPath.ddim(SCHEDULE, 999, 1),
        SamplingPath.ddpm(SCHEDULE));
  }

  /** Of images N(0, ¼), the best guess of the noise is linear in the image. */
  @ParameterizedTest
  @MethodSource("paths")
  void samplesHaveTheVarianceOfTheImages(SamplingPath path) {
    Nd4j.getRandom().setSeed(4);
    INDArray x = Nd4j.randn(DataType.DOUBLE, 20_000);
    for (int step = 0; step < path.steps(); step++) {
      double bar = SCHEDULE.alphaBar(path.time(step));
      double share = Math.sqrt(1 - bar) / (bar * DEVIATION * DEVIATION + 1 - bar);
      INDArray noise = path.draws(step) ? Nd4j.randn(DataType.DOUBLE, x.length()) : null;
      path.step(step, x, x.mul(share), noise);
    }
    assertEquals(DEVIATION, x.stdNumber().doubleValue(), 0.02);
    assertEquals(0, x.meanNumber().doubleValue(), 0.02);
  }

  @Test
  void pathsBeginLateAndEndAtTimeZero() {
    SamplingPath ddim = SamplingPath.ddim(SCHEDULE, 7, 0);
    assertEquals(6 * 142 + 1, ddim.time(0));
    assertEquals(0, ddim.next(6));
    SamplingPath ddpm = SamplingPath.ddpm(SCHEDULE);
    assertEquals(1000, ddpm.steps());
    assertEquals(999, ddpm.time(0));
    assertEquals(0, ddpm.time(999));
    assertTrue(ddpm.draws(998) && !ddpm.draws(999), "no noise in the last step");
  }

  @Test
  void whatDoesNotFitIsNamed() {
    for (Map.Entry<Integer, Double> bad :
        List.of(Map.entry(0, 0.0), Map.entry(1000, 0.0), Map.entry(10, -0.1), Map.entry(10, 1.1))) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> SamplingPath.ddim(SCHEDULE, bad.getKey(), bad.getValue()));
      assertTrue(e.getMessage().contains("expected"), e.getMessage());
    }
    assertThrows(IllegalArgumentException.class, () -> NoiseSchedule.linear(1));
    assertThrows(IllegalArgumentException.class, () -> NoiseSchedule.linear(10, 0.5, 0.1));
  }
}
