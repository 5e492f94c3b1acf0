package org.agr4j.layers.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.CacheMode;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNConvHelper;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** The product of a convolution's settings: fast is plain DL4J, or the layer was left alone. */
class ConvolutionSettingsTest {
  private static final IActivation RELU = new ActivationReLU();
  private static final IActivation IDENTITY = Activation.IDENTITY.getActivationFunction();

  @BeforeAll
  static void needsOneDnn() {
    Assumptions.assumeTrue(FastCpuLayers.oneDnnBuilt());
  }

  static Stream<Arguments> geometries() {
    List<Arguments> all = new ArrayList<>();
    for (CNN2DFormat format : CNN2DFormat.values()) {
      for (int[] kernel : new int[][] {{1, 1}, {3, 3}, {2, 3}, {5, 1}}) {
        for (String padding : new String[] {"0", "1", "2", "same"}) {
          all.add(arguments(format, kernel, padding));
        }
      }
    }
    return all.stream();
  }

  /** With strides that leave a rest, too, which DL4J cuts off. */
  @ParameterizedTest(name = "{0}, kernel {1}, padding {2}")
  @MethodSource("geometries")
  void kernelStridePaddingBiasAndActivation(CNN2DFormat format, int[] kernel, String padding) {
    for (int[] stride : new int[][] {{1, 1}, {2, 2}, {2, 1}, {3, 3}}) {
      for (boolean bias : new boolean[] {true, false}) {
        for (IActivation activation : List.of(IDENTITY, RELU)) {
          ConvolutionLayer.Builder layer =
              ConvolutionCases.convolution(format, activation)
                  .kernelSize(kernel)
                  .stride(stride)
                  .hasBias(bias);
          if (padding.equals("same")) {
            layer.convolutionMode(ConvolutionMode.Same);
          } else {
            int pixels = Integer.parseInt(padding);
            layer.padding(pixels, pixels);
          }
          Agreement agreement = agreement(ConvolutionCases.network(format, layer.build()));
          DataSet data = ConvolutionCases.data(format, 2);
          agreement.activations(data.getFeatures());
          agreement.gradients(data);
        }
      }
    }
  }

  static Stream<Arguments> activations() {
    List<Arguments> all = new ArrayList<>();
    for (CNN2DFormat format : CNN2DFormat.values()) {
      for (Activation activation : Activation.values()) {
        // Plain DL4J's randomized ReLU fails in its backward pass.
        if (activation != Activation.RRELU) {
          all.add(arguments(format, activation.name(), activation.getActivationFunction()));
        }
      }
      all.add(arguments(format, "ReLU to 6", new ActivationReLU(6.0, null, null)));
      all.add(arguments(format, "ReLU over 0.2", new ActivationReLU(null, 0.2, null)));
      all.add(arguments(format, "ReLU with slope", new ActivationReLU(null, null, 0.1)));
    }
    return all.stream();
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("activations")
  void everyActivation(CNN2DFormat format, String name, IActivation activation) {
    for (CacheMode cache : new CacheMode[] {CacheMode.NONE, CacheMode.DEVICE}) {
      Agreement agreement =
          agreement(
              ConvolutionCases.network(
                  format,
                  settings -> settings.cacheMode(cache),
                  ConvolutionCases.convolution(format, activation).build(),
                  ConvolutionCases.convolution(format, activation).build()));
      DataSet data = ConvolutionCases.data(format, 3);
      agreement.activations(data.getFeatures());
      agreement.gradients(data);
    }
  }

  /** The path from the outside: whatever a user's array looks like in memory. */
  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void everyLayoutOfTheInput(CNN2DFormat format) {
    Agreement agreement =
        agreement(
            ConvolutionCases.network(
                format, ConvolutionCases.convolution(format, RELU).hasBias(false).build()));
    for (int batch : new int[] {1, 3}) {
      DataSet data = ConvolutionCases.data(format, batch);
      for (INDArray images : Layouts.of(data.getFeatures())) {
        assertEquals(data.getFeatures(), images);
        agreement.check(new DataSet(images, data.getLabels()));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void workspacesAndMinibatchDivision(CNN2DFormat format) {
    for (WorkspaceMode mode : WorkspaceMode.values()) {
      for (CacheMode cache : CacheMode.values()) {
        for (boolean divide : new boolean[] {true, false}) {
          agreement(
                  ConvolutionCases.network(
                      format,
                      settings ->
                          settings
                              .trainingWorkspaceMode(mode)
                              .inferenceWorkspaceMode(mode)
                              .cacheMode(cache)
                              .miniBatch(divide),
                      ConvolutionCases.convolution(format, RELU).build(),
                      ConvolutionCases.convolution(format, IDENTITY).build()))
              .check(ConvolutionCases.data(format, 3));
        }
      }
    }
  }

  /** The operations' arguments are kept from the first batch on. */
  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void imagesMayChangeTheirSize(CNN2DFormat format) {
    for (ConvolutionMode mode :
        new ConvolutionMode[] {ConvolutionMode.Same, ConvolutionMode.Truncate}) {
      Agreement agreement =
          agreement(
              ConvolutionCases.network(
                  format,
                  ConvolutionCases.convolution(format, RELU)
                      .convolutionMode(mode)
                      .stride(2, 2)
                      .build(),
                  new GlobalPoolingLayer(PoolingType.MAX)));
      for (int[] size : new int[][] {{8, 7}, {11, 6}, {5, 12}, {8, 7}}) {
        agreement.check(ConvolutionCases.data(format, 1 + size[0] % 3, size[0], size[1]));
      }
    }
  }

  /** ND4J cannot describe them to oneDNN. */
  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void dilatedOnesAreLeftAlone(CNN2DFormat format) {
    for (int[] dilation : new int[][] {{2, 2}, {1, 2}, {2, 1}}) {
      MultiLayerConfiguration configuration =
          ConvolutionCases.network(
              format, ConvolutionCases.convolution(format, RELU).dilation(dilation).build());
      Agreement agreement = new Agreement(configuration);
      assertNull(agreement.fast().getLayer(0).getHelper());
      agreement.check(ConvolutionCases.data(format, 3));
      MultiLayerNetwork again = new MultiLayerNetwork(configuration.clone());
      again.init();
      String line = FastCpuLayers.install(again);
      assertTrue(line.contains("oneDNN for 0 convolutions"), line);
    }
  }

  private static Agreement agreement(MultiLayerConfiguration configuration) {
    Agreement agreement = new Agreement(configuration);
    assertTrue(agreement.fast().getLayer(0).getHelper() instanceof MKLDNNConvHelper);
    return agreement;
  }
}
