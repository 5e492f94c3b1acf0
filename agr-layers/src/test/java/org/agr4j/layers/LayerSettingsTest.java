package org.agr4j.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.CacheMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInitConstant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.NoOp;

/** Settings of the layers: kept in files, compared, refused at the door; errors name the layer. */
class LayerSettingsTest {
  static List<LayerCase> cases() {
    return LayerCase.all();
  }

  /** Each layer as it is by default, and with one setting after the other changed. */
  private static List<List<Layer>> changed() {
    WeightInitConstant two = new WeightInitConstant(2);
    return List.of(
        List.of(
            new LayerNorm.Builder().build(),
            new LayerNorm.Builder().epsilon(0.5).build(),
            new LayerNorm.Builder().channelsFirst(true).build(),
            new LayerNorm.Builder().activation(new ActivationSwish()).build()),
        List.of(
            new GroupNorm.Builder().build(),
            new GroupNorm.Builder().groups(3).build(),
            new GroupNorm.Builder().epsilon(0.5).build()),
        List.of(
            new BatchNorm.Builder().build(),
            new BatchNorm.Builder().epsilon(0.5).build(),
            new BatchNorm.Builder().decay(0.25).build(),
            new BatchNorm.Builder().initialScale(0).build()),
        List.of(new LayerScale.Builder().build(), new LayerScale.Builder().initial(0.5).build()),
        List.of(
            new DepthwiseConvolution.Builder().build(),
            new DepthwiseConvolution.Builder().kernel(5).build(),
            new DepthwiseConvolution.Builder().stride(3).build(),
            new DepthwiseConvolution.Builder().padding(0).build(),
            new DepthwiseConvolution.Builder().hasBias(false).build(),
            new DepthwiseConvolution.Builder().biasInit(two).build()),
        List.of(
            new PatchEmbedding.Builder().build(),
            new PatchEmbedding.Builder().patch(7).build(),
            new PatchEmbedding.Builder().kernel(7).build(),
            new PatchEmbedding.Builder().stride(7).build(),
            new PatchEmbedding.Builder().padding(2).build(),
            new PatchEmbedding.Builder().hasBias(false).build(),
            new PatchEmbedding.Builder().biasInit(two).build()),
        List.of(
            new PositionwiseDense.Builder().nOut(4).build(),
            new PositionwiseDense.Builder().nOut(5).build(),
            new PositionwiseDense.Builder().nOut(4).hasBias(false).build(),
            new PositionwiseDense.Builder().nOut(4).biasInit(two).build(),
            new PositionwiseDense.Builder().nOut(4).activation(new Gelu()).build(),
            new PositionwiseDense.Builder().nOut(4).activation(Gelu.withTanh()).build()),
        List.of(
            new WindowAttention.Builder().build(),
            new WindowAttention.Builder().heads(3).build(),
            new WindowAttention.Builder().window(3).build(),
            new WindowAttention.Builder().shift(2).build(),
            new WindowAttention.Builder().padded(true).build(),
            new WindowAttention.Builder().byHead(true).build(),
            new WindowAttention.Builder().layerNorm(0.5).build(),
            new WindowAttention.Builder().bias(PositionBias.RELATIVE).build(),
            new WindowAttention.Builder().bias(PositionBias.OFFSET).build(),
            new WindowAttention.Builder().tableInit(two).build()),
        List.of(new SelfAttention.Builder().build(), new SelfAttention.Builder().heads(3).build()),
        List.of(
            new GatheredPositions.Builder().positions(2).build(),
            new GatheredPositions.Builder().positions(3).build()),
        List.of(
            new SequenceEmbedding.Builder().length(4).nOut(3).build(),
            new SequenceEmbedding.Builder().length(5).nOut(3).build(),
            new SequenceEmbedding.Builder().length(4).nOut(3).segments(3).build()),
        List.of(
            new PatchMerging.Builder().build(),
            new PatchMerging.Builder().channelsFirst(true).build()));
  }

  /** A file that lost a setting would give an equal layer only where the setting is the default. */
  @Test
  void everySettingIsInFilesAndInEquals() {
    for (List<Layer> layers : changed()) {
      List<Layer> found = new ArrayList<>();
      for (Layer layer : layers) {
        MultiLayerConfiguration conf =
            new NeuralNetConfiguration.Builder().list().layer(layer).build();
        Layer expected = conf.getConf(0).getLayer();
        assertEquals(expected, read(MultiLayerConfiguration.fromJson(conf.toJson())));
        assertEquals(expected, read(MultiLayerConfiguration.fromYaml(conf.toYaml())));
        assertEquals(expected, expected.clone());
        assertEquals(expected.hashCode(), expected.clone().hashCode());
        for (Layer other : found) {
          assertNotEquals(other, expected);
        }
        found.add(expected);
      }
    }
  }

  private static Layer read(MultiLayerConfiguration conf) {
    return conf.getConf(0).getLayer();
  }

