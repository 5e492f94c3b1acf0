package org.agr4j.acprop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** The step follows the published formula, and a trajectory computed outside of Java. */
class ACPropTest {
  private static final ACProp DEFAULTS = new ACProp();
  private static final ACProp OTHER =
      ACProp.builder().learningRate(0.02).beta1(0.8).beta2(0.95).epsilon(1e-8).build();

  private static final double[] START = {0.5, 0.3, 0.1, -0.1, -0.3, -0.5};

  /** What agr-tests/pytorch/acprop_trajectory.py prints. */
  private static final Map<Integer, double[]> GOLDEN_DEFAULTS =
      Map.of(
          1,
          new double[] {
            0.4990364418145828, 0.2999990907025732, 0.057262011976617004, -0.1, -0.3, -0.50025
          },
          2,
          new double[] {
            0.4984419999731949,
            0.3001918471926239,
            0.059229562861308115,
            -0.1,
            -0.3,
            -0.50136111111111
          },
          3,
          new double[] {
            0.49947067400196693,
            0.30184856746343175,
            0.060671879669695304,
            -0.1,
            -1280.5478592819518,
            -0.5025291158482978
          },
          10,
          new double[] {
            0.5002453849838965,
            0.30088768806626,
            0.058288347609394886,
            -0.1,
            -1280.5520873881705,
            -0.5123367729870941
          });

  private static final Map<Integer, double[]> GOLDEN_OTHER =
      Map.of(
          1,
          new double[] {
            0.48072883629165614, 0.29998181405146346, -0.7547597604676596, -0.1, -0.3, -0.505
          },
          2,
          new double[] {
            0.467353897284835,
            0.3036764294043387,
            -0.7104898655788446,
            -0.1,
            -0.3,
            -0.5299999362502407
          },
          3,
          new double[] {
            0.4915314362603965,
            0.33190488269474605,
            -0.6795690312733971,
            -0.1,
            -18.405034022814053,
            -0.5576857566067361
          },
          10,
          new double[] {
            0.5082259673898869,
            0.3151614666075218,
            -0.7315195617610035,
            -0.1,
            -18.495423221451556,
            -0.832962867346265
          });

  /** Ordinary, small, large, always 0, at first 0, constant. */
  private static double[] gradient(int t) {
    double[] g = new double[START.length];
    for (int i = 0; i < g.length; i++) {
      double wave = Math.sin(1.3 * t + 0.7 * i);
      g[i] = new double[] {wave, 1e-3 * wave, 1e2 * wave, 0, t < 3 ? 0 : wave, 0.25}[i];
    }
    return g;
  }

