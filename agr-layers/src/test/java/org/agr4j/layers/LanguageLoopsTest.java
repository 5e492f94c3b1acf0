package org.agr4j.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.agr4j.layers.cpu.FloatRows;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.NoOp;

/** The fast loops of language models give in FLOAT what ND4J's operations give in DOUBLE. */
class LanguageLoopsTest {
  private static final double TOLERANCE = 2e-5;

  static List<LanguageCase> cases() {
    List<LanguageCase> cases = new ArrayList<>();
    cases.add(LanguageCase.small(false));
    cases.add(LanguageCase.small(true));
    cases.add(new LanguageCase(1, 1, 1, 2, 1, 1, 1, 1, false));
    cases.add(new LanguageCase(2, 515, 3, 70, 3, 1, 5, 1, false)); // more than a block of queries
    cases.add(new LanguageCase(1, 40, 30, 5000, 24, 1, 16, 1, true));
    Random random = new Random(23);
    for (int i = 0; i < 30; i++) {
      cases.add(
          new LanguageCase(
              1 + random.nextInt(4),
              1 + random.nextInt(40),
              1 + random.nextInt(20),
              2 + random.nextInt(i % 5 == 0 ? 3000 : 60),
              1 + random.nextInt(9),
              1 + random.nextInt(3),
              1 + random.nextInt(12),
              1 + random.nextInt(3),
              random.nextBoolean()));
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void floatsAgreeWithDoubles(LanguageCase c) {
    ComputationGraph exact = c.network(DataType.DOUBLE, new NoOp());
    ComputationGraph fast = c.network(DataType.FLOAT, new NoOp());
    for (int n = c.examples(); n > 0; n -= 2) { // a smaller batch last
      MultiDataSet doubles = c.batch(DataType.DOUBLE, n);
      MultiDataSet floats = c.batch(DataType.FLOAT, n);
      assertTrue(FloatRows.usable(floats.getFeatures()));
      for (int output = 0; output < 2; output++) {
        close(
            c + " output " + output,
            exact.output(doubles.getFeatures())[output],
            fast.output(floats.getFeatures())[output],
            0);
      }
      step(exact, doubles);
      step(fast, floats);
      assertEquals(exact.score(), fast.score(), TOLERANCE * exact.score());
      assertEquals(exact.score(doubles), fast.score(floats), TOLERANCE * exact.score());
      double largest = exact.gradient().gradient().amaxNumber().doubleValue();
      Map<String, INDArray> found = fast.gradient().gradientForVariable();
      exact
          .gradient()
          .gradientForVariable()
          .forEach((key, value) -> close(c + " " + key, value, found.get(key), largest));
    }
  }

  private static void step(ComputationGraph network, MultiDataSet batch) {
    network.setInputs(batch.getFeatures());
    network.setLabels(batch.getLabels());
    network.setLayerMaskArrays(null, batch.getLabelsMaskArrays());
    network.computeGradientAndScore();
  }

  private static void close(String what, INDArray exact, INDArray found, double least) {
    double scale = Math.max(exact.amaxNumber().doubleValue(), least);
    double error = found.castTo(DataType.DOUBLE).sub(exact).amaxNumber().doubleValue();
    assertTrue(error <= TOLERANCE * scale, () -> what + ": " + error + " of " + scale);
  }
}
