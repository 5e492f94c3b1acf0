package org.agr4j.layers.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network whose layers were made fast, beside the same network as DL4J makes it.
 *
 * <p>Random numbers (dropout, noise on weights) are drawn from the same seed on both sides.
 */
final class Agreement {
  // Of the largest element: sums of a few hundred products, in another order.
  private static final double TOLERANCE = 5e-5;

  private final MultiLayerNetwork plain;
  private final MultiLayerNetwork fast;

  /** Two networks of one configuration, the second one made fast. */
  Agreement(MultiLayerConfiguration configuration) {
    this(configuration, configuration);
  }

  /** For a configuration that plain DL4J does not get through as it is. */
  Agreement(MultiLayerConfiguration ofPlain, MultiLayerConfiguration ofFast) {
    plain = initialized(ofPlain);
    fast = initialized(ofFast);
    FastCpuLayers.install(fast);
  }

  private static MultiLayerNetwork initialized(MultiLayerConfiguration configuration) {
    MultiLayerNetwork network = new MultiLayerNetwork(configuration.clone());
    network.init();
    return network;
  }

  MultiLayerNetwork fast() {
    return fast;
  }

  /** Activations, every gradient, and the parameters after two steps. */
  void check(DataSet data) {
    activations(data.getFeatures());
    gradients(data);
    steps(data, 2);
  }

  /** The activations of every layer, in training and in inference. */
  void activations(INDArray images) {
    for (boolean training : new boolean[] {true, false}) {
      List<INDArray> expected = forward(plain, images, training);
      List<INDArray> actual = forward(fast, images, training);
      for (int i = 0; i < expected.size(); i++) {
        close("activations " + i + ", training " + training, expected.get(i), actual.get(i));
      }
    }
  }

  private static List<INDArray> forward(MultiLayerNetwork network, INDArray images, boolean train) {
    Nd4j.getRandom().setSeed(7);
    List<INDArray> activations = network.feedForward(images, train);
    forgetNoise(network);
    return activations;
  }

  /** Noise on weights is kept for the backward pass, which not every call here has. */
  private static void forgetNoise(MultiLayerNetwork network) {
    for (Layer layer : network.getLayers()) {
      layer.clearNoiseWeightParams();
    }
  }

  /** The gradient of every parameter and of the input. */
  void gradients(DataSet data) {
    compare("", backward(plain, data), backward(fast, data));
  }

  /** The same against plain DL4J in DOUBLE, for networks without random numbers. */
  void gradientsInDouble(DataSet data) {
    compare(
        "against DOUBLE: ",
        backward(plain.convertDataType(DataType.DOUBLE), data),
        backward(fast, data));
  }

  static Pair<Gradient, INDArray> backward(MultiLayerNetwork network, DataSet data) {
    Nd4j.getRandom().setSeed(11);
    DataType type = network.params().dataType();
    Pair<Gradient, INDArray> all =
        network.calculateGradients(
            data.getFeatures().castTo(type), data.getLabels().castTo(type), null, null);
    forgetNoise(network);
    return all;
  }

  private static void compare(
      String how, Pair<Gradient, INDArray> expected, Pair<Gradient, INDArray> actual) {
    Map<String, INDArray> a = expected.getFirst().gradientForVariable();
    Map<String, INDArray> b = actual.getFirst().gradientForVariable();
    assertEquals(a.keySet(), b.keySet());
    double largest = 0;
    for (INDArray gradient : a.values()) {
      largest = Math.max(largest, gradient.amaxNumber().doubleValue());
    }
    for (String name : a.keySet()) {
      // A gradient that is zero but for rounding (a bias before batch norm) has no scale.
      distance(how + "gradient " + name, a.get(name), b.get(name), 1e-2 * largest);
    }
    distance(how + "gradient of the input", expected.getSecond(), actual.getSecond(), 1e-9);
  }

  /** The score and the parameters after steps of the updater. */
  void steps(DataSet data, int count) {
    for (MultiLayerNetwork network : List.of(plain, fast)) {
      Nd4j.getRandom().setSeed(13);
      for (int i = 0; i < count; i++) {
        network.fit(data);
      }
    }
    assertEquals(plain.score(), fast.score(), 1e-4 * Math.max(1, Math.abs(plain.score())));
    close("parameters after " + count + " steps", plain.params(), fast.params());
  }

  static void close(String what, INDArray a, INDArray b) {
    distance(what, a, b, 1e-6);
  }

  private static void distance(String what, INDArray a, INDArray b, double smallestScale) {
    assertArrayEquals(a.shape(), b.shape(), what);
    double largest = a.amaxNumber().doubleValue();
    assertTrue(Double.isFinite(largest), () -> what + " of plain DL4J is not finite");
    double limit = TOLERANCE * Math.max(smallestScale, largest);
    double off = a.castTo(b.dataType()).sub(b).amaxNumber().doubleValue();
    // Written so that NaN fails, too.
    assertTrue(off <= limit, () -> what + " is off by " + off + ", limit " + limit);
  }
}
