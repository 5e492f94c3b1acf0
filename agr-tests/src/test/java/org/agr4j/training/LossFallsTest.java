package org.agr4j.training;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.Stream;
import org.agr4j.updater.AdamWAgr;
import org.agr4j.updater.AdanAgr;
import org.agr4j.updater.AgrMode;
import org.agr4j.updater.AgrOptimizer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Each optimizer in each mode minimizes: a quadratic, Rosenbrock's valley, a small real network.
 */
class LossFallsTest {

  static Stream<IUpdater> optimizers() {
    return Stream.of(AgrMode.values())
        .flatMap(m -> Stream.of(new AdamWAgr(1e-2).withMode(m), new AdanAgr(1e-2).withMode(m)));
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void quadratic(IUpdater config) {
    int n = 50;
    double[] x = new Random(1).doubles(n, -1, 1).toArray();
    double before = quadratic(x);
    GradientUpdater<?> updater = updater(config, n);
    for (int step = 0; step < 800; step++) {
      double[] g = new double[n];
      for (int i = 0; i < n; i++) {
        g[i] = (i + 1) * x[i];
      }
      descend(updater, x, g, step);
    }
    assertTrue(quadratic(x) < 1e-3 * before, "from " + before + " to " + quadratic(x));
  }

  private static double quadratic(double[] x) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (i + 1) * x[i] * x[i] / 2;
    }
    return sum;
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void rosenbrock(IUpdater config) {
    double[] x = {-1.2, 1};
    double before = rosenbrock(x);
    GradientUpdater<?> updater = updater(config, 2);
    for (int step = 0; step < 3000; step++) {
      double valley = x[1] - x[0] * x[0];
      double[] g = {-2 * (1 - x[0]) - 400 * x[0] * valley, 200 * valley};
      descend(updater, x, g, step);
    }
    // Ψ(g) = 0 wherever only one element of g is not 0, so in two dimensions AGR may come to rest
    // on a
    // slope of the valley; see the README.
    double reached = ((AgrOptimizer) config).getAgrMode() == AgrMode.OFF ? 0.01 : 0.25;
    assertTrue(rosenbrock(x) < reached * before, "from " + before + " to " + rosenbrock(x));
  }

  private static double rosenbrock(double[] x) {
    double valley = x[1] - x[0] * x[0];
    return (1 - x[0]) * (1 - x[0]) + 100 * valley * valley;
  }

  private static GradientUpdater<?> updater(IUpdater config, int n) {
    return config.instantiate(Nd4j.create(DataType.DOUBLE, config.stateSize(n)), true);
  }

  private static void descend(GradientUpdater<?> updater, double[] x, double[] g, int step) {
    INDArray update = Nd4j.createFromArray(g);
    updater.applyUpdater(update, step, 0);
    double[] u = update.toDoubleVector();
    for (int i = 0; i < x.length; i++) {
      x[i] -= u[i];
    }
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void twoSpirals(IUpdater config) {
    MultiLayerNetwork net =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(2)
                .updater(config)
                .list()
                .layer(new DenseLayer.Builder().nIn(2).nOut(24).activation(Activation.TANH).build())
                .layer(
                    new DenseLayer.Builder().nIn(24).nOut(24).activation(Activation.TANH).build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(24)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
    net.init();
    DataSet spirals = spirals(200);
    double before = net.score(spirals);
    for (int step = 0; step < 250; step++) {
      net.fit(spirals);
    }
    double after = net.score(spirals);
    assertTrue(after < 0.5 * before, "from " + before + " to " + after);
  }

  private static DataSet spirals(int points) {
    float[][] features = new float[points][2];
    float[][] labels = new float[points][2];
    for (int i = 0; i < points; i++) {
      int arm = i % 2;
      double angle = 4.0 * i / points + Math.PI * arm;
      double radius = 0.2 + 1.5 * i / points;
      features[i] =
          new float[] {(float) (radius * Math.cos(angle)), (float) (radius * Math.sin(angle))};
      labels[i][arm] = 1;
    }
    return new DataSet(Nd4j.createFromArray(features), Nd4j.createFromArray(labels));
  }
}
