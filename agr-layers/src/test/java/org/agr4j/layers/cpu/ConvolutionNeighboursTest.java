package org.agr4j.layers.cpu;

import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.constraint.NonNegativeConstraint;
import org.deeplearning4j.nn.conf.constraint.UnitNormConstraint;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.conf.weightnoise.WeightNoise;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** A fast convolution among other layers, and with DL4J's settings for training. */
class ConvolutionNeighboursTest {
  private static final IActivation RELU = Activation.RELU.getActivationFunction();

  private static Map<String, Layer> above(CNN2DFormat format) {
    Map<String, Layer> all = new LinkedHashMap<>();
    // Plain layers hand down gradients with strides of every kind.
    all.put("dilated", convolution(format).dilation(2, 2).build());
    all.put("convolution", convolution(format).build());
    all.put("depthwise", new DepthwiseConvolution2D.Builder(2, 2).dataFormat(format).build());
    all.put(
        "separable", new SeparableConvolution2D.Builder(2, 2).nOut(4).dataFormat(format).build());
    all.put("deconvolution", new Deconvolution2D.Builder(2, 2).nOut(4).dataFormat(format).build());
    for (PoolingType type : new PoolingType[] {PoolingType.MAX, PoolingType.AVG}) {
      all.put(type + " pool", new SubsamplingLayer.Builder(type).dataFormat(format).build());
      all.put("global " + type + " pool", new GlobalPoolingLayer(type));
    }
    all.put("upsampling", new Upsampling2D.Builder(2).dataFormat(format).build());
    all.put("zero padding", new ZeroPaddingLayer.Builder(1, 2).dataFormat(format).build());
    all.put("cropping", new Cropping2D.Builder(1, 1).dataFormat(format).build());
    all.put("LRN", new LocalResponseNormalization.Builder().dataFormat(format).build());
    all.put("batch norm", new BatchNormalization.Builder().dataFormat(format).build());
    all.put("tanh", new ActivationLayer(Activation.TANH));
    all.put("dropout", new DropoutLayer(0.6));
    all.put("noise", new DropoutLayer.Builder(new GaussianNoise(1.0)).build());
    // Frozen layers run as in inference, where this one writes into its input.
    all.put("frozen sigmoid", new FrozenLayerWithBackprop(new ActivationLayer(Activation.SIGMOID)));
    all.put("frozen convolution", new FrozenLayerWithBackprop(convolution(format).build()));
    all.put("dense", new DenseLayer.Builder().nOut(7).activation(Activation.TANH).build());
    all.put("dense dropout", new DenseLayer.Builder().nOut(7).dropOut(0.5).build());
    all.put(
        "dense noise", new DenseLayer.Builder().nOut(7).dropOut(new GaussianNoise(1.0)).build());
    return all;
  }

  private static ConvolutionLayer.Builder convolution(CNN2DFormat format) {
    return new ConvolutionLayer.Builder(2, 2).nOut(4).activation(RELU).dataFormat(format);
  }

  static Stream<Arguments> neighbours() {
    return perFormat(ConvolutionNeighboursTest::above);
  }

  @ParameterizedTest(name = "{0}, then {1}")
  @MethodSource("neighbours")
  void layersAbove(CNN2DFormat format, String name, Layer above) {
    for (Activation activation : new Activation[] {Activation.RELU, Activation.IDENTITY}) {
      new Agreement(
              ConvolutionCases.network(
                  format,
                  ConvolutionCases.convolution(format, activation.getActivationFunction()).build(),
                  above))
          .check(ConvolutionCases.data(format, 3));
    }
  }

  static Stream<Arguments> losses() {
    return Stream.of(CNN2DFormat.values())
        .flatMap(
            format ->
                Stream.of(
                        Activation.IDENTITY,
                        Activation.RELU,
                        Activation.SIGMOID,
                        Activation.SOFTPLUS,
                        Activation.TANH)
                    .map(activation -> arguments(format, activation)));
  }

  /** Loss layers have no weights, so they meet the convolution's own activations. */
  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("losses")
  void lossesDirectlyAbove(CNN2DFormat format, Activation activation) {
    DataSet data = ConvolutionCases.data(format, 3);
    int[] shape = format == CNN2DFormat.NCHW ? new int[] {3, 5, 6, 5} : new int[] {3, 6, 5, 5};
    INDArray pixels = Nd4j.linspace(0.01, 0.99, 3 * 5 * 6 * 5, DataType.FLOAT).reshape(shape);
    check(
        format,
        new CnnLossLayer.Builder(LossFunction.MSE).format(format).activation(activation).build(),
        new DataSet(data.getFeatures(), pixels));
    check(
        format,
        new LossLayer.Builder(LossFunction.MSE).activation(activation).build(),
        new DataSet(data.getFeatures(), pixels.reshape(3, -1)));
  }

