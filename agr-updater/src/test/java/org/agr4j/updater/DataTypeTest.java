package org.agr4j.updater;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.agr4j.internal.NumberLimits;
import org.agr4j.internal.kernel.OptimizerSteps;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;

/** What each data type of ND4J can hold, and that nothing is computed in one that cannot. */
class DataTypeTest {
  private static final DataType HALF = DataType.FLOAT16;

  static Stream<AgrOptimizer> optimizers() {
    return Stream.of(new AdamWAgr(), new AdanAgr());
  }

  /** Arrays of every type but those that ND4J cannot make one of. */
  static Stream<DataType> typesOfArrays() {
    return Arrays.stream(DataType.values())
        .filter(t -> t != DataType.UTF8 && t != DataType.COMPRESSED && t != DataType.UNKNOWN);
  }

  @ParameterizedTest
  @EnumSource(DataType.class)
  void everyTypeIsAsked(DataType type) {
    NumberLimits limits = NumberLimits.of(type);
    boolean trains = type == DataType.FLOAT || type == DataType.DOUBLE;
    assertEquals(type.isFPType(), limits.isFloatingPoint());
    if (trains) {
      assertDoesNotThrow(() -> limits.requireHoldsStateOf("x"));
    } else {
      Exception e =
          assertThrows(
              IllegalArgumentException.class, () -> limits.requireHoldsStateOf("AdamWAgr"));
      assertTrue(e.getMessage().startsWith("state of AdamWAgr is " + type), e.getMessage());
      assertTrue(e.getMessage().contains(", expected FLOAT or DOUBLE"), e.getMessage());
      assertFalse(e.getMessage().contains("\n"), "one line");
    }
  }

