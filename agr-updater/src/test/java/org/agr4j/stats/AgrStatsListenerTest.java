package org.agr4j.stats;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.agr4j.TensorRole;
import org.agr4j.internal.layout.Networks;
import org.agr4j.updater.AdamWAgr;
import org.apache.commons.lang3.SerializationUtils;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class AgrStatsListenerTest {
  private static final int BATCH = 4;
  private static final int BATCHES = 7;

  private static MultiLayerNetwork layers() {
    return Networks.convolution(new AdamWAgr(1e-2), true);
  }

  private static ComputationGraph graph() {
    return Networks.graph(new AdamWAgr(1e-2));
  }

  private static DataSet batch(int seed, DataType type, long... shape) {
    Random random = new Random(seed);
    int length = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    INDArray labels = Nd4j.zeros(type, shape[0], 3);
    for (int i = 0; i < shape[0]; i++) {
      labels.putScalar(i, random.nextInt(3), 1);
    }
    INDArray features = Nd4j.createFromArray(random.doubles(length, -1, 1).toArray());
    return new DataSet(features.castTo(type).reshape(shape), labels);
  }

  private static DataSetIterator batches(Model model) {
    int channels = model instanceof ComputationGraph ? 2 : 1;
    List<DataSet> all =
        IntStream.range(0, BATCHES)
            .mapToObj(i -> batch(i, DataType.FLOAT, BATCH, channels, 6, 6))
            .toList();
    return new ListDataSetIterator<>(
        all.stream().flatMap(d -> d.asList().stream()).toList(), BATCH);
  }

  private static void fit(Model model, int epochs, TrainingListener... listeners) {
    model.setListeners(listeners);
    if (model instanceof ComputationGraph graph) {
      graph.fit(batches(model), epochs);
    } else {
      ((MultiLayerNetwork) model).fit(batches(model), epochs);
    }
  }

  /** Keeps copies of the gradients of the steps 0, N, 2N, … of an epoch, divided by the batch. */
  private static final class Copies extends BaseTrainingListener {
    private final int interval;
    private final Map<String, List<double[]>> gradients = new LinkedHashMap<>();
    private int step;

    Copies(int interval) {
      this.interval = interval;
    }

    @Override
    public void onGradientCalculation(Model model) {
      if (step++ % interval == 0) {
        for (Map.Entry<String, INDArray> e : model.gradient().gradientForVariable().entrySet()) {
          double[] g = e.getValue().dup('c').reshape(e.getValue().length()).toDoubleVector();
          gradients
              .computeIfAbsent(e.getKey(), k -> new ArrayList<>())
              .add(Arrays.stream(g).map(v -> v / BATCH).toArray());
        }
      }
    }
  }

  /** Ψ built and measured as the paper writes it. */
  private static TensorStats plain(String tensor, List<double[]> gradients) {
    double relativeChange = 0;
    double maxAlpha = 0;
    double l1Norm = 0;
    for (double[] g : gradients) {
      double norm1 = Arrays.stream(g).map(Math::abs).sum();
      double[] change = Arrays.stream(g).map(v -> v * (1 - Math.abs(v) / norm1) - v).toArray();
      relativeChange += Math.sqrt(squares(change) / squares(g)) / gradients.size();
      maxAlpha += Arrays.stream(g).map(v -> Math.abs(v) / norm1).max().getAsDouble();
      l1Norm += norm1 / gradients.size();
    }
    return new TensorStats(
        1,
        tensor,
        tensor.endsWith("W") ? TensorRole.WEIGHT : TensorRole.BIAS,
        gradients.get(0).length,
        relativeChange,
        maxAlpha / gradients.size(),
        l1Norm,
        gradients.size());
  }

  private static double squares(double[] x) {
    return Arrays.stream(x).map(v -> v * v).sum();
  }

  private static void assertClose(TensorStats expected, TensorStats actual) {
    assertEquals(expected.epoch(), actual.epoch());
    assertEquals(expected.tensor(), actual.tensor());
    assertEquals(expected.elements(), actual.elements());
    assertEquals(expected.samples(), actual.samples());
    assertEquals(1, actual.relativeChange() / expected.relativeChange(), 1e-6, actual.tensor());
    assertEquals(1, actual.maxAlpha() / expected.maxAlpha(), 1e-6, actual.tensor());
    assertEquals(1, actual.l1Norm() / expected.l1Norm(), 1e-6, actual.tensor());
  }

  static Stream<Arguments> networks() {
    return Stream.of(
        Arguments.of(
            layers(), "layer0/b layer0/W layer1/b layer1/W layer2/W layer2/b layer3/W layer3/b"),
        Arguments.of(graph(), "a/b a/W norm/gamma norm/beta b/W out/W out/b"));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void averagesTheSampledStepsOfEachTensor(Model model, String tensors) {
    AgrStatsListener stats = AgrStatsListener.builder().interval(3).build();
    Copies copies = new Copies(3);
    fit(model, 1, copies, stats);
    List<TensorStats> ended = stats.endedEpoch();
    assertEquals(tensors, ended.stream().map(TensorStats::tensor).collect(joining(" ")));
    for (TensorStats actual : ended) {
      assertEquals(3, actual.samples(), "steps 0, 3 and 6 of 7");
      String key = actual.tensor().replaceFirst("layer(\\d)", "$1").replace('/', '_');
      assertClose(plain(actual.tensor(), copies.gradients.get(key)), actual);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void trainingGoesOnBitForBit(boolean asGraph) {
    Model without = asGraph ? graph() : layers();
    Model with = asGraph ? graph() : layers();
    fit(without, 2);
    fit(with, 2, AgrStatsListener.builder().interval(2).build());
    assertEquals(without.params(), with.params());
  }

  @Test
  void eachEpochIsHandedOnAtItsEnd() {
    List<List<TensorStats>> epochs = new ArrayList<>();
    AgrStatsListener stats =
        AgrStatsListener.builder().interval(100).onEpochEnd(epochs::add).build();
    assertEquals(List.of(), stats.endedEpoch());
    MultiLayerNetwork net = layers();
    fit(net, 2, stats);
    fit(net, 1, stats);
    assertEquals(3, epochs.size());
    for (int i = 0; i < 3; i++) {
      assertEquals(8, epochs.get(i).size());
      for (TensorStats t : epochs.get(i)) {
        assertEquals(i + 1, t.epoch());
        assertEquals(1, t.samples(), "the first step of an epoch is always sampled");
      }
    }
    assertEquals(epochs.get(2), stats.endedEpoch());
    assertFalse(epochs.get(1).equals(epochs.get(0)));
  }

  @Test
  void samplesEveryTenthStepIfNothingIsSaid() {
    AgrStatsListener stats = new AgrStatsListener();
    MultiLayerNetwork net = layers();
    net.setListeners(stats);
    for (int step = 0; step < 21; step++) {
      net.fit(batch(step, DataType.FLOAT, BATCH, 1, 6, 6));
    }
    assertEquals(List.of(), stats.endedEpoch());
    stats.onEpochEnd(net);
    assertEquals(3, stats.endedEpoch().get(0).samples());
  }

  private static MultiLayerNetwork twoLayers(DataType type, double l2, boolean miniBatch) {
    MultiLayerNetwork net =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .dataType(type)
                .miniBatch(miniBatch)
                .updater(new Sgd(1))
                .regularization(List.of(new L2Regularization(l2)))
                .list()
                .layer(
                    new DenseLayer.Builder()
                        .name("squash")
                        .nIn(5)
                        .nOut(1)
                        .activation(Activation.TANH)
                        .build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(1)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
    net.init();
    return net;
  }

  private static Map<String, TensorStats> statsOfOneStep(MultiLayerNetwork net, DataSet data) {
    AgrStatsListener stats = AgrStatsListener.builder().interval(1).build();
    net.setListeners(stats);
    net.fit(data);
    stats.onEpochEnd(net);
    Map<String, TensorStats> byName = new LinkedHashMap<>();
    stats.endedEpoch().forEach(t -> byName.put(t.tensor(), t));
    return byName;
  }

  /** With a learning rate of 1 and nothing else, gradient descent shows the gradient. */
  @ParameterizedTest
  @EnumSource(names = {"FLOAT", "DOUBLE"})
  void theNormIsThatOfTheGradientTheUpdaterGets(DataType type) {
    for (boolean miniBatch : new boolean[] {true, false}) {
      MultiLayerNetwork net = twoLayers(type, 0, miniBatch);
      Map<String, INDArray> before = new LinkedHashMap<>();
      net.paramTable().forEach((name, value) -> before.put(name, value.dup()));
      Map<String, TensorStats> stats = statsOfOneStep(net, batch(2, type, BATCH, 5));
      assertEquals(List.of("squash/W", "squash/b", "layer1/W", "layer1/b"), keys(stats));
      for (String parameter : List.of("0_W", "0_b", "1_W", "1_b")) {
        double expected =
            net.getParam(parameter).sub(before.get(parameter)).norm1Number().doubleValue();
        String tensor = parameter.replace("0_", "squash/").replace("1_", "layer1/");
        assertEquals(1, stats.get(tensor).l1Norm() / expected, 1e-4, tensor);
      }
    }
  }

  private static List<String> keys(Map<String, TensorStats> stats) {
    return List.copyOf(stats.keySet());
  }

  @Test
  void regularizationComesLater() {
    DataSet data = batch(2, DataType.DOUBLE, BATCH, 5);
    assertEquals(
        statsOfOneStep(twoLayers(DataType.DOUBLE, 0, true), data),
        statsOfOneStep(twoLayers(DataType.DOUBLE, 0.5, true), data));
  }

  @Test
  void oneElementAndZerosAreNotChangedByPsi() {
    DataSet data = batch(2, DataType.FLOAT, BATCH, 5);
    data.getFeatures().assign(0);
    Map<String, TensorStats> stats = statsOfOneStep(twoLayers(DataType.FLOAT, 0, true), data);
    TensorStats zeros = stats.get("squash/W");
    assertEquals(new TensorStats(1, "squash/W", TensorRole.WEIGHT, 5, 0, 0, 0, 1), zeros);
    TensorStats one = stats.get("squash/b");
    assertEquals(1, one.elements());
    assertEquals(0, one.relativeChange());
    assertEquals(0, one.maxAlpha());
    assertTrue(one.l1Norm() > 0);
  }

  @Test
  void frozenLayersHaveNoGradient() {
    MultiLayerNetwork net = (MultiLayerNetwork) Networks.all(new AdamWAgr(1e-2)).get("frozen");
    Map<String, TensorStats> stats = statsOfOneStep(net, batch(1, DataType.FLOAT, BATCH, 3));
    assertEquals(List.of("layer2/W", "layer2/b", "layer4/W", "layer4/b"), keys(stats));
    stats.values().forEach(t -> assertTrue(Double.isFinite(t.relativeChange()), t.toString()));
  }

  @Test
  void goesOnWhereItWasSerialized() {
    AgrStatsListener through = AgrStatsListener.builder().interval(2).build();
    AgrStatsListener first = AgrStatsListener.builder().interval(2).build();
    MultiLayerNetwork net = layers();
    net.setListeners(through, first);
    net.fit(batches(net)); // so that there is an ended epoch to keep
    for (int step = 0; step < 3; step++) {
      net.fit(batch(step, DataType.FLOAT, BATCH, 1, 6, 6));
    }
    AgrStatsListener second = SerializationUtils.roundtrip(first);
    assertEquals(first.endedEpoch(), second.endedEpoch());
    net.setListeners(through, second);
    for (int step = 3; step < 6; step++) {
      net.fit(batch(step, DataType.FLOAT, BATCH, 1, 6, 6));
    }
    through.onEpochEnd(net);
    second.onEpochEnd(net);
    assertEquals(3, through.endedEpoch().get(0).samples());
    assertEquals(through.endedEpoch(), second.endedEpoch());
  }

  @Test
  void refusesAnIntervalOfNothing() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> AgrStatsListener.builder().interval(0));
    assertEquals("interval = 0, expected a whole number > 0", e.getMessage());
  }
}
