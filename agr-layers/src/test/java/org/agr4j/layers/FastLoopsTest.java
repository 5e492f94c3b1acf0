package org.agr4j.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.agr4j.layers.cpu.FastCpuLayers;
import org.agr4j.layers.cpu.FloatRows;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/** The fast FLOAT loops give what ND4J's operations give in DOUBLE, over many shapes. */
class FastLoopsTest {
  private static final double TOLERANCE = 5e-6;

  // Winograd's transformations multiply by up to 8 and divide by up to 24.
  private static final String IN_TILES = "in tiles";
  private static final double TOLERANCE_IN_TILES = 2e-5;

  /** Shapes drawn at random, and the edges: one row, one column, one more than a piece. */
  static List<LayerCase> cases() {
    List<LayerCase> cases = new ArrayList<>(LayerCase.all());
    Random random = new Random(17);
    for (int c : new int[] {1, 3, 8, 17, 64, 130}) {
      InputType image = LayerCase.image(1 + random.nextInt(9), 1 + random.nextInt(9), c);
      add(cases, "layer norm", LayerNorm::new, image);
      add(cases, "batch norm", () -> new BatchNorm.Builder().activation(new Gelu()).build(), image);
      add(cases, "scale", () -> new LayerScale.Builder().initial(1).build(), image);
      add(
          cases,
          "dense",
          () -> new PositionwiseDense.Builder().nOut(c + 2).activation(new Gelu()).build(),
          image);
      int kernel = 1 + random.nextInt(7);
      int stride = 1 + random.nextInt(3);
      add(
          cases,
          "depthwise " + kernel + " stride " + stride,
          () -> new DepthwiseConvolution.Builder().kernel(kernel).stride(stride).build(),
          LayerCase.image(kernel + random.nextInt(6), kernel + random.nextInt(6), c));
      add(
          cases,
          "patches of " + kernel,
          () ->
              new PatchEmbedding.Builder()
                  .kernel(kernel)
                  .stride(stride)
                  .padding(kernel / 2)
                  .nOut(5)
                  .build(),
          LayerCase.image(kernel + random.nextInt(6), kernel + random.nextInt(6), c));
      add(cases, "merging", PatchMerging::new, LayerCase.image(4, 6, c));
      int groups = c % 4 == 0 ? 4 : 1;
      add(cases, "group norm", () -> new GroupNorm.Builder().groups(groups).build(), image);
      add(
          cases,
          "group norm with Swish",
          () -> new GroupNorm.Builder().groups(c).activation(new ActivationSwish()).build(),
          LayerCase.image(1 + c % 13, 2 + c % 11, c));
      add(
          cases,
          "3×3 convolution",
          () ->
              new PatchEmbedding.Builder().kernel(3).stride(1).padding(1).nOut(16 * groups).build(),
          LayerCase.image(3 + c % 7, 3 + c % 7, c));
      add(cases, "upsampling", NearestUpsampling::new, image);
      int heads = 1 + random.nextInt(3);
      int side = 2 + random.nextInt(4);
      add(
          cases,
          "windows of " + side,
          () ->
              new WindowAttention.Builder()
                  .heads(heads)
                  .window(side)
                  .shift(random.nextInt(side))
                  .bias(PositionBias.RELATIVE)
                  .build(),
          LayerCase.image(side * 2, side * 3, c * heads));
      add(
          cases,
          "padded windows of " + side,
          () ->
              new WindowAttention.Builder()
                  .heads(heads)
                  .window(side)
                  .padded(true)
                  .byHead(true)
                  .layerNorm(1e-5)
                  .bias(PositionBias.OFFSET)
                  .build(),
          LayerCase.image(1 + random.nextInt(9), 1 + random.nextInt(9), c * heads));
      add(
          cases,
          "self attention",
          () -> new SelfAttention.Builder().heads(heads).build(),
          InputType.recurrent(c * heads, 1 + random.nextInt(20), RNNFormat.NWC));
    }
    for (int width : new int[] {32, 48}) {
      add(cases, "large attention", SelfAttention::new, LayerCase.image(16, 8, width));
    }
    // Small batches of many channels, in tiles of 4×4 positions.
    for (int channels : new int[] {64, 100}) {
      add(
          cases,
          "3×3 convolution " + IN_TILES,
          () -> new PatchEmbedding.Builder().kernel(3).stride(1).padding(1).nOut(72).build(),
          LayerCase.image(18, 19, channels));
    }
    // One head over 128 positions and more, odd numbers of them and of channels, and two heads.
    add(cases, "large attention", SelfAttention::new, LayerCase.image(16, 16, 64));
    add(cases, "large attention", SelfAttention::new, LayerCase.image(43, 3, 33));
    add(cases, "large attention", SelfAttention::new, LayerCase.image(11, 13, 35));
    add(
        cases,
        "large attention of two heads",
        () -> new SelfAttention.Builder().heads(2).build(),
        LayerCase.image(13, 10, 66));
    add(cases, "long sample", LayerNorm::new, LayerCase.image(33, 31, 5));
    // Windows below and above the most tokens that are worked on in lanes, in groups of several.
    for (int side : new int[] {1, 2, 4, 7, 8}) {
      int heads = 1 + side % 3;
      add(
          cases,
          "shifted windows of " + side,
          () ->
              new WindowAttention.Builder()
                  .heads(heads)
                  .window(side)
                  .shift(side / 2)
                  .bias(PositionBias.RELATIVE)
                  .build(),
          LayerCase.image(side * 3, side * 2, 5 * heads));
      add(
          cases,
          "padded windows of " + side,
          () ->
              new WindowAttention.Builder()
                  .heads(heads)
                  .window(side)
                  .padded(true)
                  .byHead(true)
                  .bias(PositionBias.OFFSET)
                  .build(),
          LayerCase.image(side * 2 - side / 2, side * 2 - 1, 32 * heads));
    }
    // More channels than a piece of rows has numbers, and columns that fill several tiles.
    InputType wide = LayerCase.image(2, 3, 1100);
    add(cases, "batch norm", () -> new BatchNorm.Builder().activation(new Gelu()).build(), wide);
    add(cases, "scale", () -> new LayerScale.Builder().initial(1).build(), wide);
    add(
        cases,
        "dense",
        () -> new PositionwiseDense.Builder().nOut(1030).activation(new Gelu()).build(),
        LayerCase.image(3, 1, 4));
    for (int i = 0; i < 40; i++) {
      int kernel = 1 + random.nextInt(7);
      int stride = i % 2 == 0 ? 1 : 1 + random.nextInt(4);
      int padding = random.nextInt(kernel + 2);
      int c = new int[] {1, 7, 40, 96, 192, 385}[i % 6];
      add(
          cases,
          "depthwise " + kernel + " stride " + stride + " padding " + padding,
          () ->
              new DepthwiseConvolution.Builder()
                  .kernel(kernel)
                  .stride(stride)
                  .padding(padding)
                  .hasBias(kernel % 2 == 0)
                  .build(),
          LayerCase.image(
              Math.max(1, kernel - 2 * padding) + random.nextInt(5),
              Math.max(1, kernel - 2 * padding) + random.nextInt(24),
              c));
    }
    return cases;
  }