  /** The table in NumberLimits, read off ND4J's own arrays. */
  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"HALF", "BFLOAT16", "FLOAT", "DOUBLE"})
  void theLimitsAreThoseOfTheArrays(DataType type) {
    NumberLimits limits = NumberLimits.of(type);
    double top = limits.countsTo();
    assertEquals(top, held(type, top));
    assertEquals(top - 1, held(type, top - 1));
    assertEquals(top, held(type, top + 1));
    assertEquals(limits.largest(), held(type, limits.largest()));
    assertEquals(limits.smallest(), held(type, limits.smallest()));
    assertEquals(0, held(type, limits.smallest() / 4));
  }

  private static double held(DataType type, double value) {
    return Nd4j.createFromArray(value).castTo(type).castTo(DataType.DOUBLE).getDouble(0);
  }

  @ParameterizedTest
  @MethodSource("typesOfArrays")
  void aStateOfAnotherTypeThanFloatOrDoubleIsRefused(DataType type) {
    optimizers()
        .forEach(
            config -> {
              INDArray view = Nd4j.create(type, config.stateSize(4));
              if (type == DataType.FLOAT || type == DataType.DOUBLE) {
                assertDoesNotThrow(() -> config.instantiate(view, true));
                return;
              }
              assertRefused(() -> config.instantiate(view, true), type);
              assertRefused(() -> config.instantiate(view, new long[] {4}, true), type);
              assertRefused(
                  () -> config.newUpdater().setStateViewArray(view, new long[] {4}, 'c', true),
                  type);
              Map<String, INDArray> map = new LinkedHashMap<>();
              config
                  .instantiate(Nd4j.create(DataType.FLOAT, config.stateSize(4)), true)
                  .getState()
                  .forEach((key, array) -> map.put(key, array.castTo(type)));
              assertRefused(() -> config.instantiate(map, false), type);
            });
  }

  private static void assertRefused(Runnable instantiate, DataType type) {
    Exception e = assertThrows(IllegalArgumentException.class, instantiate::run);
    assertTrue(e.getMessage().contains(" is " + type), e.getMessage());
  }

  /** The case as it was reported: NaN and infinite updates without a word. */
  @ParameterizedTest
  @ValueSource(strings = {"ops", "fused", ""})
  void theReportedCaseIsRefusedWhicheverKernelIsAsked(String kernel) {
    String before = System.getProperty(OptimizerSteps.PROPERTY);
    try {
      if (!kernel.isEmpty()) {
        System.setProperty(OptimizerSteps.PROPERTY, kernel);
      }
      INDArray state = Nd4j.zeros(HALF, 10);
      Exception e =
          assertThrows(
              IllegalArgumentException.class, () -> new AdamWAgr(1e-3).instantiate(state, true));
      assertEquals(
          "state of AdamWAgr is HALF (FLOAT16), expected FLOAT or DOUBLE: in HALF (FLOAT16) squares"
              + " of gradients below 2.4e-04 are 0, steps are counted to 2048 only and means with a"
              + " beta above 0.992 hardly move; build the network with dataType(DataType.FLOAT), or"
              + " turn a trained one into network.convertDataType(DataType.FLOAT)",
          e.getMessage());
    } finally {
      if (before == null) {
        System.clearProperty(OptimizerSteps.PROPERTY);
      } else {
        System.setProperty(OptimizerSteps.PROPERTY, before);
      }
    }
  }

  /** And what the message says to do works. DL4J's networks are DOUBLE, FLOAT or HALF. */
  @Test
  void aNetworkIsRefusedAndTrainsAfterConversion() {
    MultiLayerNetwork net =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .dataType(HALF)
                .updater(new AdamWAgr(1e-2))
                .list()
                .layer(new OutputLayer.Builder().nIn(3).nOut(2).build())
                .build());
    net.init();
    DataSet data =
        new DataSet(
            Nd4j.createFromArray(new float[][] {{1, 0, 2}, {0, 1, -1}}),
            Nd4j.createFromArray(new float[][] {{1, 0}, {0, 1}}));
    DataSet low = new DataSet(data.getFeatures().castTo(HALF), data.getLabels().castTo(HALF));
    assertThrows(IllegalArgumentException.class, () -> net.fit(low));
    MultiLayerNetwork wide = net.convertDataType(DataType.FLOAT);
    double before = wide.score(data);
    for (int i = 0; i < 20; i++) {
      wide.fit(data);
    }
    assertTrue(wide.score(data) < before);
  }

  @Test
  void aGradientOfAnotherTypeIsRefused() {
    GradientUpdater<?> updater = new AdamWAgr().instantiate(Nd4j.zeros(DataType.FLOAT, 10), true);
    for (DataType type :
        new DataType[] {HALF, DataType.BFLOAT16, DataType.DOUBLE, DataType.INT32}) {
      Exception e =
          assertThrows(
              IllegalArgumentException.class,
              () -> updater.applyUpdater(Nd4j.zeros(type, 4), 0, 0));
      assertEquals(
          "gradient is " + type + ", expected FLOAT as the updater's state is", e.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "FLOAT, 0.99999999, 1e-8, 'beta2 = 0.99999999, expected at most 0.999999046'",
    "FLOAT, 0.999, 1e-30, 'epsilon = 1.0E-30, expected at least 1.18'",
    "FLOAT, 0.999, 1e-50, 'epsilon = 1.0E-50, expected at least 1.18'",
    "DOUBLE, 0.999, 1e-200, 'epsilon = 1.0E-200, expected at least 7.02'",
    "DOUBLE, 0.9999999999999999, 1e-8, 'beta2 = 0.9999999999999999, expected at most 0.99999'"
  })
  void whatIsLostInTheTypeIsRefused(DataType type, double beta2, double epsilon, String message) {
    AdamWAgr config = AdamWAgr.builder().beta2(beta2).epsilon(epsilon).build();
    INDArray state = Nd4j.zeros(type, config.stateSize(4));
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> config.instantiate(state, true));
    assertTrue(e.getMessage().startsWith(message), e.getMessage());
  }

  /** With ε at its limit, no gradient that a type holds gives an update much beyond η. */
  @ParameterizedTest
  @MethodSource("optimizers")
  void updatesStayNearTheLearningRateForTheSmallestGradients(AgrOptimizer defaults) {
    for (String kernel : new String[] {"fused", "ops"}) {
      for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
        NumberLimits limits = NumberLimits.of(type);
        double epsilon = limits.smallestEpsilon(0.999) * 1.0001;
        AgrOptimizer config =
            defaults instanceof AdanAgr
                ? AdanAgr.builder().beta3(0.999).epsilon(epsilon).build()
                : AdamWAgr.builder().epsilon(epsilon).build();
        System.setProperty(OptimizerSteps.PROPERTY, kernel);
        try {
          INDArray state = Nd4j.zeros(type, config.stateSize(200));
          GradientUpdater<?> updater = config.instantiate(state, true);
          for (int step = 0; step < 3; step++) {
            double[] g = new double[200];
            Arrays.setAll(g, i -> limits.smallest() * Math.pow(1.3, 2.0 * i));
            INDArray gradient = Nd4j.createFromArray(g).castTo(type);
            updater.applyUpdater(gradient, step, 0);
            for (double u : gradient.toDoubleVector()) {
              assertTrue(Math.abs(u) <= 4 * 1e-3, config + " " + kernel + " " + type + " " + u);
            }
          }
        } finally {
          System.clearProperty(OptimizerSteps.PROPERTY);
        }
      }
    }
  }

  /**
   * Why low precision is refused: with all arithmetic in double, and only m, v and t rounded to the
   * type after each step, updates of 400 elements in steps 1800 to 2000 are off by so much of their
   * norm, where gradients are Gaussian about 0.3σ and σ falls hundredfold.
   */
  @ParameterizedTest
  @CsvSource({
    "FLOAT, 1, 0, 1e-5",
    "HALF, 1, 0.01, 1",
    "HALF, 0.001, 1000, 1e9",
    "BFLOAT16, 1, 0.5, 1.5",
    "BFLOAT16, 0.001, 0.5, 1.5"
  })
  void whatAStateOfThisTypeCosts(DataType type, double scale, double atLeast, double atMost) {
    int steps = 2000;
    int n = 400;
    Random random = new Random(1);
    double[] m = new double[n];
    double[] v = new double[n];
    double[] exactM = new double[n];
    double[] exactV = new double[n];
    double count = 0;
    double error = 0;
    for (int t = 1; t <= steps; t++) {
      double sigma = scale * Math.pow(10, -2.0 * t / steps);
      double[] draws = random.doubles(n).map(x -> random.nextGaussian()).toArray();
      double[] g = rounded(type, Arrays.stream(draws).map(x -> (x + 0.3) * sigma).toArray());
      count = held(type, count + 1);
      average(m, v, g);
      m = rounded(type, m);
      v = rounded(type, v);
      average(exactM, exactV, g);
      if (t > steps - 200) {
        error += difference(update(m, v, count), update(exactM, exactV, t)) / 200;
      }
    }
    assertTrue(error >= atLeast && error <= atMost, "updates are off by " + error);
  }

  private static double[] rounded(DataType type, double[] values) {
    return Nd4j.createFromArray(values).castTo(type).castTo(DataType.DOUBLE).toDoubleVector();
  }

  private static void average(double[] m, double[] v, double[] g) {
    for (int i = 0; i < g.length; i++) {
      m[i] = 0.9 * m[i] + 0.1 * g[i];
      v[i] = 0.999 * v[i] + 1e-3 * g[i] * g[i];
    }
  }

  private static double[] update(double[] m, double[] v, double t) {
    double[] u = new double[m.length];
    double correction = 1 - Math.pow(0.999, t);
    Arrays.setAll(u, i -> m[i] / (1 - Math.pow(0.9, t)) / (Math.sqrt(v[i] / correction) + 1e-8));
    return u;
  }

  /** ‖a − exact‖₂ / ‖exact‖₂ */
  private static double difference(double[] a, double[] exact) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < a.length; i++) {
      difference += (a[i] - exact[i]) * (a[i] - exact[i]);
      norm += exact[i] * exact[i];
    }
    return Math.sqrt(difference / norm);
  }

  @Test
  void aLongSumInFloatIsRightWithOperationsToo() {
    System.setProperty(OptimizerSteps.PROPERTY, "ops");
    try {
      int n = 4_000_000; // ND4J's own sum in FLOAT is off by 1% here
      AdamWAgr config = AdamWAgr.builder().beta1(0).build();
      GradientUpdater<?> updater =
          config.instantiate(Nd4j.zeros(DataType.FLOAT, config.stateSize(n)), true);
      INDArray g = Nd4j.ones(DataType.FLOAT, n);
      g.putScalar(0, n); // α = 1/2
      updater.applyUpdater(g, 0, 0);
      double half = n * (1 - n / (2.0 * n - 1));
      assertEquals(1, updater.getState().get("M").getDouble(0) / half, 1e-5);
    } finally {
      System.clearProperty(OptimizerSteps.PROPERTY);
    }
  }

  @Test
  void theFrozenLayoutOfTheStateIsAsItWas() {
    INDArray state = Nd4j.arange(1, 23).castTo(DataType.DOUBLE);
    GradientUpdater<?> updater = new AdanAgr().instantiate(state.dup().get(), false);
    String[] keys = {"M", "D", "N", "LAST_GRADIENT"};
    for (int k = 0; k < keys.length; k++) {
      double[] expected = new double[5];
      for (int i = 0; i < 5; i++) {
        expected[i] = 1 + 5 * k + i;
      }
      assertArrayEquals(expected, updater.getState().get(keys[k]).toDoubleVector());
    }
    assertEquals(21, updater.getState().get("STEPS").getDouble(0));
    assertEquals(22, updater.getState().get("SKIPPED").getDouble(0));
  }
}
