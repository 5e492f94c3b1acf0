package org.agr4j.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.agr4j.layers.cpu.FloatRows;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
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
    // Across the loops' blocks of queries, rows, words and masked places; more sequences than
    // chunks.
    cases.add(new LanguageCase(5, 130, 41, 515, 7, 2, 3, 2, false));
    cases.add(new LanguageCase(1, 257, 193, 256, 3, 1, 4, 2, true));
    cases.add(new LanguageCase(19, 3, 2, 257, 5, 2, 2, 3, false));
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

  @Test
  void resultsDoNotDependOnTheThreads() {
    LanguageCase c = new LanguageCase(4, 70, 11, 700, 8, 2, 8, 2, false);
    int threads = Nd4j.getEnvironment().maxThreads();
    INDArray many = gradient(c);
    try {
      Nd4j.getEnvironment().setMaxThreads(1);
      assertEquals(many, gradient(c));
    } finally {
      Nd4j.getEnvironment().setMaxThreads(threads);
    }
  }

  @Test
  void keysInTheMiddleMayBeLeftOut() {
    LanguageCase c = new LanguageCase(2, 9, 3, 11, 2, 2, 2, 2, false);
    ComputationGraph exact = c.network(DataType.DOUBLE, new NoOp());
    ComputationGraph fast = c.network(DataType.FLOAT, new NoOp());
    MultiDataSet doubles = c.batch(DataType.DOUBLE, 2);
    MultiDataSet floats = c.batch(DataType.FLOAT, 2);
    for (MultiDataSet batch : List.of(doubles, floats)) {
      INDArray mask = batch.getFeatures(2).assign(1);
      mask.putScalar(0, 0, 0).putScalar(0, 4, 0).putScalar(0, 8, 0.9995); // the last counts e⁻⁵
    }
    step(exact, doubles);
    step(fast, floats);
    double largest = exact.gradient().gradient().amaxNumber().doubleValue();
    close("all", exact.gradient().gradient(), fast.gradient().gradient(), largest);
  }

  private static INDArray gradient(LanguageCase c) {
    ComputationGraph network = c.network(DataType.FLOAT, new NoOp());
    step(network, c.batch(DataType.FLOAT));
    return network.gradient().gradient().dup();
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