  private static void add(
      List<LayerCase> cases, String name, Supplier<Layer> layer, InputType input) {
    Layer built = layer.get(); // draws nothing again
    cases.add(new LayerCase(name + " " + input, built::clone, input));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void equalsOperationsInDouble(LayerCase c) {
    double tolerance = c.toString().contains(IN_TILES) ? TOLERANCE_IN_TILES : TOLERANCE;
    for (boolean training : new boolean[] {true, false}) {
      Map<String, INDArray> fast = run(c, DataType.FLOAT, training);
      Map<String, INDArray> exact = run(c, DataType.DOUBLE, training);
      double largest =
          exact.entrySet().stream()
              .filter(e -> e.getKey().startsWith("d "))
              .mapToDouble(e -> e.getValue().amaxNumber().doubleValue())
              .max()
              .orElse(0);
      assertEquals(exact.keySet(), fast.keySet());
      exact.forEach(
          (name, expected) -> {
            double scale =
                Math.max(expected.amaxNumber().doubleValue(), name.equals("y") ? 0 : largest);
            double error =
                fast.get(name).castTo(DataType.DOUBLE).sub(expected).amaxNumber().doubleValue();
            assertTrue(
                error <= tolerance * Math.max(scale, 1e-3),
                () -> c + " " + name + " training " + training + ": " + error + " of " + scale);
          });
    }
  }

  /** Output and gradients of the layer alone, for the same numbers in either type. */
  private static Map<String, INDArray> run(LayerCase c, DataType type, boolean training) {
    ComputationGraph network = c.network(type, new NoOp());
    org.deeplearning4j.nn.api.Layer layer = network.getLayer("layer");
    Random random = new Random(3);
    layer
        .paramTable()
        .forEach(
            (key, tensor) -> {
              fill(tensor, random, key.equals("var"));
              if (tensor.rank() == 2) { // keeps scores where softmax is not saturated
                tensor.divi(Math.sqrt(tensor.size(0)));
              }
            });
    long[] shape = c.input().getShape(true).clone();
    shape[0] = LayerCase.BATCH;
    INDArray x = fill(Nd4j.createUninitialized(type, shape, 'c'), random, false);
    LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();
    network.setBackpropGradientsViewArray(Nd4j.zeros(type, 1, network.numParams()));
    INDArray y = layer.activate(x, training, none);
    INDArray dy = fill(Nd4j.createUninitialized(type, y.shape(), 'c'), random, false);
    Pair<Gradient, INDArray> gradient = layer.backpropGradient(dy, none);
    Map<String, INDArray> results = new TreeMap<>();
    results.put("y", y);
    results.put("d x", gradient.getSecond());
    gradient
        .getFirst()
        .gradientForVariable()
        .forEach((key, value) -> results.put("d " + key, value));
    return results;
  }

  private static INDArray fill(INDArray array, Random random, boolean positive) {
    INDArray values = Nd4j.createUninitialized(DataType.DOUBLE, array.shape(), 'c');
    for (long i = 0; i < values.length(); i++) {
      double value = (float) random.nextGaussian();
      values.putScalar(i, positive ? Math.abs(value) + 0.5 : value);
    }
    return array.assign(values.castTo(array.dataType()));
  }

  @Test
  void geluIsExactFromEndToEnd() {
    INDArray x = Nd4j.linspace(DataType.DOUBLE, -12, 24.0 / 4000, 4001);
    Function<DataType, INDArray> value =
        type -> new Gelu().getActivation(x.castTo(type).dup(), true).castTo(DataType.DOUBLE);
    Function<DataType, INDArray> slope =
        type ->
            new Gelu()
                .backprop(x.castTo(type).dup(), Nd4j.ones(type, x.length()))
                .getFirst()
                .castTo(DataType.DOUBLE);
    for (Function<DataType, INDArray> f : List.of(value, slope)) {
      double error =
          f.apply(DataType.FLOAT).sub(f.apply(DataType.DOUBLE)).amaxNumber().doubleValue();
      assertTrue(error < 3e-6, "off by " + error);
    }
  }

  @Test
  void loopsAreTakenForPlainFloatsOnly() {
    INDArray floats = Nd4j.rand(DataType.FLOAT, 4, 6);
    assertTrue(FloatRows.usable(floats, null));
    assertTrue(!FloatRows.usable(floats.castTo(DataType.DOUBLE)));
    assertTrue(!FloatRows.usable(floats.transpose()));
    assertTrue(!FloatRows.usable(floats.dup('f')));
    System.setProperty(FastCpuLayers.PROPERTY, "false");
    try {
      assertTrue(!FloatRows.usable(floats));
    } finally {
      System.clearProperty(FastCpuLayers.PROPERTY);
    }
  }
}