  private static void check(CNN2DFormat format, Layer loss, DataSet data) {
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder()
            .seed(5)
            .updater(new Sgd(0.05))
            .list()
            .layer(ConvolutionCases.convolution(format, RELU).build())
            .layer(loss);
    if (loss instanceof LossLayer) {
      list.inputPreProcessor(1, new CnnToFeedForwardPreProcessor(6, 5, 5, format));
    }
    new Agreement(
            list.setInputType(
                    InputType.convolutional(
                        ConvolutionCases.HEIGHT,
                        ConvolutionCases.WIDTH,
                        ConvolutionCases.CHANNELS,
                        format))
                .build())
        .check(data);
  }

  private static Map<String, Layer> regularized(CNN2DFormat format) {
    Map<String, Layer> all = new LinkedHashMap<>();
    all.put("noise", convolution(format).dropOut(new GaussianNoise(0.7)).build());
    if (format == CNN2DFormat.NCHW) { // plain DL4J mixes up the axes of the other
      for (IDropout dropout :
          List.of(
              new Dropout(0.7),
              new SpatialDropout(0.7),
              new GaussianDropout(0.7),
              new AlphaDropout(0.7))) {
        all.put(dropout.getClass().getSimpleName(), convolution(format).dropOut(dropout).build());
      }
    }
    all.put("drop connect", convolution(format).weightNoise(new DropConnect(0.6, true)).build());
    all.put(
        "weight noise",
        convolution(format)
            .weightNoise(new WeightNoise(new NormalDistribution(1, 0.5), true, false))
            .build());
    all.put(
        "largest norm",
        convolution(format).constrainWeights(new MaxNormConstraint(0.3, 1, 2, 3)).build());
    all.put(
        "unit norm", convolution(format).constrainWeights(new UnitNormConstraint(1, 2, 3)).build());
    all.put(
        "not negative",
        convolution(format).constrainAllParameters(new NonNegativeConstraint()).build());
    all.put("L1 and L2", convolution(format).l1(0.01).l2(0.02).l1Bias(0.03).build());
    all.put(
        "clipped",
        convolution(format)
            .gradientNormalization(GradientNormalization.ClipL2PerLayer)
            .gradientNormalizationThreshold(0.01)
            .build());
    all.put("no fallback", convolution(format).helperAllowFallback(false).build());
    return all;
  }

  static Stream<Arguments> regularizations() {
    return perFormat(ConvolutionNeighboursTest::regularized);
  }

  /** Second in its network, where dropout writes into the activations of the first. */
  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("regularizations")
  void settingsForTraining(CNN2DFormat format, String name, Layer layer) {
    DataSet data = ConvolutionCases.data(format, 3);
    new Agreement(ConvolutionCases.network(format, layer)).check(data);
    new Agreement(
            ConvolutionCases.network(
                format, ConvolutionCases.convolution(format, RELU).build(), layer))
        .check(data);
  }

  /**
   * Plain DL4J mixes up the axes in the backward pass of dropout before a channels-last
   * convolution; the fast one is compared with plain DL4J's channels-first.
   */
  @Test
  void dropoutOfChannelsLastIsThatOfChannelsFirst() {
    Assumptions.assumeTrue(FastCpuLayers.oneDnnBuilt());
    MultiLayerNetwork first = withDropout(CNN2DFormat.NCHW);
    MultiLayerNetwork last = withDropout(CNN2DFormat.NHWC);
    FastCpuLayers.install(last);
    last.setParams(first.params());
    DataSet data = ConvolutionCases.data(CNN2DFormat.NHWC, 3);
    DataSet permuted = new DataSet(data.getFeatures().permute(0, 3, 1, 2), data.getLabels());
    Pair<Gradient, INDArray> expected = Agreement.backward(first, permuted);
    Pair<Gradient, INDArray> actual = Agreement.backward(last, data);
    expected
        .getFirst()
        .gradientForVariable()
        .forEach((name, g) -> Agreement.close(name, g, actual.getFirst().getGradientFor(name)));
    Agreement.close("input", expected.getSecond().permute(0, 2, 3, 1), actual.getSecond());
  }

  private static MultiLayerNetwork withDropout(CNN2DFormat format) {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            ConvolutionCases.network(
                format,
                ConvolutionCases.convolution(format, RELU)
                    .dropOut(new DropoutOfSmallValues())
                    .build(),
                convolution(format).dropOut(new DropoutOfSmallValues()).build(),
                new GlobalPoolingLayer(PoolingType.PNORM)));
    network.init();
    return network;
  }

  private static Stream<Arguments> perFormat(Function<CNN2DFormat, Map<String, Layer>> layers) {
    List<Arguments> all = new ArrayList<>();
    for (CNN2DFormat format : CNN2DFormat.values()) {
      layers.apply(format).forEach((name, layer) -> all.add(arguments(format, name, layer)));
    }
    return all.stream();
  }
}
