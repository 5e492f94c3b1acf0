package org.agr4j.zoo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.agr4j.OptimizerPlan;
import org.agr4j.TensorRole;
import org.agr4j.regularization.DecoupledWeightDecay;
import org.agr4j.updater.AdamWAgr;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.Regularization;

/** ConvNeXt, Swin and TinyViT: sizes, shapes, training and saving. */
class ModernNetworksTest {
  static Stream<Arguments> published() {
    return Stream.of(
        size("ConvNeXt-T", ConvNeXt::tiny, 64, 27_973_928, 182),
        size("ConvNeXt-T", ConvNeXt::tiny, 224, 27_973_928, 182),
        size("Swin-T", Swin::tiny, 224, 27_673_154, 173),
        size("Swin-T, window 4", () -> Swin.tiny().window(4), 64, 27_654_674, 173),
        size("Swin-T, window 8", () -> Swin.tiny().patch(2).window(8), 64, 27_668_978, 173),
        size("Swin-S", Swin::small, 224, 48_991_058, 329),
        size("TinyViT-5M", TinyVit::of5M, 64, 5_135_964, 215),
        size("TinyViT-11M", TinyVit::of11M, 224, 10_637_772, 215),
        size("TinyViT-21M", TinyVit::of21M, 224, 20_736_968, 215),
        size("TinyViT-5M, windows 4", () -> TinyVit.of5M().windows(4, 4, 2), 64, 5_129_400, 215));
  }

  private static Arguments size(
      String name, Supplier<ImageNetworkBuilder> network, int side, long parameters, int tensors) {
    return Arguments.of(name, network, side, parameters, tensors);
  }

  /** Counted from the configuration: nothing of that size is allocated. */
  @ParameterizedTest(name = "{0} {2}")
  @MethodSource("published")
  void hasThePublishedNumberOfParameters(
      String name, Supplier<ImageNetworkBuilder> network, int side, long parameters, int tensors) {
    ComputationGraphConfiguration conf =
        network.get().inputShape(3, side, side).numClasses(200).build().conf();
    long counted = 0;
    int trained = 0;
    for (GraphVertex vertex : conf.getVertices().values()) {
      if (vertex instanceof LayerVertex layerVertex) {
        Layer layer = layerVertex.getLayerConf().getLayer();
        for (String key : layer.initializer().paramKeys(layer)) {
          trained += TensorRole.of(layer, key).isTrained() ? 1 : 0;
        }
        counted += layer.initializer().numParams(layer) - statistics(layer);
      }
    }
    assertEquals(parameters, counted);
    assertEquals(tensors, trained);
  }

  /** Half of a batch norm's numbers are running statistics. */
  private static long statistics(Layer layer) {
    boolean hasStatistics =
        layer.initializer().paramKeys(layer).stream()
            .anyMatch(key -> !TensorRole.of(layer, key).isTrained());
    return hasStatistics ? layer.initializer().numParams(layer) / 2 : 0;
  }

  /** Sides and channels of the maps of all stages, at the sides that data sets have. */
  @ParameterizedTest
  @CsvSource({
    "CONVNEXT_T, 32, 8x8x96 4x4x192 2x2x384 1x1x768",
    "CONVNEXT_T, 64, 16x16x96 8x8x192 4x4x384 2x2x768",
    "CONVNEXT_T, 224, 56x56x96 28x28x192 14x14x384 7x7x768",
    "SWIN_T, 32, 16x16x96 8x8x192 4x4x384 2x2x768",
    "SWIN_T, 64, 16x16x96 8x8x192 4x4x384 2x2x768",
    "SWIN_S, 224, 56x56x96 28x28x192 14x14x384 7x7x768",
    "TINYVIT_5M, 32, 8x8x64 4x4x128 2x2x160 1x1x320",
    "TINYVIT_11M, 64, 16x16x64 8x8x128 4x4x256 2x2x448",
    "TINYVIT_21M, 224, 56x56x96 28x28x192 14x14x384 7x7x576"
  })
  void stagesHaveThePublishedMaps(NamedNetwork network, int side, String maps) {
    ComputationGraphConfiguration conf =
        network.builder(3, side, side).numClasses(200).build().conf();
    List<String> found =
        conf
            .getLayerActivationTypes(
                false, false, InputType.convolutional(side, side, 3, CNN2DFormat.NCHW))
            .entrySet()
            .stream()
            .filter(vertex -> vertex.getKey().matches("stages\\.\\d\\.blocks\\.\\d+"))
            .sorted(Map.Entry.comparingByKey())
            .map(vertex -> (InputType.InputTypeConvolutional) vertex.getValue())
            .map(type -> type.getHeight() + "x" + type.getWidth() + "x" + type.getChannels())
            .distinct()
            .toList();
    assertEquals(List.of(maps.split(" ")), found);
  }

