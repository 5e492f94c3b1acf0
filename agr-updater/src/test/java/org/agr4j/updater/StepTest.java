package org.agr4j.updater;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.agr4j.internal.layout.Networks;
import org.agr4j.regularization.DecoupledWeightDecay;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** What a step does besides the formula: its own step count, restarts, strength, NaN, layouts. */
class StepTest {

  static Stream<IUpdater> optimizers() {
    return Stream.of(AgrMode.values())
        .flatMap(m -> Stream.of(new AdamWAgr().withMode(m), new AdanAgr().withMode(m)));
  }

  private static GradientUpdater<?> fresh(IUpdater config, long length) {
    return config.instantiate(Nd4j.create(DataType.DOUBLE, config.stateSize(length)), true);
  }

  private static INDArray gradient(long seed, long... shape) {
    int length = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    Random random = new Random(seed);
    double[] values = random.doubles(length).map(x -> random.nextGaussian()).toArray();
    return Nd4j.createFromArray(values).reshape('c', shape);
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void theStepCountIsTheStatesOwn(IUpdater config) {
    GradientUpdater<?> fromZero = fresh(config, 12);
    GradientUpdater<?> onAnOldNetwork = fresh(config, 12);
    for (int step = 0; step < 5; step++) {
      INDArray a = gradient(step, 12);
      INDArray b = a.dup();
      fromZero.applyUpdater(a, step, 0);
      onAnOldNetwork.applyUpdater(b, 100_000 + 7 * step, 9);
      assertArrayEquals(a.toDoubleVector(), b.toDoubleVector());
    }
    assertEquals(5, fromZero.getState().get("STEPS").getDouble(0));
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void theMeanOfEqualStatesContinuesTheSame(IUpdater config) {
    INDArray state = Nd4j.create(DataType.FLOAT, config.stateSize(6));
    GradientUpdater<?> alone = config.instantiate(state, true);
    for (int step = 0; step < 3; step++) {
      alone.applyUpdater(gradient(step, 6).castTo(DataType.FLOAT), step, 0);
    }
    // Spark adds the workers' states and divides by their number.
    INDArray mean = state.add(state).addi(state).addi(state).divi(4);
    GradientUpdater<?> averaged = config.instantiate(mean, false);
    INDArray a = gradient(9, 6).castTo(DataType.FLOAT);
    INDArray b = a.dup();
    alone.applyUpdater(a, 3, 0);
    averaged.applyUpdater(b, 12, 0);
    assertArrayEquals(a.toFloatVector(), b.toFloatVector());
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void stepsAreCountedExactlyUpToAMillion(DataType type) {
    AdamWAgr config = new AdamWAgr();
    GradientUpdater<?> updater = config.instantiate(Nd4j.create(type, config.stateSize(2)), true);
    INDArray steps = updater.getState().get("STEPS");
    steps.assign(999_997);
    INDArray g = Nd4j.create(type, 2);
    for (int i = 0; i < 3; i++) {
      updater.applyUpdater(g, i, 0);
    }
    assertEquals(1_000_000, steps.getDouble(0));
  }

  @Test
  void aRestartForgetsEverything() {
    AdanAgr config = AdanAgr.builder().restartEvery(4).build();
    GradientUpdater<?> restarting = fresh(config, 10);
    for (int step = 0; step < 4; step++) {
      restarting.applyUpdater(gradient(step, 10), step, 0);
    }
    GradientUpdater<?> fresh = fresh(config, 10);
    for (int step = 4; step < 8; step++) {
      INDArray a = gradient(step, 10);
      INDArray b = a.dup();
      restarting.applyUpdater(a, step, 0);
      fresh.applyUpdater(b, step, 0);
      assertArrayEquals(b.toDoubleVector(), a.toDoubleVector());
    }
  }

  @Test
  void strengthScalesTheShrinking() {
    for (double s : new double[] {0, 0.25, 1}) {
      AdamWAgr config =
          AdamWAgr.builder()
              .beta1(0)
              .agrStrength(new MapSchedule(ScheduleType.EPOCH, Map.of(0, s)))
              .build();
      GradientUpdater<?> updater = fresh(config, 3);
      updater.applyUpdater(Nd4j.createFromArray(1.0, -2.0, 5.0), 0, 0);
      assertArrayEquals(
          new double[] {1 - s / 8, -(2 - s * 4 / 8), 5 - s * 25 / 8},
          updater.getState().get("M").toDoubleVector(),
          1e-12);
    }
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void anyOrderAndViewOfTheGradientGivesTheSame(IUpdater config) {
    INDArray plain = gradient(3, 4, 5);
    INDArray fortran = plain.dup('f');
    INDArray wide = Nd4j.zeros(DataType.DOUBLE, 4, 9);
    INDArray view = wide.get(NDArrayIndex.all(), NDArrayIndex.interval(2, 7)).assign(plain);
    for (INDArray g : List.of(plain, fortran, view)) {
      GradientUpdater<?> updater = fresh(config, 20);
      updater.applyUpdater(g, 0, 0);
      updater.applyUpdater(g, 1, 0);
    }
    assertEquals(plain, fortran);
    assertEquals(plain, view.dup());
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void aNaNFailsBeforeAnythingChanges(IUpdater config) {
    for (double bad : new double[] {Double.NaN, Double.NEGATIVE_INFINITY}) {
      INDArray state = Nd4j.create(DataType.DOUBLE, config.stateSize(7));
      GradientUpdater<?> updater = config.instantiate(state, true);
      updater.applyUpdater(gradient(1, 7), 0, 0);
      INDArray before = state.dup();
      INDArray g = gradient(2, 7);
      g.putScalar(4, bad);
      NonFiniteGradientException e =
          assertThrows(NonFiniteGradientException.class, () -> updater.applyUpdater(g, 17, 3));
      assertEquals(before, state);
      for (String part :
          List.of(
              "tensor 0 of 1",
              "length 7",
              "iteration 17",
              "epoch 3",
              Double.isNaN(bad) ? "a NaN" : "an infinity")) {
        assertTrue(e.getMessage().contains(part), e.getMessage());
      }
    }
  }

  @Test
  void skipLeavesTheTensorItsStateAndItsDecayAlone() {
    AdamWAgr config = AdamWAgr.builder().nonFinite(NonFinite.SKIP).build();
    MultiLayerNetwork net = decayed(config);
    MultiLayerNetwork twin = decayed(config);
    INDArray before = net.params().dup();
    AgrGradientUpdater<?> updater = updaterOf(net);
    long start = updater.getTensorLengths()[0];
    long end = start + updater.getTensorLengths()[1];
    Random random = new Random(5);

    for (int step = 0; step < 3; step++) {
      double[] g = random.doubles(net.numParams(), -1, 1).toArray();
      double[] withNaN = g.clone();
      withNaN[(int) start + 2] = Double.NaN;
      step(net, withNaN, step);
      step(twin, g, step);
    }

    for (int i = 0; i < net.numParams(); i++) {
      boolean skipped = i >= start && i < end;
      assertEquals(
          skipped ? before.getDouble(i) : twin.params().getDouble(i), net.params().getDouble(i));
    }
    assertArrayEquals(new double[] {0, 3, 0}, updater.getState().get("SKIPPED").toDoubleVector());
    assertArrayEquals(new double[] {3, 0, 3}, updater.getState().get("STEPS").toDoubleVector());

    // Its first finite gradient is its first step, whatever the others have made.
    double[] g = random.doubles(net.numParams(), -1, 1).toArray();
    step(net, g, 3);
    MultiLayerNetwork start0 = decayed(config);
    step(start0, g, 0);
    for (long i = start; i < end; i++) {
      assertEquals(start0.params().getDouble(i), net.params().getDouble(i));
    }
  }

  @Test
  void whatIsSkippedIsNotDecayedInWhateverOrderTheGradientLies() {
    AdamWAgr config = AdamWAgr.builder().nonFinite(NonFinite.SKIP).build();
    INDArray wide = Nd4j.zeros(DataType.DOUBLE, 4, 9);
    INDArray strided = wide.get(NDArrayIndex.all(), NDArrayIndex.interval(2, 7));
    for (INDArray g : List.of(gradient(3, 4, 5), gradient(3, 4, 5).dup('f'), strided)) {
      g.putScalar(1, 2, Double.NaN);
      fresh(config, 20).applyUpdater(g, 0, 0);
      new DecoupledWeightDecay(0.1).apply(gradient(4, 4, 5), g, 1, 0, 0);
      assertEquals(Nd4j.zeros(DataType.DOUBLE, 4, 5), g.dup('c'));
    }
  }

  private static MultiLayerNetwork decayed(IUpdater config) {
    NeuralNetConfiguration.ListBuilder layers =
        new NeuralNetConfiguration.Builder()
            .seed(3)
            .dataType(DataType.DOUBLE)
            .miniBatch(false)
            .updater(config)
            .regularization(List.of(new DecoupledWeightDecay(0.1)))
            .list()
            .overrideNinUponBuild(false);
    for (int length : new int[] {5, 6, 7}) {
      layers.layer(new DenseLayer.Builder().nIn(length).nOut(1).hasBias(false).build());
    }
    MultiLayerNetwork net = new MultiLayerNetwork(layers.build());
    net.init();
    net.initGradientsView();
    return net;
  }

  private static void step(MultiLayerNetwork net, double[] gradient, int iteration) {
    INDArray flat = net.getFlattenedGradients();
    flat.assign(Nd4j.createFromArray(gradient).reshape(flat.shape()));
    ((BaseMultiLayerUpdater<?>) net.getUpdater())
        .update(new DefaultGradient(flat), iteration, 0, 1, LayerWorkspaceMgr.noWorkspaces());
    net.params().subi(flat.reshape(net.params().shape()));
  }

  private static AgrGradientUpdater<?> updaterOf(MultiLayerNetwork net) {
    return (AgrGradientUpdater<?>)
        ((BaseMultiLayerUpdater<?>) net.getUpdater())
            .getUpdaterBlocks()
            .get(0)
            .getGradientUpdater();
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void propagateComputesOn(IUpdater config) {
    IUpdater propagating =
        config instanceof AdamWAgr a
            ? a.toBuilder().nonFinite(NonFinite.PROPAGATE).build()
            : ((AdanAgr) config).toBuilder().nonFinite(NonFinite.PROPAGATE).build();
    INDArray g = gradient(2, 7);
    g.putScalar(4, Double.NaN);
    fresh(propagating, 7).applyUpdater(g, 0, 0);
    assertTrue(Double.isNaN(g.getDouble(4)));
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void sumsDoNotOverflow(IUpdater config) {
    INDArray g = Nd4j.valueArrayOf(new long[] {1000}, 3e38f, DataType.FLOAT);
    GradientUpdater<?> updater =
        config.instantiate(Nd4j.create(DataType.FLOAT, config.stateSize(1000)), true);
    updater.applyUpdater(g, 0, 0); // FAIL is the default: an overflowing sum would throw
    double expected = 3e38 * (((AgrOptimizer) config).getAgrMode() == AgrMode.OFF ? 1 : 0.999);
    double beta1 = ((AgrOptimizer) config).getBeta1();
    double m = updater.getState().get("M").getDouble(0);
    assertEquals(1, m / (expected * (1 - beta1)), 1e-5);
  }

  @Test
  void aGradientOfAnotherLengthIsRefused() {
    MultiLayerNetwork net = Networks.convolution(new AdamWAgr(), true);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> updaterOf(net).applyUpdater(Nd4j.zeros(11), 0, 0));
    assertTrue(e.getMessage().contains("gradient has 11 elements"), e.getMessage());
  }
}