  @Test
  void whatCannotBeIsRefusedByItsNameAndValue() {
    refuse("epsilon = 0.0", () -> new LayerNorm.Builder().epsilon(0));
    refuse("epsilon = NaN", () -> new GroupNorm.Builder().epsilon(Double.NaN));
    refuse("epsilon = Infinity", () -> new BatchNorm.Builder().epsilon(1 / 0.0));
    refuse("decay = 1.0", () -> new BatchNorm.Builder().decay(1));
    refuse("groups = 0", () -> new GroupNorm.Builder().groups(0));
    refuse("kernel = 0", () -> new DepthwiseConvolution.Builder().kernel(0));
    refuse("stride = 0", () -> new DepthwiseConvolution.Builder().stride(0));
    refuse("padding = -1", () -> new DepthwiseConvolution.Builder().padding(-1));
    refuse("patch = 0", () -> new PatchEmbedding.Builder().patch(0));
    refuse("kernel = 0", () -> new PatchEmbedding.Builder().kernel(0));
    refuse("stride = 0", () -> new PatchEmbedding.Builder().stride(0));
    refuse("padding = -1", () -> new PatchEmbedding.Builder().padding(-1));
    refuse("heads = 0", () -> new WindowAttention.Builder().heads(0));
    refuse("window = 0", () -> new WindowAttention.Builder().window(0));
    refuse("shift = -1", () -> new WindowAttention.Builder().shift(-1));
    refuse("epsilon = 0.0", () -> new WindowAttention.Builder().layerNorm(0));
    refuse("heads = 0", () -> new SelfAttention.Builder().heads(0));
  }

  private static void refuse(String nameAndValue, Executable builder) {
    String message = assertThrows(IllegalArgumentException.class, builder).getMessage();
    assertTrue(message.startsWith(nameAndValue + ", expected "), message);
  }

  /** The layer's own name, and what was found, where a user has the wrong array. */
  @ParameterizedTest
  @MethodSource("cases")
  void arraysOfOtherChannelsNameTheLayer(LayerCase c) {
    ComputationGraph network = c.network(DataType.FLOAT, new NoOp());
    long[] shape = c.input().getShape(true).clone();
    shape[0] = LayerCase.BATCH;
    shape[shape.length - 1] += 2;
    Exception e =
        assertThrows(Exception.class, () -> network.outputSingle(Nd4j.rand(DataType.FLOAT, shape)));
    assertTrue(e.getMessage().contains("Layer \"layer\" ("), e.getMessage());
    assertTrue(e.getMessage().matches("(?s).*expected .*\\[.*"), e.getMessage());
  }

  /** A number of inputs that was set and is not the input type's. */
  @ParameterizedTest
  @MethodSource("cases")
  void anotherNumberOfInputsNamesTheLayer(LayerCase c) {
    ChannelsLastLayer layer = (ChannelsLastLayer) c.layer().get();
    layer.setLayerName("layer");
    layer.setNIn(99);
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> layer.setNIn(c.input(), false));
    assertTrue(e.getMessage().startsWith("Layer \"layer\" ("), e.getMessage());
    assertTrue(e.getMessage().contains("nIn = 99 does not fit, found "), e.getMessage());
  }

  /** Images where there are none, and channels that heads or groups do not divide. */
  @Test
  void inputsThatDoNotFitNameTheLayer() {
    InputType vectors = InputType.feedForward(6);
    for (Layer layer :
        List.of(
            new DepthwiseConvolution(),
            new PatchEmbedding.Builder().patch(2).nOut(3).build(),
            new PatchMerging(),
            new WindowAttention.Builder().window(2).build())) {
      assertTrue(
          refusal(layer, vectors)
              .contains("(" + layer.getClass().getSimpleName() + "): expected InputType.conv"),
          refusal(layer, vectors));
    }
    InputType image = LayerCase.image(4, 4, 6);
    for (Layer layer :
        List.of(
            new GroupNorm.Builder().groups(4).build(),
            new WindowAttention.Builder().heads(4).window(2).build(),
            new SelfAttention.Builder().heads(4).build(),
            new WindowAttention.Builder().window(3).build())) {
      assertTrue(refusal(layer, image).startsWith("Layer \"layer\" ("), refusal(layer, image));
    }
    assertTrue(
        refusal(new PatchMerging(), LayerCase.image(3, 4, 6)).startsWith("Layer \"layer\" ("));
  }

  private static String refusal(Layer layer, InputType input) {
    return assertThrows(
            IllegalStateException.class,
            () -> new LayerCase("", () -> layer, input).network(DataType.FLOAT, new NoOp()))
        .getMessage();
  }

  @Test
  void aLayerWithoutSizesSaysWhatToSet() {
    ComputationGraph network =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("layer", new LayerNorm(), "in")
                .setOutputs("layer")
                .validateOutputLayerConfig(false)
                .build());
    String message = assertThrows(IllegalStateException.class, network::init).getMessage();
    assertEquals(
        "Layer \"layer\" (LayerNorm): nIn = 0, nOut = 0; set them, or give the network an input type",
        message);
  }

  /** Two moments for each number that is trained. */
  @ParameterizedTest
  @MethodSource("cases")
  void theMemoryReportCountsTensorsAndTheirOptimizer(LayerCase c) {
    ComputationGraph network = c.network(DataType.FLOAT, new Adam());
    ChannelsLastLayer layer = (ChannelsLastLayer) network.getLayer("layer").conf().getLayer();
    LayerMemoryReport report = layer.getMemoryReport(c.input());
    long trained =
        layer.tensors().stream()
            .filter(tensor -> tensor.role() != Role.STATISTIC)
            .mapToLong(LayerTensor::length)
            .sum();
    assertEquals(network.getLayer("layer").numParams(), report.getParameterSize());
    assertEquals(2 * trained, report.getUpdaterStateSize());
    assertEquals(
        layer.keptForBackward(c.input()),
        report.getWorkingMemoryVariableTrain().get(CacheMode.NONE));
  }
}