  /** The windows that fit, 56² positions and more columns than rows, whole depth. */
  @ParameterizedTest
  @CsvSource({
    "CONVNEXT_T, 224, 224",
    "SWIN_T, 224, 224",
    "TINYVIT_5M, 224, 224",
    "CONVNEXT_T, 64, 128",
    "SWIN_T, 64, 128",
    "TINYVIT_5M, 64, 128"
  })
  void takesLargeAndOblongImages(NamedNetwork network, int height, int width) {
    ComputationGraph graph =
        network.builder(3, height, width).width(network.narrowWidth()).numClasses(7).build().init();
    INDArray out = graph.outputSingle(Nd4j.rand(1, 3, height, width));
    assertArrayEquals(new long[] {1, 7}, out.shape());
    assertEquals(1, out.sumNumber().doubleValue(), 1e-5);
  }

  /** A head for other classes is trained, and nothing below it changes. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("narrow")
  void getsANewHeadWhileTheRestIsFrozen(
      String name, Supplier<ImageNetworkBuilder> network, int side) {
    ComputationGraph graph = network.get().inputShape(3, side, side).numClasses(7).build().init();
    String features = graph.getConfiguration().getVertexInputs().get("output").get(0);
    ComputationGraph head =
        new TransferLearning.GraphBuilder(graph)
            .fineTuneConfiguration(
                new FineTuneConfiguration.Builder().updater(new Sgd(0.1)).build())
            .setFeatureExtractor(features)
            .nOutReplace("output", 4, WeightInit.XAVIER)
            .build();
    Map<String, INDArray> before = new LinkedHashMap<>();
    head.paramTable().forEach((key, tensor) -> before.put(key, tensor.dup()));
    DataSet batch = batch(side);
    double first = head.score(batch, true);
    for (int step = 0; step < 3; step++) {
      head.fit(batch);
    }
    assertTrue(head.score(batch, true) < first);
    before.forEach(
        (key, tensor) ->
            assertEquals(
                !key.startsWith("output_"),
                tensor.equals(head.getParam(key)),
                key)); // running statistics, too
  }

  static Stream<Arguments> narrow() {
    return Stream.of(
        Arguments.of("ConvNeXt", (Supplier<?>) () -> narrowConvNeXt(), 32),
        Arguments.of("Swin", (Supplier<?>) () -> narrowSwin(), 32),
        Arguments.of("TinyViT", (Supplier<?>) () -> narrowTinyVit(), 32));
  }

  private static ImageNetworkBuilder narrowConvNeXt() {
    return ConvNeXt.tiny().depths(1, 1, 2, 1).layerScale(0.1).width(8);
  }

  private static ImageNetworkBuilder narrowSwin() {
    return Swin.tiny().patch(2).window(4).depths(2, 2, 1, 1).heads(1, 2, 3, 3).width(12);
  }

  private static ImageNetworkBuilder narrowTinyVit() {
    return TinyVit.of5M()
        .depths(1, 1, 1, 1)
        .heads(2, 2, 5)
        .windows(2, 2, 1)
        .dropPath(0.1)
        .width(16);
  }

  private static DataSet batch(int side) {
    Nd4j.getRandom().setSeed(3);
    INDArray labels = Nd4j.zeros(DataType.FLOAT, 8, 4);
    for (int i = 0; i < 8; i++) {
      labels.putScalar(i, i % 4, 1);
    }
    return new DataSet(Nd4j.randn(DataType.FLOAT, 8, 3, side, side), labels);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("narrow")
  void givesProbabilitiesAtEverySide(String name, Supplier<ImageNetworkBuilder> network, int side) {
    for (int size : new int[] {32, 64}) {
      ComputationGraph graph = network.get().inputShape(3, size, size).numClasses(7).build().init();
      INDArray out = graph.outputSingle(Nd4j.rand(2, 3, size, size));
      assertArrayEquals(new long[] {2, 7}, out.shape());
      assertArrayEquals(new float[] {1, 1}, out.sum(1).toFloatVector(), 1e-5f);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("narrow")
  void learnsABatchByHeartAndIsSaved(
      String name, Supplier<ImageNetworkBuilder> network, int side, @TempDir Path folder)
      throws IOException {
    ComputationGraph graph =
        network
            .get()
            .inputShape(3, side, side)
            .numClasses(4)
            .updater(new AdamWAgr(5e-3))
            .build()
            .init();
    DataSet batch = batch(side);
    double before = graph.score(batch, true);
    for (int step = 0; step < 40; step++) {
      graph.fit(batch);
    }
    double after = graph.score(batch, true);
    assertTrue(after < 0.3 * before, before + " → " + after);

    File file = folder.resolve("model.zip").toFile();
    ModelSerializer.writeModel(graph, file, true);
    ComputationGraph loaded = ModelSerializer.restoreComputationGraph(file, true);
    INDArray expected = graph.outputSingle(batch.getFeatures());
    assertEquals(expected, loaded.outputSingle(batch.getFeatures()));
    assertEquals(expected, graph.clone().outputSingle(batch.getFeatures()));
    // The optimizer's state and the random drops go on alike.
    for (ComputationGraph each : List.of(graph, loaded)) {
      Nd4j.getRandom().setSeed(5);
      each.fit(batch);
    }
    assertEquals(graph.params(), loaded.params());
  }

  /**
   * A rate of its own for every role; DL4J has one place for norms, tables and biases of a layer.
   */
  @ParameterizedTest(name = "{0}")
  @MethodSource("narrow")
  void aPlanReachesEveryTensorByItsRole(
      String name, Supplier<ImageNetworkBuilder> network, int side) {
    OptimizerPlan plan =
        new OptimizerPlan() {
          @Override
          public IUpdater updater(TensorRole role) {
            return new Sgd(1 + role.ordinal());
          }

          @Override
          public Regularization decay(TensorRole role) {
            return role == TensorRole.WEIGHT ? new DecoupledWeightDecay(0.1) : null;
          }
        };
    ComputationGraph graph =
        new ComputationGraph(plan.applyTo(network.get().inputShape(3, side, side).build().conf()));
    graph.init();
    TensorRole.of(graph)
        .forEach(
            (key, role) -> {
              int split = key.lastIndexOf('_');
              BaseLayer layer =
                  (BaseLayer) graph.getLayer(key.substring(0, split)).conf().getLayer();
              boolean hasWeights =
                  layer.initializer().paramKeys(layer).stream()
                      .anyMatch(k -> TensorRole.of(layer, k) == TensorRole.WEIGHT);
              TensorRole treated = hasWeights && role != TensorRole.WEIGHT ? TensorRole.BIAS : role;
              String parameter = key.substring(split + 1);
              assertEquals(
                  role.isTrained() ? plan.updater(treated) : new NoOp(),
                  layer.getUpdaterByParam(parameter),
                  key);
              List<Regularization> decay = layer.getRegularizationByParam(parameter);
              assertEquals(
                  role == TensorRole.WEIGHT, decay != null && !decay.isEmpty(), key + decay);
            });
  }

  @Test
  void sizesThatCannotWorkAreRefusedWithWhatCan() {
    String message = refusal(Swin.tiny().inputShape(3, 64, 64));
    assertTrue(message.contains("patch 4 with window 4"), message);
    assertTrue(message.contains("patch 2 with window 8"), message);
    assertTrue(refusal(Swin.tiny().heads(5, 6, 12, 24).inputShape(3, 224, 224)).contains("heads"));
    message = refusal(ConvNeXt.tiny().inputShape(3, 48, 64));
    assertTrue(message.contains("multiples of 32"), message);
    assertTrue(refusal(TinyVit.of5M().inputShape(3, 40, 40)).contains("multiples of 32"));
    assertTrue(refusal(TinyVit.of5M().heads(3, 5, 10)).contains("heads"));
  }

  private static String refusal(ImageNetworkBuilder network) {
    return assertThrows(IllegalArgumentException.class, () -> network.build().conf()).getMessage();
  }
}
