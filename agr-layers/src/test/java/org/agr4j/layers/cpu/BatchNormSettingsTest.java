package org.agr4j.layers.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.CacheMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** The product of batch norm's settings: fast is plain DL4J, or the layer was left alone. */
class BatchNormSettingsTest {
  static Stream<Arguments> settings() {
    List<Arguments> all = new ArrayList<>();
    for (CNN2DFormat format : CNN2DFormat.values()) {
      for (boolean logStd : new boolean[] {true, false}) {
        for (boolean locked : new boolean[] {true, false}) {
          for (double epsilon : new double[] {1e-5, 0.1}) {
            all.add(arguments(format, logStd, locked, epsilon));
          }
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest(name = "{0}, log std {1}, locked {2}, epsilon {3}")
  @MethodSource("settings")
  void allSettings(CNN2DFormat format, boolean logStd, boolean locked, double epsilon) {
    for (CacheMode cache : CacheMode.values()) {
      for (boolean divide : new boolean[] {true, false}) {
        BatchNormalization layer =
            new BatchNormalization.Builder()
                .useLogStd(logStd)
                .lockGammaBeta(locked)
                .eps(epsilon)
                .decay(0.8)
                .dataFormat(format)
                .build();
        Agreement agreement =
            new Agreement(
                ConvolutionCases.network(
                    format,
                    settings -> settings.cacheMode(cache).miniBatch(divide),
                    layer,
                    convolution(format)));
        if (locked) { // plain DL4J forgets a fixed gamma where beta is 0
          assertNull(agreement.fast().getLayer(0).getHelper());
        } else {
          agreement.check(ConvolutionCases.data(format, 3));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void everyLayoutOfTheInput(CNN2DFormat format) {
    Agreement agreement = new Agreement(ConvolutionCases.network(format, norm(format)));
    for (int batch : new int[] {1, 3}) {
      DataSet data = ConvolutionCases.data(format, batch);
      for (INDArray images : Layouts.of(data.getFeatures())) {
        assertEquals(data.getFeatures(), images);
        agreement.check(new DataSet(images, data.getLabels()));
      }
    }
  }

  /** Down to so few pixels that DL4J's own passes are used. */
  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void imagesMayChangeTheirSize(CNN2DFormat format) {
    Agreement agreement =
        new Agreement(
            ConvolutionCases.network(
                format, norm(format), new GlobalPoolingLayer(PoolingType.MAX)));
    for (int[] size : new int[][] {{8, 7}, {1, 2}, {40, 30}, {1, 1}, {2, 2}, {8, 7}}) {
      agreement.check(ConvolutionCases.data(format, 3, size[0], size[1]));
    }
  }

  /**
   * A frozen layer normalizes with the running mean and variance and hands the gradient on. Plain
   * DL4J gets through only without workspaces.
   */
  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void frozenWithGradient(CNN2DFormat format) {
    Layer[] layers = {convolution(format), new FrozenLayerWithBackprop(norm(format))};
    MultiLayerConfiguration plain =
        ConvolutionCases.network(
            format,
            settings ->
                settings
                    .trainingWorkspaceMode(WorkspaceMode.NONE)
                    .inferenceWorkspaceMode(WorkspaceMode.NONE),
            layers);
    DataSet data = ConvolutionCases.data(format, 3);
    new Agreement(plain).check(data);
    if (format == CNN2DFormat.NCHW) { // where the layer is a fast one
      new Agreement(plain, ConvolutionCases.network(format, layers)).check(data);
    }
  }

  private static BatchNormalization norm(CNN2DFormat format) {
    return new BatchNormalization.Builder().dataFormat(format).build();
  }

  private static ConvolutionLayer convolution(CNN2DFormat format) {
    return ConvolutionCases.convolution(format, Activation.RELU.getActivationFunction()).build();
  }
}
