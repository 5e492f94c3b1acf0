package org.agr4j.placebo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.agr4j.regularization.DecoupledWeightDecay;
import org.agr4j.updater.AdamWAgr;
import org.agr4j.updater.AdanAgr;
import org.agr4j.updater.AgrMode;
import org.agr4j.updater.AgrOptimizer;
import org.agr4j.updater.NonFiniteGradientException;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.schedule.FixedSchedule;

/** A placebo's step is the plain optimizer's on the misplaced gradient. */
class PlaceboTest {
  private static final long SEED = 5;

  static Stream<AgrOptimizer> optimizers() {
    return Stream.of(
        new AdamWAgr(0.1),
        new AdamWAgr(0.1).withMode(AgrMode.ALL_MOMENTS),
        new AdanAgr(0.1),
        new AdanAgr(0.1).withMode(AgrMode.ALL_MOMENTS));
  }

  /** AdamW's formula written out, with the change in the moments that see it. */
  @Test
  void isAdamWWithTheMisplacedGradientInTheFirstMoment() {
    int n = 6;
    AdamWAgr adamW = new AdamWAgr(0.1);
    INDArray state = Nd4j.create(DataType.DOUBLE, adamW.stateSize(n));
    GradientUpdater<?> updater = new Placebo(adamW, SEED).instantiate(state, true);
    double[] m = new double[n];
    double[] v = new double[n];
    for (int t = 1; t <= 4; t++) {
      double[] g = new SplittableRandom(t).doubles(n, -1, 1).toArray();
      double[] change = new double[n];
      long tensorSeed = new SplittableRandom(SEED + t - 1).nextLong();
      assertTrue(new MisplacedShrinkage().of(g, 1, tensorSeed, change));
      INDArray update = Nd4j.createFromArray(g);
      updater.applyUpdater(update, t - 1, 0);
      for (int i = 0; i < n; i++) {
        m[i] = 0.9 * m[i] + 0.1 * (g[i] + change[i]);
        v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
        double expected =
            0.1
                * (m[i] / (1 - Math.pow(0.9, t)))
                / (Math.sqrt(v[i] / (1 - Math.pow(0.999, t))) + 1e-8);
        assertEquals(expected, update.getDouble(i), 1e-12, "step " + t);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void isTheFormulaWithoutPsiWhereItsStrengthIsZero(AgrOptimizer optimizer) {
    AgrOptimizer off = optimizer.toBuilder().agrMode(AgrMode.OFF).build();
    INDArray g = Nd4j.createFromArray(0.5, -1, 2);
    INDArray plain = g.dup();
    INDArray placebo = g.dup();
    off.instantiate(Nd4j.create(DataType.DOUBLE, off.stateSize(3)), true).applyUpdater(plain, 0, 0);
    new Placebo(optimizer, SEED)
        .instantiate(Nd4j.create(DataType.DOUBLE, off.stateSize(3)), true)
        .applyUpdater(placebo, 0, 0);
    assertNotEquals(plain, placebo, "a placebo is not nothing");
    placebo = g.dup();
    AgrOptimizer silent = optimizer.toBuilder().agrStrength(new FixedSchedule(0)).build();
    new Placebo(silent, SEED)
        .instantiate(Nd4j.create(DataType.DOUBLE, off.stateSize(3)), true)
        .applyUpdater(placebo, 0, 0);
    assertEquals(plain, placebo);
  }

  private static MultiLayerNetwork network(AgrOptimizer optimizer) {
    MultiLayerConfiguration conf =
        new NeuralNetConfiguration.Builder()
            .seed(1)
            .dataType(DataType.DOUBLE)
            .updater(new Placebo(optimizer, SEED))
            .regularization(List.of(new DecoupledWeightDecay(1e-2)))
            .list(
                new DenseLayer.Builder().nIn(4).nOut(5).build(),
                new OutputLayer.Builder().nIn(5).nOut(3).build())
            .build();
    MultiLayerNetwork network = new MultiLayerNetwork(conf);
    network.init();
    return network;
  }

  /** DL4J merges the network's tensors into one block; JSON and a clone keep the placebo. */
  @ParameterizedTest
  @MethodSource("optimizers")
  void trainsANetworkAndGoesOnFromJsonAndState(AgrOptimizer optimizer) {
    Nd4j.getRandom().setSeed(3);
    DataSet batch =
        new DataSet(
            Nd4j.randn(DataType.DOUBLE, 6, 4), Nd4j.eye(3).castTo(DataType.DOUBLE).repeat(0, 2));
    MultiLayerNetwork network = network(optimizer);
    double before = network.score(batch);
    network.fit(batch);
    network.fit(batch);
    MultiLayerNetwork other =
        new MultiLayerNetwork(
            MultiLayerConfiguration.fromJson(network.getLayerWiseConfigurations().toJson()));
    other.init(network.params().dup(), false);
    other
        .getUpdater()
        .setStateViewArray(other, network.getUpdater().getStateViewArray().dup(), false);
    other.setIterationCount(network.getIterationCount());
    for (int i = 0; i < 20; i++) {
      network.fit(batch);
      other.fit(batch);
    }
    assertEquals(network.params(), other.params());
    assertTrue(network.score(batch) < before);
  }

  /** Of two tensors the second holds a NaN: the first one's moment is not disturbed either. */
  @Test
  void aNaNIsTheOptimizersToFindWithTheStateAsItWas() {
    AdamWAgr adamW = new AdamWAgr(0.1);
    long[] lengths = {3, 2};
    INDArray state = Nd4j.create(DataType.DOUBLE, adamW.stateSize(3) + adamW.stateSize(2));
    PlaceboUpdater updater =
        new PlaceboUpdater(
            new Placebo(adamW, SEED),
            adamW.withMode(AgrMode.OFF).instantiate(state, lengths, true));
    updater.applyUpdater(Nd4j.createFromArray(1.0, -2.0, 0.5, 3.0, 1.0), 0, 0);
    INDArray before = state.dup();
    INDArray g = Nd4j.createFromArray(1.0, -2.0, 0.5, 3.0, Double.NaN);
    assertThrows(NonFiniteGradientException.class, () -> updater.applyUpdater(g, 1, 0));
    assertEquals(before, state);
  }

  @Test
  void isAValueAndRefusesWhatHasNoFirstMoment() {
    assertEquals(new Placebo(new AdamWAgr(0.1), 1), new Placebo(new AdamWAgr(0.1), 1).clone());
    assertNotEquals(new Placebo(new AdamWAgr(0.1), 1), new Placebo(new AdamWAgr(0.1), 2));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Placebo(AdamWAgr.builder().beta1(0).build(), 1));
    assertTrue(e.getMessage().contains("beta1 is 0"), e.getMessage());
  }
}