  static Stream<Arguments> golden() {
    return Stream.of(DataType.DOUBLE, DataType.FLOAT)
        .flatMap(
            type ->
                Stream.of(
                    Arguments.of(DEFAULTS, type, GOLDEN_DEFAULTS),
                    Arguments.of(OTHER, type, GOLDEN_OTHER)));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void followsTheGoldenTrajectory(ACProp config, DataType type, Map<Integer, double[]> golden) {
    INDArray parameters = Nd4j.createFromArray(START).castTo(type);
    GradientUpdater<?> updater = updater(config, type, START.length);
    for (int t = 1; t <= 10; t++) {
      INDArray update = Nd4j.createFromArray(gradient(t)).castTo(type);
      updater.applyUpdater(update, t - 1, 0);
      parameters.subi(update);
      if (golden.containsKey(t)) {
        assertClose(golden.get(t), parameters.toDoubleVector(), type, "t = " + t);
      }
    }
  }

  private static GradientUpdater<?> updater(ACProp config, DataType type, int n) {
    // Uninitialized memory is not 0 by luck only where it is filled with something else.
    return config.instantiate(Nd4j.valueArrayOf(config.stateSize(n), 7.0).castTo(type), true);
  }

  private static void assertClose(double[] expected, double[] actual, DataType type, String where) {
    assertEquals(expected.length, actual.length);
    double relative = type == DataType.DOUBLE ? 1e-10 : 1e-5;
    for (int i = 0; i < expected.length; i++) {
      double tolerance = relative * Math.max(Math.abs(expected[i]), 0.01);
      assertEquals(expected[i], actual[i], tolerance, where + ", element " + i);
    }
  }

  /** The formula for one element, in the words of {@link ACProp}. */
  private static final class Element {
    private final ACProp c;
    private double m;
    private double s;
    private int t;

    Element(ACProp config) {
      this.c = config;
    }

    double update(double g, double learningRate) {
      t++;
      m = c.getBeta1() * m + (1 - c.getBeta1()) * g;
      double unbiased = s / (1 - Math.pow(c.getBeta2(), t - 1));
      double update =
          t == 1 ? learningRate * g : learningRate * g / (Math.sqrt(unbiased) + c.getEpsilon());
      s = c.getBeta2() * s + (1 - c.getBeta2()) * (g - m) * (g - m) + c.getEpsilon();
      return update;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, DOUBLE",
    "7, FLOAT",
    "1000, DOUBLE",
    "3000, FLOAT",
  })
  void followsTheFormula(int n, DataType type) {
    Random random = new Random(n);
    ACProp config =
        ACProp.builder()
            .learningRateSchedule(
                new MapSchedule(ScheduleType.ITERATION, Map.of(0, 1e-2, 4, 1e-3, 9, 3e-2)))
            .beta1(random.nextDouble())
            .beta2(random.nextDouble())
            .epsilon(1e-8)
            .build();
    Element[] elements = new Element[n];
    for (int i = 0; i < n; i++) {
      elements[i] = new Element(config);
    }
    GradientUpdater<?> updater = updater(config, type, n);
    for (int step = 0; step < 20; step++) {
      INDArray update = Nd4j.createFromArray(gaussian(random, n)).castTo(type);
      double[] g = update.toDoubleVector();
      updater.applyUpdater(update, step, 0);
      double[] expected = new double[n];
      for (int i = 0; i < n; i++) {
        expected[i] = elements[i].update(g[i], config.getLearningRate(step, 0));
      }
      double relative = type == DataType.DOUBLE ? 1e-12 : 1e-4;
      double[] actual = update.toDoubleVector();
      for (int i = 0; i < n; i++) {
        assertEquals(expected[i], actual[i], relative * Math.abs(expected[i]), "step " + step);
      }
    }
  }

  private static double[] gaussian(Random random, int n) {
    return IntStream.range(0, n).mapToDouble(i -> random.nextGaussian()).toArray();
  }

  @Test
  void aBlockOfTensorsIsTheTensorsAlone() {
    Random random = new Random(3);
    GradientUpdater<?> block = updater(DEFAULTS, DataType.FLOAT, 12);
    GradientUpdater<?> first = updater(DEFAULTS, DataType.FLOAT, 5);
    GradientUpdater<?> second = updater(DEFAULTS, DataType.FLOAT, 7);
    for (int step = 0; step < 5; step++) {
      INDArray whole = Nd4j.createFromArray(gaussian(random, 12)).castTo(DataType.FLOAT);
      INDArray a = whole.get(NDArrayIndex.interval(0, 5)).dup();
      INDArray b = whole.get(NDArrayIndex.interval(5, 12)).dup();
      block.applyUpdater(whole, step, 0);
      first.applyUpdater(a, step, 0);
      second.applyUpdater(b, step, 0);
      assertEquals(Nd4j.concat(0, a, b), whole);
    }
  }

  @ParameterizedTest
  @CsvSource({"c", "f"})
  void theGradientMayHaveAnyShapeAndOrder(char order) {
    double[] g = gaussian(new Random(4), 12);
    GradientUpdater<?> flat = updater(DEFAULTS, DataType.DOUBLE, 12);
    GradientUpdater<?> shaped = updater(DEFAULTS, DataType.DOUBLE, 12);
    for (int step = 0; step < 3; step++) {
      INDArray vector = Nd4j.createFromArray(g);
      INDArray matrix = Nd4j.create(DataType.DOUBLE, new long[] {3, 4}, order);
      matrix.assign(vector.reshape('c', 3, 4));
      flat.applyUpdater(vector, step, 0);
      shaped.applyUpdater(matrix, step, 0);
      assertEquals(vector.reshape('c', 3, 4), matrix);
    }
  }

  @Test
  void refusesAStateOfNoStepAtALaterIteration() {
    GradientUpdater<?> updater = updater(DEFAULTS, DataType.FLOAT, 3);
    INDArray g = Nd4j.createFromArray(1f, 2f, 3f);
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> updater.applyUpdater(g, 100, 0));
    assertTrue(e.getMessage().contains("at iteration 100, expected iteration 0"), e.getMessage());
    assertArrayEquals(new float[] {1, 2, 3}, g.toFloatVector(), "the gradient is as it was");
    updater.applyUpdater(g, 0, 0);
    updater.applyUpdater(g, 1, 0);
  }

  @Test
  void aGradientOfZerosAtFirstIsAStepToo() {
    GradientUpdater<?> updater = updater(DEFAULTS, DataType.FLOAT, 2);
    updater.applyUpdater(Nd4j.createFromArray(0f, 0f), 0, 0);
    INDArray state = Nd4j.concat(0, updater.getState().get("M"), updater.getState().get("S"));
    INDArray g = Nd4j.createFromArray(1f, 2f);
    DEFAULTS.instantiate(state, false).applyUpdater(g, 1, 0);
    double largest = DEFAULTS.getLearningRate(1, 0) * Math.sqrt(0.001 / DEFAULTS.getEpsilon());
    assertArrayEquals(new double[] {largest, 2 * largest}, g.toDoubleVector(), 1e-4 * largest);
  }

  @Test
  void refusesWhatDoesNotFit() {
    ACPropUpdater none = new ACPropUpdater(DEFAULTS);
    INDArray g = Nd4j.zeros(DataType.FLOAT, 3);
    assertThrows(IllegalStateException.class, () -> none.applyUpdater(g, 0, 0));
    GradientUpdater<?> updater = updater(DEFAULTS, DataType.FLOAT, 4);
    assertMessage(
        "gradient has 3 elements, expected 4",
        assertThrows(IllegalArgumentException.class, () -> updater.applyUpdater(g, 0, 0)));
    assertMessage(
        "state view of a gradient of shape [2, 2] has 3 elements, expected 8",
        assertThrows(
            IllegalArgumentException.class,
            () -> none.setStateViewArray(g, new long[] {2, 2}, 'c', true)));
    assertMessage(
        "state has the arrays [M], expected M and S",
        assertThrows(
            IllegalStateException.class, () -> DEFAULTS.instantiate(Map.of("M", g), false)));
  }

  private static void assertMessage(String message, Exception e) {
    assertEquals(message, e.getMessage());
  }
}
