package org.agr4j.layers.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Passes in another order than training has them: nothing is left over from an earlier batch. */
class OrderOfPassesTest {
  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void convolutionBackwardAfterInference(CNN2DFormat format) {
    backwardAfterInference(format, convolution(format).build(), 6, 5);
  }

  /** The first images are too small for the fused passes. */
  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void batchNormBackwardAfterInference(CNN2DFormat format) {
    Layer layer = new BatchNormalization.Builder().dataFormat(format).build();
    backwardAfterInference(format, layer, 1, 3);
    backwardAfterInference(format, layer, 6, 5);
  }

  private static void backwardAfterInference(
      CNN2DFormat format, Layer layer, int firstHeight, int firstWidth) {
    MultiLayerNetwork plain = network(format, layer);
    MultiLayerNetwork fast = network(format, layer);
    FastCpuLayers.install(fast);
    INDArray first = ConvolutionCases.data(format, 2, firstHeight, firstWidth).getFeatures();
    INDArray second = ConvolutionCases.data(format, 3).getFeatures();
    INDArray error = Nd4j.linspace(-1, 1, plain.output(second).length(), DataType.FLOAT);
    Pair<Gradient, INDArray> expected = backward(plain, first, second, error);
    Pair<Gradient, INDArray> actual = backward(fast, first, second, error);
    expected
        .getFirst()
        .gradientForVariable()
        .forEach((name, g) -> Agreement.close(name, g, actual.getFirst().getGradientFor(name)));
    Agreement.close("input", expected.getSecond(), actual.getSecond());
  }

  private static Pair<Gradient, INDArray> backward(
      MultiLayerNetwork network, INDArray first, INDArray second, INDArray error) {
    network.feedForward(first, true);
    network.setInput(second);
    List<INDArray> activations = network.feedForward(false, false);
    INDArray last = activations.get(activations.size() - 1);
    return network.backpropGradient(error.reshape(last.shape()), LayerWorkspaceMgr.noWorkspaces());
  }

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void noiseOnWeightsIsNewForEveryGradient(CNN2DFormat format) {
    MultiLayerConfiguration configuration =
        ConvolutionCases.network(
            format, convolution(format).weightNoise(new DropConnect(0.5)).build());
    MultiLayerNetwork plain = new MultiLayerNetwork(configuration.clone());
    MultiLayerNetwork fast = new MultiLayerNetwork(configuration.clone());
    plain.init();
    fast.init();
    FastCpuLayers.install(fast);
    List<INDArray> expected = twoGradients(plain, format);
    List<INDArray> actual = twoGradients(fast, format);
    assertTrue(expected.get(0).distance2(expected.get(1)) > 1e-3);
    for (int i = 0; i < 2; i++) {
      Agreement.close("gradient " + i, expected.get(i), actual.get(i));
    }
  }

  private static List<INDArray> twoGradients(MultiLayerNetwork network, CNN2DFormat format) {
    Nd4j.getRandom().setSeed(3);
    DataSet data = ConvolutionCases.data(format, 2);
    network.setInput(data.getFeatures());
    network.setLabels(data.getLabels());
    network.computeGradientAndScore();
    INDArray first = network.gradient().gradient().dup();
    network.setInput(data.getFeatures());
    network.computeGradientAndScore();
    return List.of(first, network.gradient().gradient().dup());
  }

  private static ConvolutionLayer.Builder convolution(CNN2DFormat format) {
    return ConvolutionCases.convolution(format, Activation.RELU.getActivationFunction());
  }

  /** The layer alone, without an output: the error comes from outside. */
  private static MultiLayerNetwork network(CNN2DFormat format, Layer layer) {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(5)
                .trainingWorkspaceMode(WorkspaceMode.NONE)
                .inferenceWorkspaceMode(WorkspaceMode.NONE)
                .list()
                .layer(layer.clone())
                .setInputType(
                    InputType.convolutional(
                        ConvolutionCases.HEIGHT,
                        ConvolutionCases.WIDTH,
                        ConvolutionCases.CHANNELS,
                        format))
                .build());
    network.init();
    return network;
  }
}
